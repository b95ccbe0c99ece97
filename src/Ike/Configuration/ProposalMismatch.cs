using System.Collections.Immutable;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Configuration;

/// <summary>Why no proposal could be chosen: both offers, and the first attribute in which the closest pair differs (D8).</summary>
/// <param name="Attribute">"encryption", "integrity", "PRF", "key exchange", "extended sequence numbers", or "protocol" where nothing was comparable.</param>
/// <param name="OfferedWords">What the offer has of that attribute; empty is none.</param>
/// <param name="AcceptedWords">What the other side accepts of it; empty is none.</param>
/// <param name="Offered">The whole offer, one text for each proposal.</param>
/// <param name="Accepted">All that is accepted, one text for each proposal.</param>
public sealed record ProposalMismatch(string Attribute, ImmutableArray<string> OfferedWords, ImmutableArray<string> AcceptedWords,
    ImmutableArray<string> Offered, ImmutableArray<string> Accepted)
{
    /// <summary>"key exchange: offered curve25519, ecp256; accepted modp1024 only".</summary>
    public string Summary => $"{Attribute}: offered {List(OfferedWords)}; accepted {List(AcceptedWords)}{(AcceptedWords.Length == 1 ? " only" : "")}";

    /// <summary>The summary, and both offers side by side.</summary>
    public override string ToString() => $"{Summary} (offer: {List(Offered)}; accepted: {List(Accepted)})";

    static string List(ImmutableArray<string> words) => words.IsEmpty ? "none" : string.Join(", ", words);
}
