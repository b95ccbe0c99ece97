using System.Collections.Immutable;
using Ipsec.Crypto;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Configuration;

/// <summary>
/// One proposal as policy: per transform type the accepted algorithms, most wanted first. An empty list means "none"
/// (no PFS, no separate integrity). Written by users as "aes256-sha256-modp2048".
/// </summary>
public sealed record AlgorithmProposal(
    ProtocolId Protocol,
    ImmutableArray<EncryptionTransform> Encryption,
    ImmutableArray<PseudorandomFunction> PseudorandomFunctions,
    ImmutableArray<IntegrityAlgorithm> Integrity,
    ImmutableArray<KeyExchangeMethod> KeyExchange,
    ImmutableArray<bool> ExtendedSequenceNumbers)
{
    /// <summary>
    /// Additional Key Exchange 1, 2, … (RFC 9370 §2.2.1): for each the accepted methods, most wanted first, with None among them where it may be left
    /// out; an empty list is not used at all. At most 7.
    /// </summary>
    public ImmutableArray<ImmutableArray<KeyExchangeMethod>> AdditionalKeyExchanges { get; init; } = [];

    /// <summary>By value: the lists element by element.</summary>
    public bool Equals(AlgorithmProposal? other) =>
        other is not null && Protocol == other.Protocol
        && ValueEquality.Same(Encryption, other.Encryption)
        && ValueEquality.Same(PseudorandomFunctions, other.PseudorandomFunctions)
        && ValueEquality.Same(Integrity, other.Integrity)
        && ValueEquality.Same(KeyExchange, other.KeyExchange)
        && ValueEquality.Same(ExtendedSequenceNumbers, other.ExtendedSequenceNumbers)
        && AdditionalKeyExchanges.Length == other.AdditionalKeyExchanges.Length
        && AdditionalKeyExchanges.Zip(other.AdditionalKeyExchanges).All(pair => ValueEquality.Same(pair.First, pair.Second));

    public override int GetHashCode() => (int)Protocol << 16 ^ ValueEquality.Length(Encryption) << 8 ^ ValueEquality.Length(KeyExchange);
}

/// <summary>What two sides agreed on for an IKE SA.</summary>
public sealed record IkeSuite(EncryptionTransform Encryption, PseudorandomFunction Prf, IntegrityAlgorithm Integrity, KeyExchangeMethod KeyExchange)
{
    public AdditionalKeyExchanges AdditionalKeyExchanges { get; init; }
}

/// <summary>What two sides agreed on for a child SA. <paramref name="KeyExchange"/> is None without PFS.</summary>
public sealed record EspSuite(EncryptionTransform Encryption, IntegrityAlgorithm Integrity, bool ExtendedSequenceNumbers, KeyExchangeMethod KeyExchange)
{
    public AdditionalKeyExchanges AdditionalKeyExchanges { get; init; }
}
