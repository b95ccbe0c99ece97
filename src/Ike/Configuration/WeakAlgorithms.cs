using System.Collections.Immutable;
using Ipsec.Crypto.Registry;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Configuration;

/// <summary>An algorithm that a configuration should not name.</summary>
/// <param name="Word">As proposals spell it.</param>
/// <param name="Reason">Who says so, in which words, and why: "RFC 8247 §2.4: SHOULD NOT, …".</param>
public sealed record WeakAlgorithm(string Word, string Reason);

/// <summary>Weak algorithms are never a default of this stack: they run where a configuration names them, and naming them is worth a warning.</summary>
public static class WeakAlgorithms
{
    /// <summary>Those of a proposal, each once, in the proposal's order.</summary>
    public static ImmutableArray<WeakAlgorithm> Of(AlgorithmProposal proposal) =>
    [
        .. (from Transform transform in WireProposal.Transforms(proposal, withKeyExchange: true)
            let entry = AlgorithmWords.EntryOf(AdditionalKeyExchangeWords.AsGroup(transform))
            let reason = ReasonOf(entry, proposal.Protocol)
            where reason is not null && !IsImplied(transform, proposal)
            select new WeakAlgorithm(entry.Word, reason)).Distinct(),
    ];

    static string? ReasonOf(AlgorithmEntry? entry, ProtocolId protocol) => protocol == ProtocolId.Ike ? entry?.IkeWeakness : entry?.EspWeakness;

    // "md5" names a pseudorandom function too; that is one thing to say.
    static bool IsImplied(Transform transform, AlgorithmProposal proposal) => transform.Type == TransformType.PseudorandomFunction
        && proposal.Integrity.Any(integrity => (ushort?)AlgorithmRegistry.Find(integrity)?.ImpliedPrf == transform.Id);
}
