using Ipsec.Net;

namespace Ipsec.Esp.Associations;

/// <summary>
/// The sending SAs of one tunnel as an immutable list of selector pairs, most specific first (RFC 4301 §4.4.1: the order decides);
/// of equals the one installed last, so that a rekeyed SA takes over from the one that it replaces.
/// </summary>
sealed class OutboundPolicy
{
    readonly Entry[] _entries;

    /// <param name="installed">In the order of installation.</param>
    public OutboundPolicy(IEnumerable<TunnelSa> installed) =>
        _entries = [.. installed.Reverse().SelectMany(Pairs).OrderBy(entry => entry, Comparer<Entry>.Create(CompareSpecificity))];

    public static OutboundPolicy Empty { get; } = new([]);

    /// <summary>
    /// The SA for a packet that goes to the peer, or null. One that still waits is taken only where no active one can:
    /// sending early loses less than not sending at all.
    /// </summary>
    public OutboundAssociation? Select(in Flow flow)
    {
        OutboundAssociation? waiting = null;
        foreach (ref readonly Entry entry in _entries.AsSpan())
        {
            OutboundAssociation candidate = entry.Association;
            if (candidate.Sa.IsHardLimitReached
                || !entry.Remote.Matches(flow.Destination, flow.Protocol, flow.DestinationPort)
                || !entry.Local.Matches(flow.Source, flow.Protocol, flow.SourcePort))
                continue;
            if (candidate.IsActive)
                return candidate;
            waiting ??= candidate;
        }
        return waiting;
    }

    /// <summary>True if selectors match an SA that has used itself up, so that no other one is asked for.</summary>
    public bool IsExhaustedFor(in Flow flow)
    {
        foreach (ref readonly Entry entry in _entries.AsSpan())
        {
            if (entry.Association.Sa.IsHardLimitReached
                && entry.Remote.Matches(flow.Destination, flow.Protocol, flow.DestinationPort)
                && entry.Local.Matches(flow.Source, flow.Protocol, flow.SourcePort))
                return true;
        }
        return false;
    }

    static IEnumerable<Entry> Pairs(TunnelSa sa) =>
        from remote in sa.RemoteSelectors
        from local in sa.LocalSelectors
        where remote.Addresses.IsV6 == local.Addresses.IsV6
        select new Entry(local, remote, sa.Outbound);

    static int CompareSpecificity(Entry left, Entry right)
    {
        int order = Span(left.Remote).CompareTo(Span(right.Remote));
        if (order == 0)
            order = Span(left.Local).CompareTo(Span(right.Local));
        if (order == 0)
            order = AnyProtocolLast(left.Remote).CompareTo(AnyProtocolLast(right.Remote));
        if (order == 0)
            order = PortSpan(left.Remote).CompareTo(PortSpan(right.Remote));
        return order != 0 ? order : PortSpan(left.Local).CompareTo(PortSpan(right.Local));
    }

    static UInt128 Span(TrafficSelector selector) => selector.Addresses.Last.Bits - selector.Addresses.First.Bits;

    static int AnyProtocolLast(TrafficSelector selector) => selector.Protocol == 0 ? 1 : 0;

    static int PortSpan(TrafficSelector selector) => selector.IsOpaquePort ? 0 : selector.LastPort - selector.FirstPort;

    readonly record struct Entry(TrafficSelector Local, TrafficSelector Remote, OutboundAssociation Association);
}
