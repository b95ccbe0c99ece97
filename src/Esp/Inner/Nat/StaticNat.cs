using Ipsec.Net;

namespace Ipsec.Esp.Inner.Nat;

/// <summary>
/// One address for one address, in order: the bits behind the prefix stay. No state, so that either side may begin, and every fragment passes.
/// </summary>
sealed class StaticNat(NatRule rule) : NatTranslator(rule)
{
    protected override int FlowCount => 0;

    protected override bool TryForward(NatPacket packet, TimeSpan now)
    {
        packet.SetSource(Map(packet.Source, Rule.External));
        return true;
    }

    protected override bool TryReverse(NatPacket packet, TimeSpan now)
    {
        packet.SetDestination(Map(packet.Destination, Rule.Internal));
        return true;
    }

    public override bool TryForwardQuoted(NatPacket quoted, TimeSpan now, out IpAddress external)
    {
        external = Map(quoted.Destination, Rule.External);
        quoted.SetDestination(external);
        return true;
    }

    public override bool TryReverseQuoted(NatPacket quoted, TimeSpan now, out IpAddress @internal)
    {
        @internal = Map(quoted.Source, Rule.Internal);
        quoted.SetSource(@internal);
        return true;
    }

    // A router that reports is not always the host that it reports about.
    public override IpAddress? ForwardSender(IpAddress sender, IpAddress? quoted) => Map(sender, Rule.External);

    public override IpAddress? ReverseReceiver(IpAddress receiver, IpAddress? quoted) => Map(receiver, Rule.Internal);

    static IpAddress Map(IpAddress address, IpPrefix into) =>
        into.Address.Plus(address.Bits & (into.Last.Bits - into.First.Bits));
}
