using Ipsec.Net;

namespace Ipsec.Esp.Inner.Nat;

/// <summary>
/// One address and port for one address and port, in order, for TCP and UDP of a range of ports. Nothing is remembered but what the first fragment of a packet
/// became: those behind it have no ports, and one that comes before it is dropped.
/// </summary>
sealed class StaticPortNat(NatRule rule, PortRange internalPorts, PortRange externalPorts) : NatTranslator(rule)
{
    readonly Lock _lock = new();
    readonly NatFragments _sources = new();
    readonly NatFragments _destinations = new();

    protected override int FlowCount => 0;

    protected override bool TryForward(NatPacket packet, TimeSpan now)
    {
        if (!packet.HasTransportHeader)
        {
            if (!TryFindFragment(_sources, packet, now, out IpAddress address))
                return false;
            packet.SetSource(address);
            return true;
        }
        IpAddress external = Map(packet.Source, Rule.External);
        if (!packet.TryGetPorts(isSource: true, out ushort port, out _) || !TryRemember(_sources, packet, external, now))
            return false;
        packet.SetPort(isSource: true, External(port));
        packet.SetSource(external);
        return true;
    }

    protected override bool TryReverse(NatPacket packet, TimeSpan now)
    {
        if (!packet.HasTransportHeader)
        {
            if (!TryFindFragment(_destinations, packet, now, out IpAddress address))
                return false;
            packet.SetDestination(address);
            return true;
        }
        IpAddress @internal = Map(packet.Destination, Rule.Internal);
        if (!packet.TryGetPorts(isSource: false, out ushort port, out _) || !TryRemember(_destinations, packet, @internal, now))
            return false;
        packet.SetPort(isSource: false, Internal(port));
        packet.SetDestination(@internal);
        return true;
    }

    public override bool TryForwardQuoted(NatPacket quoted, TimeSpan now, out IpAddress external)
    {
        external = Map(quoted.Destination, Rule.External);
        if (!quoted.TryGetPorts(isSource: false, out ushort port, out _))
            return false;
        quoted.SetPort(isSource: false, External(port));
        quoted.SetDestination(external);
        return true;
    }

    public override bool TryReverseQuoted(NatPacket quoted, TimeSpan now, out IpAddress @internal)
    {
        @internal = Map(quoted.Source, Rule.Internal);
        if (!quoted.TryGetPorts(isSource: true, out ushort port, out _))
            return false;
        quoted.SetPort(isSource: true, Internal(port));
        quoted.SetSource(@internal);
        return true;
    }

    // The router that reports may be another one of the same network.
    public override IpAddress? ForwardSender(IpAddress sender, IpAddress? quoted) => Map(sender, Rule.External);

    public override IpAddress? ReverseReceiver(IpAddress receiver, IpAddress? quoted) => Map(receiver, Rule.Internal);

    ushort External(ushort port) => (ushort)(externalPorts.First + (port - internalPorts.First));

    ushort Internal(ushort port) => (ushort)(internalPorts.First + (port - externalPorts.First));

    bool TryFindFragment(NatFragments fragments, NatPacket packet, TimeSpan now, out IpAddress address)
    {
        lock (_lock)
        {
            address = default;
            return !packet.IsV6 && fragments.TryFind(packet, now, out address);
        }
    }

    /// <summary>False for a fragment that those behind it could not follow.</summary>
    bool TryRemember(NatFragments fragments, NatPacket packet, IpAddress replacement, TimeSpan now)
    {
        if (!packet.IsFragment)
            return true;
        if (packet.IsV6)
            return false;
        lock (_lock)
            fragments.Remember(packet, replacement, now);
        return true;
    }

    static IpAddress Map(IpAddress address, IpPrefix into) => into.Address.Plus(address.Bits & (into.Last.Bits - into.First.Bits));
}
