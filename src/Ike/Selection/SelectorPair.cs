using Ipsec.Ike.Tasks;
using Ipsec.Net;

namespace Ipsec.Ike.Selection;

/// <summary>
/// One selector of each side: the part of a child that a peer may narrow it to (RFC 7296 §2.9), and all that one child SA of some devices holds.
/// </summary>
readonly record struct SelectorPair(TrafficSelector Local, TrafficSelector Remote)
{
    /// <summary>Every combination that a packet can match.</summary>
    public static IEnumerable<SelectorPair> Of(ChildSelectors selectors) =>
        from local in selectors.Local
        from remote in selectors.Remote
        where local.Addresses.First.IsV6 == remote.Addresses.First.IsV6 && (local.Protocol == remote.Protocol || local.Protocol == 0 || remote.Protocol == 0)
        select new SelectorPair(local, remote);

    public ChildSelectors ToSelectors() => new([Local], [Remote]);

    /// <summary>Some packet of this pair fits into those selectors.</summary>
    public bool Overlaps(ChildSelectors selectors)
    {
        (TrafficSelector local, TrafficSelector remote) = this;
        return selectors.Local.Any(one => one.TryIntersect(local, out _)) && selectors.Remote.Any(one => one.TryIntersect(remote, out _));
    }

    /// <summary>Every packet of this pair fits into those selectors.</summary>
    public bool IsWithin(ChildSelectors selectors)
    {
        (TrafficSelector local, TrafficSelector remote) = this;
        return selectors.Local.Any(one => one.Contains(local)) && selectors.Remote.Any(one => one.Contains(remote));
    }
}
