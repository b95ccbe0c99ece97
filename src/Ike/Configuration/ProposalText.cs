using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Ipsec.Crypto;
using Ipsec.Crypto.Registry;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Configuration;

/// <summary>
/// Proposals as strongSwan users write them: "aes256-sha256-modp2048", "aes256gcm16-prfsha384-ecp384", several algorithms of a kind
/// in one proposal where wanted ("aes128-aes256-sha256-modp2048-ecp256"), in the order of preference.
/// </summary>
public static class ProposalText
{
    /// <summary>
    /// For IKE the PRF is that of the integrity algorithms unless it is named, so a combined-mode cipher needs a PRF (or an integrity
    /// algorithm, which then names the PRF only); a group is mandatory. For ESP a group means perfect forward secrecy, and extended
    /// sequence numbers are off unless "esn" is named.
    /// </summary>
    /// <param name="error">One sentence with the word at fault and the accepted ones.</param>
    public static bool TryParse(string text, ProtocolId protocol, [NotNullWhen(true)] out AlgorithmProposal? proposal, [NotNullWhen(false)] out string? error)
    {
        proposal = null;
        var transforms = new List<Transform>();
        foreach (string part in text.Split('-'))
        {
            string word = part.Trim().ToLowerInvariant();
            if (!TryFind(word, protocol, out Transform transform))
            {
                string why = AlgorithmWords.IsKnown(AdditionalKeyExchangeWords.AsGroup(transform), protocol)
                    ? $"is not in this machine's libcrypto ({LibraryVersion.Text})" : "is not supported";
                error = $"'{part.Trim()}' in the {NameOf(protocol)} proposal '{text}' {why}; "
                    + $"accepted are {string.Join(", ", AlgorithmWords.Accepted(protocol))}.";
                return false;
            }
            if (!transforms.Contains(transform))
                transforms.Add(transform);
        }
        error = Complete(protocol, transforms) is string rule ? $"The {NameOf(protocol)} proposal '{text}' {rule}" : null;
        if (error is not null)
            return false;
        proposal = new AlgorithmProposal(protocol,
            [.. Of(transforms, TransformType.Encryption).Select(transform =>
                new EncryptionTransform((EncryptionAlgorithm)transform.Id, transform.KeyLength ?? 0))],
            [.. Of(transforms, TransformType.PseudorandomFunction).Select(transform => (PseudorandomFunction)transform.Id)],
            [.. Of(transforms, TransformType.Integrity).Select(transform => (IntegrityAlgorithm)transform.Id)],
            [.. Of(transforms, TransformType.KeyExchange).Select(transform => (KeyExchangeMethod)transform.Id)],
            [.. Of(transforms, TransformType.ExtendedSequenceNumbers).Select(transform => transform.Id == 1)])
        { AdditionalKeyExchanges = AdditionalOf(transforms) };
        return true;
    }

    /// <exception cref="FormatException">The text is no proposal; the message is the sentence of <see cref="TryParse"/>.</exception>
    public static AlgorithmProposal Parse(string text, ProtocolId protocol) =>
        TryParse(text, protocol, out AlgorithmProposal? proposal, out string? error) ? proposal : throw new FormatException(error);

    /// <summary>The shortest text that <see cref="TryParse"/> reads as the same proposal.</summary>
    public static string Print(AlgorithmProposal proposal) => Print(WireProposal.Transforms(proposal, withKeyExchange: true));

    /// <summary>What two sides agreed on, in the same words.</summary>
    public static string Print(IkeSuite suite) => Print(new AlgorithmProposal(ProtocolId.Ike, [suite.Encryption], [suite.Prf],
        suite.Integrity == IntegrityAlgorithm.None ? [] : [suite.Integrity], [suite.KeyExchange], [])
    { AdditionalKeyExchanges = AsLists(suite.AdditionalKeyExchanges) });

    /// <summary>What two sides agreed on, in the same words; without a group where there was no key exchange.</summary>
    public static string Print(EspSuite suite) => Print(new AlgorithmProposal(ProtocolId.Esp, [suite.Encryption], [],
        suite.Integrity == IntegrityAlgorithm.None ? [] : [suite.Integrity],
        suite.KeyExchange == KeyExchangeMethod.None ? [] : [suite.KeyExchange], [suite.ExtendedSequenceNumbers])
    { AdditionalKeyExchanges = AsLists(suite.AdditionalKeyExchanges) });

    /// <summary>A peer's proposal in the same words; what has no word is given by its number.</summary>
    public static string Print(Proposal proposal) => Print(proposal.Transforms);

    /// <summary>The word for a group, or "group" and its number.</summary>
    public static string Print(KeyExchangeMethod method) => AlgorithmWords.NameOf(new Transform(TransformType.KeyExchange, (ushort)method));

    static string Print(ImmutableArray<Transform> transforms)
    {
        var words = new List<string>();
        bool isPrfImplied = Of(transforms, TransformType.PseudorandomFunction).SequenceEqual(ImpliedPrfs(transforms));
        // The order in which the words are read best: cipher, integrity, PRF, group, sequence numbers, and whatever else a peer offers.
        foreach (TransformType type in PrintedTypes)
        {
            if (type != TransformType.PseudorandomFunction || !isPrfImplied)
                words.AddRange(Of(transforms, type).Where(transform => !IsDefault(transform, transforms)).Select(AlgorithmWords.NameOf));
        }
        words.AddRange(transforms.Where(transform => !PrintedTypes.Contains(transform.Type)).Select(NameOf));
        return string.Join('-', words);
    }

