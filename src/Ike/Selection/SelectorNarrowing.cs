using System.Collections.Immutable;
using Ipsec.Ike.Tasks;
using Ipsec.Net;

namespace Ipsec.Ike.Selection;

/// <summary>Traffic selector narrowing by a responder, RFC 7296 §2.9, and the initiator's check of the result.</summary>
static class SelectorNarrowing
{
    // A bound of ours: a peer may propose 255 selectors, and each must be matched against packets.
    internal const int MaximumSelectors = 64;

    /// <summary>
    /// What both the peer's proposal and our policy allow, in the order of the proposal, so that the first choice comes first and is
    /// included if it is acceptable at all. Empty: TS_UNACCEPTABLE.
    /// </summary>
    public static ImmutableArray<TrafficSelector> Narrow(ImmutableArray<TrafficSelector> proposed, ImmutableArray<TrafficSelector> policy)
    {
        var narrowed = new List<TrafficSelector>();
        foreach (TrafficSelector selector in proposed)
        {
            foreach (TrafficSelector allowed in policy)
            {
                if (selector.TryIntersect(allowed, out TrafficSelector common) && narrowed.Count < MaximumSelectors)
                    AddUnlessCovered(narrowed, common);
            }
        }
        return [.. narrowed];
    }

    /// <summary>The peer's selectors as they come, within our bound on their number.</summary>
    public static ImmutableArray<TrafficSelector> AcceptAny(ImmutableArray<TrafficSelector> proposed) =>
        proposed.Length <= MaximumSelectors ? proposed : proposed[..MaximumSelectors];

    /// <summary>An initiator accepts only what lies within its own proposal.</summary>
    public static bool IsWithin(ImmutableArray<TrafficSelector> narrowed, ImmutableArray<TrafficSelector> proposed)
    {
        foreach (TrafficSelector selector in narrowed)
        {
            if (!proposed.Any(offer => offer.Contains(selector)))
                return false;
        }
        return !narrowed.IsEmpty;
    }

    /// <inheritdoc cref="IsWithin(ImmutableArray{TrafficSelector}, ImmutableArray{TrafficSelector})"/>
    public static bool IsWithin(ChildSelectors narrowed, ChildSelectors proposed) =>
        IsWithin(narrowed.Local, proposed.Local) && IsWithin(narrowed.Remote, proposed.Remote);

    static void AddUnlessCovered(List<TrafficSelector> selectors, TrafficSelector candidate)
    {
        if (selectors.Exists(selector => selector.Contains(candidate)))
            return;
        selectors.RemoveAll(candidate.Contains);
        selectors.Add(candidate);
    }
}
