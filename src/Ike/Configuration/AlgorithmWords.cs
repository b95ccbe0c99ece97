using System.Collections.Immutable;
using System.Globalization;
using Ipsec.Crypto;
using Ipsec.Crypto.Registry;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Configuration;

/// <summary>
/// The words that strongSwan users know for the transforms of IANA's "IKEv2 Parameters": those of the registry, and a few more so that a
/// peer's offer can be read out in full.
/// </summary>
static class AlgorithmWords
{
    static readonly ImmutableArray<AlgorithmWord> Words =
    [
        .. from EncryptionEntry entry in AlgorithmRegistry.Encryptions
           from word in WordsOf(entry, From(entry.Transform))
           select word,
        .. from PseudorandomFunctionEntry entry in AlgorithmRegistry.PseudorandomFunctions
           from word in WordsOf(entry, new Transform(TransformType.PseudorandomFunction, entry.Id))
           select word,
        .. from IntegrityEntry entry in AlgorithmRegistry.Integrities
           from word in WordsOf(entry, new Transform(TransformType.Integrity, entry.Id))
           select word,
        .. from KeyExchangeEntry entry in AlgorithmRegistry.KeyExchanges
           from word in WordsOf(entry, new Transform(TransformType.KeyExchange, entry.Id))
           select word,
        new("modpnone", new Transform(TransformType.KeyExchange, 0), null), new("integnone", new Transform(TransformType.Integrity, 0), null),
        new("noesn", new Transform(TransformType.ExtendedSequenceNumbers, 0), null), new("esn", new Transform(TransformType.ExtendedSequenceNumbers, 1), null),
        // Only read out.
        new("cast128", new Transform(TransformType.Encryption, 6, 128), null), new("blowfish128", new Transform(TransformType.Encryption, 7, 128), null),
        new("md5_128", new Transform(TransformType.Integrity, 6), null), new("sha1_160", new Transform(TransformType.Integrity, 7), null),
    ];

    static readonly ImmutableDictionary<string, AlgorithmWord> ByWord = Words.ToImmutableDictionary(word => word.Word);

    /// <summary>The transform that a word stands for, whether this stack can do it or not.</summary>
    public static bool TryFind(string word, out Transform transform)
    {
        bool isFound = ByWord.TryGetValue(word, out AlgorithmWord found);
        transform = found.Transform;
        return isFound;
    }

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

    /// <summary>The registry's row for a transform; null for what it does not have.</summary>
    public static AlgorithmEntry? EntryOf(Transform transform) => Words.FirstOrDefault(word => word.Transform == transform).Entry;

    /// <summary>True if this stack can negotiate the transform for the protocol, on this machine.</summary>
    public static bool IsSupported(Transform transform, ProtocolId protocol) => IsKnown(transform, protocol) && IsAvailable(transform);

    /// <summary>True if this stack can negotiate the transform for the protocol where libcrypto has it.</summary>
    public static bool IsKnown(Transform transform, ProtocolId protocol) => !transform.HasUnknownAttribute && transform.Type switch
    {
        TransformType.Encryption => EntryOf(transform) is EncryptionEntry entry && (protocol == ProtocolId.Esp || entry.IsForIke),
        TransformType.PseudorandomFunction => protocol == ProtocolId.Ike && EntryOf(transform) is not null,
        TransformType.Integrity => EntryOf(transform) is not null,
        TransformType.KeyExchange => EntryOf(transform) is not null || transform == NoKeyExchange && protocol == ProtocolId.Esp,
        TransformType.ExtendedSequenceNumbers => protocol == ProtocolId.Esp && transform.Id <= 1,
        _ => false,
    };

    static readonly Transform NoKeyExchange = new(TransformType.KeyExchange, 0);

    static bool IsAvailable(Transform transform) => EntryOf(transform) switch
    {
        EncryptionEntry entry => PacketCiphers.IsAvailable(entry),
        PseudorandomFunctionEntry entry => PacketCiphers.IsAvailable(entry),
        IntegrityEntry entry => PacketCiphers.IsAvailable(entry),
        KeyExchangeEntry entry => KeyExchanges.IsSupported(entry.Method),
        _ => true,
    };

    // RFC 7296 §3.3.5: Key Length is for ciphers of variable key length, and MUST NOT be there for the others.
    static Transform From(EncryptionTransform encryption) =>
        new(TransformType.Encryption, (ushort)encryption.Algorithm, encryption.KeyBits == 0 ? null : (ushort)encryption.KeyBits);

    static IEnumerable<AlgorithmWord> WordsOf(AlgorithmEntry entry, Transform transform) =>
        entry.OtherWords.Prepend(entry.Word).Select(word => new AlgorithmWord(word, transform, entry));

    readonly record struct AlgorithmWord(string Word, Transform Transform, AlgorithmEntry? Entry);
}
