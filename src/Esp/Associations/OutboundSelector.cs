using Ipsec.Net;

namespace Ipsec.Esp.Associations;

/// <summary>One pair of selectors of a sending SA.</summary>
readonly record struct OutboundSelector(TrafficSelector Local, TrafficSelector Remote, OutboundAssociation Association)
{
    /// <summary>How many addresses the remote side has, less one.</summary>
    public UInt128 RemoteSpan => Span(Remote);

    /// <summary>Every pair of an SA.</summary>
    public static IEnumerable<OutboundSelector> Of(TunnelSa sa) =>
        from remote in sa.RemoteSelectors
        from local in sa.LocalSelectors
        where remote.Addresses.IsV6 == local.Addresses.IsV6
        select new OutboundSelector(local, remote, sa.Outbound);

    /// <summary>The remote addresses, if they are a prefix.</summary>
    public bool TryGetPrefix(out IpPrefix prefix) => Remote.Addresses.TryGetPrefix(out prefix);

    public bool Matches(in Flow flow) =>
        Remote.Matches(flow.Destination, flow.Protocol, flow.DestinationPort) && Local.Matches(flow.Source, flow.Protocol, flow.SourcePort);

    /// <summary>These and one more, in front of its equals: the one installed last is taken first.</summary>
    public static OutboundSelector[] Insert(OutboundSelector[] selectors, in OutboundSelector selector)
    {
        int low = 0;
        int high = selectors.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (CompareSpecificity(selectors[middle], selector) < 0)
                low = middle + 1;
            else
                high = middle;
        }
        return [.. selectors.AsSpan(0, low), selector, .. selectors.AsSpan(low)];
    }

    public static OutboundSelector[] Without(OutboundSelector[] selectors, TunnelSa sa) => [.. selectors.Where(selector => selector.Association != sa.Outbound)];

    static int CompareSpecificity(in OutboundSelector left, in OutboundSelector right)
    {
        int order = left.RemoteSpan.CompareTo(right.RemoteSpan);
        // As many addresses, but not a prefix: behind those that are, which are found by their prefix.
        if (order == 0)
            order = right.TryGetPrefix(out _).CompareTo(left.TryGetPrefix(out _));
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
}
