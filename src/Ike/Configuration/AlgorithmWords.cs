using System.Collections.Immutable;
using System.Globalization;
using Ipsec.Crypto;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Configuration;

/// <summary>
/// The words that strongSwan users know for the transforms of IANA's "IKEv2 Parameters". The list is longer than what this stack
/// negotiates, so that a peer's offer can be read out in full.
/// </summary>
static class AlgorithmWords
{
    static readonly ImmutableArray<AlgorithmWord> Words =
    [
        .. Encryption("3des", 3), .. Encryption("aes128", 12, 128), .. Encryption("aes", 12, 128), .. Encryption("aes192", 12, 192),
        .. Encryption("aes256", 12, 256), .. WithSizes("gcm16", 20), .. WithSizes("gcm", 20), .. WithSizes("gcm128", 20),
        .. Encryption("des", 2), .. Encryption("cast128", 6, 128), .. Encryption("null", 11), .. WithSizes("ctr", 13),
        .. WithSizes("ccm8", 14), .. WithSizes("ccm12", 15), .. WithSizes("ccm16", 16), .. WithSizes("gcm8", 18), .. WithSizes("gcm12", 19),
        .. WithSizes("gmac", 21), .. Encryption("camellia128", 23, 128), .. Encryption("camellia192", 23, 192),
        .. Encryption("camellia256", 23, 256), .. Encryption("chacha20poly1305", 28),

        Of("prfsha1", TransformType.PseudorandomFunction, 2), Of("prfsha256", TransformType.PseudorandomFunction, 5),
        Of("prfsha384", TransformType.PseudorandomFunction, 6), Of("prfsha512", TransformType.PseudorandomFunction, 7),
        Of("prfmd5", TransformType.PseudorandomFunction, 1), Of("prfaesxcbc", TransformType.PseudorandomFunction, 4),
        Of("prfaescmac", TransformType.PseudorandomFunction, 8),

        Of("sha1", TransformType.Integrity, 2), Of("sha", TransformType.Integrity, 2), Of("sha256", TransformType.Integrity, 12),
        Of("sha2_256", TransformType.Integrity, 12), Of("sha384", TransformType.Integrity, 13), Of("sha2_384", TransformType.Integrity, 13),
        Of("sha512", TransformType.Integrity, 14), Of("sha2_512", TransformType.Integrity, 14), Of("md5", TransformType.Integrity, 1),
        Of("aesxcbc", TransformType.Integrity, 5), Of("sha1_160", TransformType.Integrity, 7), Of("aescmac", TransformType.Integrity, 8),
        Of("integnone", TransformType.Integrity, 0),

        Group("modp1024", 2), Group("modp2048", 14), Group("ecp256", 19), Group("ecp384", 20), Group("curve25519", 31), Group("x25519", 31),
        Group("modpnone", 0), Group("modp768", 1), Group("modp1536", 5), Group("modp3072", 15), Group("modp4096", 16), Group("modp6144", 17),
        Group("modp8192", 18), Group("ecp521", 21), Group("modp1024s160", 22), Group("modp2048s224", 23), Group("modp2048s256", 24),
        Group("ecp192", 25), Group("ecp224", 26), Group("ecp224bp", 27), Group("ecp256bp", 28), Group("ecp384bp", 29), Group("ecp512bp", 30),
        Group("curve448", 32), Group("x448", 32), Group("mlkem512", 35), Group("mlkem768", 36), Group("mlkem1024", 37),

        Of("noesn", TransformType.ExtendedSequenceNumbers, 0), Of("esn", TransformType.ExtendedSequenceNumbers, 1),
    ];

    static readonly ImmutableDictionary<string, Transform> ByWord = Words.ToImmutableDictionary(word => word.Word, word => word.Transform);

    /// <summary>The transform that a word stands for, whether this stack can do it or not.</summary>
    public static bool TryFind(string word, out Transform transform) => ByWord.TryGetValue(word, out transform);

    /// <summary>The words of what this stack negotiates for a protocol, one for each transform.</summary>
    public static IEnumerable<string> Accepted(ProtocolId protocol) => Words
        .Where(word => IsSupported(word.Transform, protocol))
        .DistinctBy(word => word.Transform)
        .Select(word => word.Word);

    /// <summary>The word for a transform, or its number where there is none.</summary>
    public static string NameOf(Transform transform)
    {
        Transform plain = transform with { HasUnknownAttribute = false };
        foreach (AlgorithmWord word in Words)
        {
            if (word.Transform == plain)
                return transform.HasUnknownAttribute ? word.Word + "+" : word.Word;
        }
        string kind = transform.Type switch
        {
            TransformType.Encryption => "encr",
            TransformType.PseudorandomFunction => "prf",
            TransformType.Integrity => "integ",
            TransformType.KeyExchange => "group",
            TransformType.ExtendedSequenceNumbers => "esn",
            _ => string.Create(CultureInfo.InvariantCulture, $"type{(byte)transform.Type}:"),
        };
        return string.Create(CultureInfo.InvariantCulture, $"{kind}{transform.Id}{(transform.KeyLength is ushort bits ? $"/{bits}" : "")}");
    }

    /// <summary>True if this stack can negotiate the transform for the protocol.</summary>
    public static bool IsSupported(Transform transform, ProtocolId protocol) => !transform.HasUnknownAttribute && transform.Type switch
    {
        TransformType.Encryption => (EncryptionAlgorithm)transform.Id switch
        {
            EncryptionAlgorithm.TripleDesCbc => transform.KeyLength is null,
            EncryptionAlgorithm.AesCbc or EncryptionAlgorithm.AesGcm16 => transform.KeyLength is 128 or 192 or 256,
            _ => false,
        },
        TransformType.PseudorandomFunction => protocol == ProtocolId.Ike && IsDefined<PseudorandomFunction>(transform),
        TransformType.Integrity => IsDefined<IntegrityAlgorithm>(transform),
        TransformType.KeyExchange => IsDefined<KeyExchangeMethod>(transform) || (transform.Id == 0 && protocol == ProtocolId.Esp),
        TransformType.ExtendedSequenceNumbers => protocol == ProtocolId.Esp && transform.Id <= 1,
        _ => false,
    };

    static bool IsDefined<TAlgorithm>(Transform transform) where TAlgorithm : struct, Enum =>
        transform.Id != 0 && transform.KeyLength is null && Enum.IsDefined(typeof(TAlgorithm), transform.Id);

    static AlgorithmWord Of(string word, TransformType type, ushort id) => new(word, new Transform(type, id));

    static AlgorithmWord Group(string word, ushort id) => Of(word, TransformType.KeyExchange, id);

    static AlgorithmWord[] Encryption(string word, ushort id, ushort? bits = null) => [new(word, new Transform(TransformType.Encryption, id, bits))];

    static IEnumerable<AlgorithmWord> WithSizes(string mode, ushort id) =>
        from ushort bits in new ushort[] { 128, 192, 256 }
        select new AlgorithmWord($"aes{bits}{mode}", new Transform(TransformType.Encryption, id, bits));

    readonly record struct AlgorithmWord(string Word, Transform Transform);
}
