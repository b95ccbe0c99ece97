using Ipsec.Net;

namespace Ipsec.Esp.Inner.Nat;

/// <summary>
/// Many addresses behind few (NAPT): TCP, UDP and ICMP echo, each flow of five values with an external address and port of its own. Only the internal side
/// begins; from the external side passes what answers, from whom it was asked for, and errors about it.
/// </summary>
/// <remarks>
/// The external address follows from the internal one, so that a host has one address for all its flows (RFC 4787 §4.1, REQ-2) as long as ports suffice; the
/// port stays where it is free.
/// </remarks>
sealed class DynamicNat(NatRule rule, FlowHash hash) : NatTranslator(rule)
{
    const byte Fin = 0x01;
    const byte Syn = 0x02;
    const byte Rst = 0x04;
    const int PortsTried = 32;
    const int AddressesTried = 4;

    static readonly PortRange UsualPorts = new(1024, ushort.MaxValue);

    readonly PortRange _ports = rule.ExternalPorts ?? UsualPorts;
    readonly Lock _lock = new();
    readonly NatFlowTable _flows = new(hash);
    readonly NatFragments _sources = new();
    readonly NatFragments _destinations = new();
    readonly UInt128 _externalCount = rule.External.Last.Bits - rule.External.First.Bits + 1;

    protected override int FlowCount
    {
        get
        {
            lock (_lock)
                return _flows.Count;
        }
    }

    protected override bool TryForward(NatPacket packet, TimeSpan now)
    {
        IpAddress address;
        if (!packet.HasTransportHeader)
        {
            lock (_lock)
            {
                if (packet.IsV6 || !_sources.TryFind(packet, now, out address))
                    return false;
            }
            packet.SetSource(address);
            return true;
        }
        if (!packet.TryGetPorts(isSource: true, out ushort port, out ushort otherPort) || packet.IsFragment && packet.IsV6)
            return false;
        ushort externalPort;
        lock (_lock)
        {
            var flow = new NatFlow(packet.Protocol, packet.Source, port, packet.Destination, otherPort);
            int index = _flows.FindInternal(flow, now);
            if (index < 0)
                index = MayBegin(packet) ? Allocate(flow, now) : -1;
            if (index < 0)
                return false;
            _flows.Touch(index, SignsAfter(_flows.Signs(index), packet, isInternal: true), now);
            (address, externalPort) = (_flows.External(index).Address, _flows.External(index).Port);
            if (packet.IsFragment)
                _sources.Remember(packet, address, now);
        }
        packet.SetPort(isSource: true, externalPort);
        packet.SetSource(address);
        return true;
    }

    protected override bool TryReverse(NatPacket packet, TimeSpan now)
    {
        IpAddress address;
        if (!packet.HasTransportHeader)
        {
            lock (_lock)
            {
                if (packet.IsV6 || !_destinations.TryFind(packet, now, out address))
                    return false;
            }
            packet.SetDestination(address);
            return true;
        }
        if (!packet.TryGetPorts(isSource: false, out ushort port, out ushort otherPort) || packet.IsFragment && packet.IsV6 || packet.IsEchoRequest)
            return false;
        ushort internalPort;
        lock (_lock)
        {
            int index = _flows.FindExternal(new NatFlow(packet.Protocol, packet.Destination, port, packet.Source, otherPort), now);
            if (index < 0)
                return false;
            _flows.Touch(index, SignsAfter(_flows.Signs(index), packet, isInternal: false), now);
            (address, internalPort) = (_flows.Internal(index).Address, _flows.Internal(index).Port);
            if (packet.IsFragment)
                _destinations.Remember(packet, address, now);
        }
        packet.SetPort(isSource: false, internalPort);
        packet.SetDestination(address);
        return true;
    }

    public override bool TryForwardQuoted(NatPacket quoted, TimeSpan now, out IpAddress external)
    {
        external = default;
        if (!quoted.TryGetPorts(isSource: false, out ushort port, out ushort otherPort))
            return false;
        ushort externalPort;
        lock (_lock)
        {
            int index = _flows.FindInternal(new NatFlow(quoted.Protocol, quoted.Destination, port, quoted.Source, otherPort), now);
            if (index < 0)
                return false;
            (external, externalPort) = (_flows.External(index).Address, _flows.External(index).Port);
        }
        quoted.SetPort(isSource: false, externalPort);
        quoted.SetDestination(external);
        return true;
    }

    public override bool TryReverseQuoted(NatPacket quoted, TimeSpan now, out IpAddress @internal)
    {
        @internal = default;
        if (!quoted.TryGetPorts(isSource: true, out ushort port, out ushort otherPort))
            return false;
        ushort internalPort;
        lock (_lock)
        {
            int index = _flows.FindExternal(new NatFlow(quoted.Protocol, quoted.Source, port, quoted.Destination, otherPort), now);
            if (index < 0)
                return false;
            (@internal, internalPort) = (_flows.Internal(index).Address, _flows.Internal(index).Port);
        }
        quoted.SetPort(isSource: true, internalPort);
        quoted.SetSource(@internal);
        return true;
    }

    // RFC 5508 §4.2: without a flow of its own, an error has the addresses of the one that it reports about.
    public override IpAddress? ForwardSender(IpAddress sender, IpAddress? quoted) => quoted;

    public override IpAddress? ReverseReceiver(IpAddress receiver, IpAddress? quoted) => quoted;

    static bool MayBegin(NatPacket packet) => packet.Protocol switch
    {
        IpProtocol.Tcp => (packet.TcpFlags & Rst) == 0,
        IpProtocol.Udp => true,
        _ => packet.IsEchoRequest,
    };

    static NatFlowSigns SignsAfter(NatFlowSigns signs, NatPacket packet, bool isInternal)
    {
        byte flags = packet.TcpFlags;
        // The same ports may begin anew after the end.
        if (isInternal && (flags & Syn) != 0)
            return NatFlowSigns.None;
        if (!isInternal)
            signs |= NatFlowSigns.Answered;
        if ((flags & Fin) != 0)
            signs |= isInternal ? NatFlowSigns.InternalFin : NatFlowSigns.ExternalFin;
        return (flags & Rst) != 0 ? signs | NatFlowSigns.Reset : signs;
    }

    /// <summary>The flow's new place, or a negative number.</summary>
    int Allocate(in NatFlow flow, TimeSpan now)
    {
        UInt128 offset = (flow.Address.Bits - Rule.Internal.First.Bits) % _externalCount;
        int firstTry = (int)(flow.HashWith(hash) % (ulong)_ports.Count);
        // Without a range of the rule's own even a port below the usual ones stays.
        bool mayStay = Rule.ExternalPorts is not PortRange range || range.Contains(flow.Port);
        for (int addresses = 0; addresses < AddressesTried && (UInt128)addresses < _externalCount; addresses++)
        {
            IpAddress address = Rule.External.First.Plus((offset + (UInt128)addresses) % _externalCount);
            for (int tries = mayStay ? 0 : 1; tries <= PortsTried; tries++)
            {
                ushort port = tries == 0 ? flow.Port : (ushort)(_ports.First + (firstTry + tries) % _ports.Count);
                NatFlow external = flow with { Address = address, Port = port };
                if (_flows.FindExternal(external, now) >= 0)
                    continue;
                int index = _flows.Add(flow, external, now);
                if (index >= 0)
                    CountAllocation();
                return index;
            }
        }
        return -1;
    }
}
