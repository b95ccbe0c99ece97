using Ipsec.Crypto.OpenSsl;

namespace Ipsec.Crypto;

/// <summary>The hash below an HMAC: libcrypto's name for it and its output length.</summary>
readonly ref struct HmacDigest
{
    // libcrypto wants the name to end with a zero octet.
    static ReadOnlySpan<byte> Sha1 => "SHA1\0"u8;

    static ReadOnlySpan<byte> Sha256 => "SHA256\0"u8;

    static ReadOnlySpan<byte> Sha384 => "SHA384\0"u8;

    static ReadOnlySpan<byte> Sha512 => "SHA512\0"u8;

    readonly ReadOnlySpan<byte> _terminatedName;
    readonly int _outputLength;

    HmacDigest(ReadOnlySpan<byte> terminatedName, int outputLength)
    {
        _terminatedName = terminatedName;
        _outputLength = outputLength;
    }

    internal static HmacDigest Of(PseudorandomFunction prf) => prf switch
    {
        PseudorandomFunction.HmacSha1 => new(Sha1, 20),
        PseudorandomFunction.HmacSha256 => new(Sha256, 32),
        PseudorandomFunction.HmacSha384 => new(Sha384, 48),
        PseudorandomFunction.HmacSha512 => new(Sha512, 64),
        _ => throw new ArgumentOutOfRangeException(nameof(prf), prf, "not a pseudorandom function that is known here"),
    };

    internal static HmacDigest Of(IntegrityAlgorithm integrity) => integrity switch
    {
        IntegrityAlgorithm.HmacSha1_96 => new(Sha1, 20),
        IntegrityAlgorithm.HmacSha256_128 => new(Sha256, 32),
        IntegrityAlgorithm.HmacSha384_192 => new(Sha384, 48),
        IntegrityAlgorithm.HmacSha512_256 => new(Sha512, 64),
        _ => throw new ArgumentOutOfRangeException(nameof(integrity), integrity, "not an integrity algorithm that is known here"),
    };

    internal HmacContext WithKey(ReadOnlySpan<byte> key) => new(_terminatedName[..^1], _outputLength, key);
}
