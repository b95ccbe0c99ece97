using System.Collections.Immutable;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Tasks;

namespace Ipsec.Ike.Diagnosis;

/// <summary>Why no traffic selectors could be agreed on (RFC 7296 §2.9).</summary>
static class SelectorReasons
{
    /// <summary>At the responder: both sides' selectors are known.</summary>
    public static Reason NoOverlap(ChildSelectors proposed, ImmutableArray<(string Name, ChildSelectors Selectors)> children) =>
        Reasons.Known("ts-unacceptable",
        $"The peer proposed {proposed.Remote.Length + proposed.Local.Length} traffic selectors, {proposed} seen from here, and nothing of that is allowed by "
        + string.Join("; ", children.Select(child => $"{child.Name}: {child.Selectors}"))
        + ". One side must change its networks.");

    /// <summary>At the initiator: only our own are known.</summary>
    public static ImmutableArray<Reason> PeerRefused(ChildSelectors proposed) =>
        [Reasons.Known("ts-unacceptable", $"The peer answered TS_UNACCEPTABLE to {proposed}."),
         Reasons.Likely("ts-unacceptable",
             "The networks that the peer has configured for this tunnel are others; compare its local and remote networks with ours.")];
}
