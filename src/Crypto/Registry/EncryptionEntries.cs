using System.Collections.Immutable;

namespace Ipsec.Crypto.Registry;

/// <summary>Transform type 1.</summary>
static class EncryptionEntries
{
    const string SmallBlocks = "RFC 8221 §5: SHOULD NOT, its blocks of 64 bits collide after a few gigabytes";
    const string BrokenCipher = "RFC 8247 §2.1 and RFC 8221 §5: MUST NOT, a key of 56 bits is found by trying";

    // The words of Wireshark are those of its preference tables as of version 4.0, which has none for some of these.
    public static readonly ImmutableArray<EncryptionEntry> All =
    [
        .. Aes("", "ENCR_AES_CBC", EncryptionAlgorithm.AesCbc, "RFC 3602", EncryptionMode.Cbc, "CBC", 0, "AES-CBC-{0} [RFC3602]", "AES-CBC [RFC3602]"),
        .. Aes("gcm16", "ENCR_AES_GCM_16", EncryptionAlgorithm.AesGcm16, "RFC 4106, RFC 5282", EncryptionMode.Gcm, "GCM", 16,
            "AES-GCM-{0} with 16 octet ICV [RFC5282]", "AES-GCM with 16 octet ICV [RFC4106]", "gcm128", "gcm"),
        .. Aes("gcm12", "ENCR_AES_GCM_12", EncryptionAlgorithm.AesGcm12, "RFC 4106, RFC 5282", EncryptionMode.Gcm, "GCM", 12,
            "AES-GCM-{0} with 12 octet ICV [RFC5282]", "AES-GCM with 12 octet ICV [RFC4106]", "gcm96"),
        .. Aes("gcm8", "ENCR_AES_GCM_8", EncryptionAlgorithm.AesGcm8, "RFC 4106, RFC 5282", EncryptionMode.Gcm, "GCM", 8,
            "AES-GCM-{0} with 8 octet ICV [RFC5282]", "AES-GCM with 8 octet ICV [RFC4106]", "gcm64"),
        .. Aes("ccm16", "ENCR_AES_CCM_16", EncryptionAlgorithm.AesCcm16, "RFC 4309, RFC 5282", EncryptionMode.Ccm, "CCM", 16,
            "AES-CCM-{0} with 16 octet ICV [RFC5282]", null, "ccm128"),
        .. Aes("ccm12", "ENCR_AES_CCM_12", EncryptionAlgorithm.AesCcm12, "RFC 4309, RFC 5282", EncryptionMode.Ccm, "CCM", 12,
            "AES-CCM-{0} with 12 octet ICV [RFC5282]", null, "ccm96"),
        .. Aes("ccm8", "ENCR_AES_CCM_8", EncryptionAlgorithm.AesCcm8, "RFC 4309, RFC 5282", EncryptionMode.Ccm, "CCM", 8,
            "AES-CCM-{0} with 8 octet ICV [RFC5282]", null, "ccm64"),
        .. Aes("ctr", "ENCR_AES_CTR", EncryptionAlgorithm.AesCtr, "RFC 3686, RFC 5930", EncryptionMode.Ctr, "CTR", 0,
            "AES-CTR-{0} [RFC5930]", "AES-CTR [RFC3686]"),
        new(new(EncryptionAlgorithm.ChaCha20Poly1305, 0), "chacha20poly1305", "ENCR_CHACHA20_POLY1305", "RFC 7634",
            EncryptionMode.ChaCha20Poly1305, "ChaCha20-Poly1305", 32) { TagLength = 16 },
        .. Camellia(128), .. Camellia(192), .. Camellia(256),
        new(new(EncryptionAlgorithm.TripleDesCbc, 0), "3des", "ENCR_3DES", "RFC 2451", EncryptionMode.Cbc, "DES-EDE3-CBC", 24)
        {
            BlockLength = 8,
            EspWeakness = SmallBlocks,
            WiresharkIke = "3DES [RFC2451]",
            WiresharkEsp = "TripleDES-CBC [RFC2451]",
        },
        new(new(EncryptionAlgorithm.DesCbc, 0), "des", "ENCR_DES", "RFC 2405", EncryptionMode.Cbc, "DES-EDE3-CBC", 8)
        {
            BlockLength = 8,
            Weakness = BrokenCipher,
            WiresharkEsp = "DES-CBC [RFC2405]",
        },
        .. Aes("gmac", "ENCR_NULL_AUTH_AES_GMAC", EncryptionAlgorithm.NullAuthAesGmac, "RFC 4543", EncryptionMode.Gmac, "GCM", 16, null, null),
        new(new(EncryptionAlgorithm.Null, 0), "null", "ENCR_NULL", "RFC 2410", EncryptionMode.Null, "", 0) { WiresharkEsp = "NULL" },
    ];

    static IEnumerable<EncryptionEntry> Aes(string suffix, string ianaName, EncryptionAlgorithm algorithm, string source, EncryptionMode mode,
        string libraryMode, int tagLength, string? wiresharkIke, string? wiresharkEsp, params string[] otherSuffixes) =>
        from int bits in (int[])[128, 192, 256]
        select new EncryptionEntry(new(algorithm, bits), $"aes{bits}{suffix}", ianaName, source, mode, $"AES-{bits}-{libraryMode}", bits / 8)
        {
            BlockLength = mode == EncryptionMode.Cbc ? 16 : 1,
            TagLength = tagLength,
            OtherWords = mode == EncryptionMode.Cbc && bits == 128 ? ["aes"] : [.. otherSuffixes.Select(other => $"aes{bits}{other}")],
            WiresharkIke = wiresharkIke?.Replace("{0}", Text(bits), StringComparison.Ordinal),
            WiresharkEsp = wiresharkEsp,
        };

    static IEnumerable<EncryptionEntry> Camellia(int bits) =>
    [
        new(new(EncryptionAlgorithm.CamelliaCbc, bits), $"camellia{bits}", "ENCR_CAMELLIA_CBC", "RFC 5529", EncryptionMode.Cbc, $"CAMELLIA-{bits}-CBC",
            bits / 8)
        {
            BlockLength = 16,
            OtherWords = bits == 128 ? ["camellia"] : [],
        },
    ];

    static string Text(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