    internal static string NameOf(Transform transform) =>
        AdditionalKeyExchangeWords.IsAdditional(transform) ? AdditionalKeyExchangeWords.NameOf(transform) : AlgorithmWords.NameOf(transform);

    static bool TryFind(string word, ProtocolId protocol, out Transform transform) => AdditionalKeyExchangeWords.TryFind(word, out transform)
        ? AdditionalKeyExchangeWords.IsSupported(transform, protocol)
        : AlgorithmWords.TryFind(word, out transform) && AlgorithmWords.IsSupported(transform, protocol);

    static ImmutableArray<ImmutableArray<KeyExchangeMethod>> AdditionalOf(List<Transform> transforms)
    {
        Transform[] additional = [.. transforms.Where(AdditionalKeyExchangeWords.IsAdditional)];
        int count = additional.Select(transform => transform.Type - TransformType.AdditionalKeyExchange1 + 1).DefaultIfEmpty().Max();
        return [.. Enumerable.Range(0, count).Select(i => Of(additional, AdditionalKeyExchanges.TypeOf(i))
            .Select(transform => (KeyExchangeMethod)transform.Id).ToImmutableArray())];
    }

    static ImmutableArray<ImmutableArray<KeyExchangeMethod>> AsLists(AdditionalKeyExchanges agreed) =>
        [.. agreed.ByNumber.Select(method => method == KeyExchangeMethod.None ? ImmutableArray<KeyExchangeMethod>.Empty : [method])];

    static readonly ImmutableArray<TransformType> PrintedTypes = [TransformType.Encryption, TransformType.Integrity,
        TransformType.PseudorandomFunction, TransformType.KeyExchange, TransformType.ExtendedSequenceNumbers];

    // No extended sequence numbers, and nothing else about them, is what a proposal without a word means.
    static bool IsDefault(Transform transform, ImmutableArray<Transform> transforms) =>
        transform is { Type: TransformType.ExtendedSequenceNumbers, Id: 0 } && Of(transforms, TransformType.ExtendedSequenceNumbers).Count() == 1;

    /// <summary>Adds what goes without saying; null, or the rule that the transforms break.</summary>
    static string? Complete(ProtocolId protocol, List<Transform> transforms)
    {
        bool[] modes = [.. Of(transforms, TransformType.Encryption).Select(IsCombinedMode).Distinct()];
        if (modes.Length == 0)
            return "names no encryption algorithm.";
        if (modes.Length == 2)
            return "mixes combined-mode ciphers (gcm, ccm, chacha20poly1305, gmac) with others; write two proposals (RFC 7296 §3.3).";
        if (protocol == ProtocolId.Ike)
        {
            if (!Of(transforms, TransformType.PseudorandomFunction).Any())
                transforms.AddRange(ImpliedPrfs(transforms).ToArray());
            if (!Of(transforms, TransformType.PseudorandomFunction).Any())
                return modes[0] ? "has a combined-mode cipher and so must name a PRF: prfsha256, prfsha384, prfsha512, prfsha1, prfaesxcbc or prfaescmac."
                    : "names no integrity algorithm: sha256, sha384, sha512, sha1, aesxcbc or aescmac.";
            if (!Of(transforms, TransformType.KeyExchange).Any())
                return "names no group: curve25519, ecp256, ecp384, modp2048 or another one.";
        }
        else if (!Of(transforms, TransformType.ExtendedSequenceNumbers).Any())
        {
            transforms.Add(new Transform(TransformType.ExtendedSequenceNumbers, 0));
        }
        if (transforms.Exists(AdditionalKeyExchangeWords.IsAdditional) && !Of(transforms, TransformType.KeyExchange).Any(group => group.Id != 0))
            return "has additional key exchanges (ke1_…) and so must name a group as well, which comes before them (RFC 9370 §2.2.1).";
        // RFC 5282 §8, RFC 4106 §8.4: a combined-mode cipher has no integrity algorithm beside it.
        if (modes[0])
            transforms.RemoveAll(transform => transform.Type == TransformType.Integrity);
        else if (!Of(transforms, TransformType.Integrity).Any())
            return "names no integrity algorithm: sha256, sha384, sha512, sha1, aesxcbc or aescmac.";
        return null;
    }

    static IEnumerable<Transform> ImpliedPrfs(IEnumerable<Transform> transforms) =>
        from Transform transform in Of(transforms, TransformType.Integrity)
        let prf = AlgorithmRegistry.Find((IntegrityAlgorithm)transform.Id)?.ImpliedPrf ?? PseudorandomFunction.None
        where prf != PseudorandomFunction.None
        select new Transform(TransformType.PseudorandomFunction, (ushort)prf);

    static bool IsCombinedMode(Transform transform) => AlgorithmWords.EntryOf(transform) is EncryptionEntry { IsCombinedMode: true };

    static IEnumerable<Transform> Of(IEnumerable<Transform> transforms, TransformType type) => transforms.Where(transform => transform.Type == type);

    static string NameOf(ProtocolId protocol) => protocol == ProtocolId.Ike ? "IKE" : "ESP";
}
