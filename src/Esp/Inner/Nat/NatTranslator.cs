using Ipsec.Net;

namespace Ipsec.Esp.Inner.Nat;

/// <summary>
/// One rule at work: "forward" changes a source from internal to external, "reverse" a destination from external to internal. A quoted packet travelled the
/// other way, so that in it the other address is the translated one (RFC 5508 §4).
/// </summary>
abstract class NatTranslator(NatRule rule)
{
    long _allocations;
    long _packets;
    long _octets;
    long _reversePackets;
    long _reverseOctets;
    long _dropped;

    public NatRule Rule { get; } = rule;

    protected abstract int FlowCount { get; }

    public NatCounters Counters => new(Rule, Read(ref _allocations), (ulong)FlowCount, Read(ref _packets), Read(ref _octets), Read(ref _reversePackets),
        Read(ref _reverseOctets), Read(ref _dropped));

    /// <summary>The rule is for this internal end of a packet. A later fragment has no ports: what becomes of it depends on the first one.</summary>
    /// <param name="isSource">Whether that end is the source.</param>
    public bool IsForInternal(NatPacket packet, bool isSource) =>
        Rule.Internal.Contains(isSource ? packet.Source : packet.Destination) && IsWithin(Rule.InternalPorts, packet, isSource);

    /// <summary>As <see cref="IsForInternal"/> for the external end. Which ports of a dynamic rule are in use its flows know.</summary>
    public bool IsForExternal(NatPacket packet, bool isSource) =>
        Rule.External.Contains(isSource ? packet.Source : packet.Destination)
            && (Rule.Kind == NatKind.Dynamic || IsWithin(Rule.ExternalPorts, packet, isSource));

    /// <summary>The source is in <see cref="NatRule.Internal"/>. False, and no change, if the packet must be dropped.</summary>
    public bool Forward(NatPacket packet, TimeSpan now) => Count(TryForward(packet, now), packet.Length, ref _packets, ref _octets);

    /// <summary>The destination is in <see cref="NatRule.External"/>. False, and no change, if the packet must be dropped.</summary>
    public bool Reverse(NatPacket packet, TimeSpan now) => Count(TryReverse(packet, now), packet.Length, ref _reversePackets, ref _reverseOctets);

    /// <summary>The quoted destination is in <see cref="NatRule.Internal"/>; tells what stands there now.</summary>
    public abstract bool TryForwardQuoted(NatPacket quoted, TimeSpan now, out IpAddress external);

    /// <summary>The quoted source is in <see cref="NatRule.External"/>; tells what stands there now.</summary>
    public abstract bool TryReverseQuoted(NatPacket quoted, TimeSpan now, out IpAddress @internal);

    /// <summary>What the internal sender of an error becomes.</summary>
    /// <param name="quoted">What this rule made of the quoted destination; null if the quotation is none of its packets.</param>
    public abstract IpAddress? ForwardSender(IpAddress sender, IpAddress? quoted);

    /// <summary>What the external receiver of an error becomes.</summary>
    /// <param name="quoted">What this rule made of the quoted source; null if the quotation is none of its packets.</param>
    public abstract IpAddress? ReverseReceiver(IpAddress receiver, IpAddress? quoted);

    public void CountDrop() => Interlocked.Increment(ref _dropped);

    protected abstract bool TryForward(NatPacket packet, TimeSpan now);

    protected abstract bool TryReverse(NatPacket packet, TimeSpan now);

    protected void CountAllocation() => Interlocked.Increment(ref _allocations);

    bool Count(bool isTranslated, int length, ref long packets, ref long octets)
    {
        if (!isTranslated)
        {
            CountDrop();
            return false;
        }
        Interlocked.Increment(ref packets);
        Interlocked.Add(ref octets, length);
        return true;
    }

    static bool IsWithin(PortRange? ports, NatPacket packet, bool isSource) => ports is not PortRange range || !packet.HasTransportHeader
        || packet.Protocol is IpProtocol.Tcp or IpProtocol.Udp && packet.TryGetPorts(isSource, out ushort port, out _) && range.Contains(port);

    static ulong Read(ref long value) => (ulong)Volatile.Read(ref value);
}
