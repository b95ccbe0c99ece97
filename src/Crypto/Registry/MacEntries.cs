using System.Collections.Immutable;

namespace Ipsec.Crypto.Registry;

/// <summary>The keyed function below a pseudorandom function or an integrity algorithm.</summary>
enum MacKind
{
    Hmac,
    Cmac,
    Xcbc,
}

/// <summary>Transform type 2.</summary>
/// <param name="OutputLength">Octets of output; also the preferred key length (RFC 7296 §2.13).</param>
public sealed record PseudorandomFunctionEntry(PseudorandomFunction Function, string Word, string IanaName, string Source, int OutputLength)
    : AlgorithmEntry((ushort)Function, Word, IanaName, Source)
{
    /// <summary>RFC 7296 §2.14: SKEYSEED is computed from the first 64 bits of each nonce.</summary>
    public bool TakesKeyOfFixedLength => Mac != MacKind.Hmac;

    internal MacKind Mac { get; init; }

    /// <summary>The hash below an HMAC as libcrypto calls it.</summary>
    internal string Digest { get; init; } = "";
}

/// <summary>Transform type 3.</summary>
/// <param name="KeyLength">Octets of the key.</param>
/// <param name="IcvLength">Octets of the truncated integrity check value on the wire.</param>
public sealed record IntegrityEntry(IntegrityAlgorithm Algorithm, string Word, string IanaName, string Source, int KeyLength, int IcvLength)
    : AlgorithmEntry((ushort)Algorithm, Word, IanaName, Source)
{
    /// <summary>The pseudorandom function that goes with it where a proposal names none.</summary>
    public PseudorandomFunction ImpliedPrf { get; init; }

    internal MacKind Mac { get; init; }

    /// <summary>The hash below an HMAC as libcrypto calls it.</summary>
    internal string Digest { get; init; } = "";
}

static class MacEntries
{
    const string BrokenPrf = "RFC 8247 §2.2: MUST NOT, MD5 is broken";
    const string BrokenIntegrity = "RFC 8247 §2.3 and RFC 8221 §6: MUST NOT, MD5 is broken";

    public static readonly ImmutableArray<PseudorandomFunctionEntry> PseudorandomFunctions =
    [
        new(PseudorandomFunction.HmacSha256, "prfsha256", "PRF_HMAC_SHA2_256", "RFC 4868", 32) { Digest = "SHA256" },
        new(PseudorandomFunction.HmacSha384, "prfsha384", "PRF_HMAC_SHA2_384", "RFC 4868", 48) { Digest = "SHA384" },
        new(PseudorandomFunction.HmacSha512, "prfsha512", "PRF_HMAC_SHA2_512", "RFC 4868", 64) { Digest = "SHA512" },
        new(PseudorandomFunction.HmacSha1, "prfsha1", "PRF_HMAC_SHA1", "RFC 2104", 20) { Digest = "SHA1" },
        new(PseudorandomFunction.Aes128Xcbc, "prfaesxcbc", "PRF_AES128_XCBC", "RFC 4434", 16) { Mac = MacKind.Xcbc },
        new(PseudorandomFunction.Aes128Cmac, "prfaescmac", "PRF_AES128_CMAC", "RFC 4615", 16) { Mac = MacKind.Cmac },
        new(PseudorandomFunction.HmacMd5, "prfmd5", "PRF_HMAC_MD5", "RFC 2104", 16) { Digest = "MD5", Weakness = BrokenPrf },
    ];

    // Wireshark's table has no check for XCBC and CMAC, but it can be told how long the code is.
    public static readonly ImmutableArray<IntegrityEntry> Integrities =
    [
        new(IntegrityAlgorithm.HmacSha256_128, "sha256", "AUTH_HMAC_SHA2_256_128", "RFC 4868", 32, 16)
        {
            Digest = "SHA256",
            ImpliedPrf = PseudorandomFunction.HmacSha256,
            OtherWords = ["sha2_256"],
            WiresharkIke = "HMAC_SHA2_256_128 [RFC4868]",
            WiresharkEsp = "HMAC-SHA-256-128 [RFC4868]",
        },
        new(IntegrityAlgorithm.HmacSha384_192, "sha384", "AUTH_HMAC_SHA2_384_192", "RFC 4868", 48, 24)
        {
            Digest = "SHA384",
            ImpliedPrf = PseudorandomFunction.HmacSha384,
            OtherWords = ["sha2_384"],
            WiresharkIke = "HMAC_SHA2_384_192 [RFC4868]",
            WiresharkEsp = "HMAC-SHA-384-192 [RFC4868]",
        },
        new(IntegrityAlgorithm.HmacSha512_256, "sha512", "AUTH_HMAC_SHA2_512_256", "RFC 4868", 64, 32)
        {
            Digest = "SHA512",
            ImpliedPrf = PseudorandomFunction.HmacSha512,
            OtherWords = ["sha2_512"],
            WiresharkIke = "HMAC_SHA2_512_256 [RFC4868]",
            WiresharkEsp = "HMAC-SHA-512-256 [RFC4868]",
        },
        new(IntegrityAlgorithm.HmacSha1_96, "sha1", "AUTH_HMAC_SHA1_96", "RFC 2404", 20, 12)
        {
            Digest = "SHA1",
            ImpliedPrf = PseudorandomFunction.HmacSha1,
            OtherWords = ["sha"],
            WiresharkIke = "HMAC_SHA1_96 [RFC2404]",
            WiresharkEsp = "HMAC-SHA-1-96 [RFC2404]",
        },
        new(IntegrityAlgorithm.AesXcbc96, "aesxcbc", "AUTH_AES_XCBC_96", "RFC 3566", 16, 12)
        {
            Mac = MacKind.Xcbc,
            ImpliedPrf = PseudorandomFunction.Aes128Xcbc,
            WiresharkIke = "ANY 96-bits of Authentication [No Checking]",
            WiresharkEsp = "ANY 96 bit authentication [no checking]",
        },
        new(IntegrityAlgorithm.AesCmac96, "aescmac", "AUTH_AES_CMAC_96", "RFC 4494", 16, 12)
        {
            Mac = MacKind.Cmac,
            ImpliedPrf = PseudorandomFunction.Aes128Cmac,
            WiresharkIke = "ANY 96-bits of Authentication [No Checking]",
            WiresharkEsp = "ANY 96 bit authentication [no checking]",
        },
        new(IntegrityAlgorithm.HmacMd5_96, "md5", "AUTH_HMAC_MD5_96", "RFC 2403", 16, 12)
        {
            Digest = "MD5",
            ImpliedPrf = PseudorandomFunction.HmacMd5,
            Weakness = BrokenIntegrity,
            WiresharkIke = "HMAC_MD5_96 [RFC2403]",
            WiresharkEsp = "HMAC-MD5-96 [RFC2403]",
        },
    ];
}
