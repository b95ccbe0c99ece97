using System.Collections.Immutable;

namespace Ipsec.Capture;

/// <summary>
/// Algorithms in the exact words of Wireshark's preference tables (as Wireshark 4.0 lists them), by their numbers in IANA's "IKEv2
/// Parameters". The two tables spell the same algorithm differently.
/// </summary>
static class WiresharkNames
{
    const string NoIkeIntegrity = "NONE [RFC4306]";
    const string NoEspIntegrity = "NULL";

    static readonly ImmutableArray<(ushort Id, int KeyBits, string Name)> IkeEncryptions =
    [
        (3, 0, "3DES [RFC2451]"),
        (12, 128, "AES-CBC-128 [RFC3602]"),
        (12, 192, "AES-CBC-192 [RFC3602]"),
        (12, 256, "AES-CBC-256 [RFC3602]"),
        (20, 128, "AES-GCM-128 with 16 octet ICV [RFC5282]"),
        (20, 192, "AES-GCM-192 with 16 octet ICV [RFC5282]"),
        (20, 256, "AES-GCM-256 with 16 octet ICV [RFC5282]"),
    ];

    static readonly ImmutableArray<(ushort Id, string Name)> IkeIntegrities =
    [
        (0, NoIkeIntegrity),
        (2, "HMAC_SHA1_96 [RFC2404]"),
        (12, "HMAC_SHA2_256_128 [RFC4868]"),
        (13, "HMAC_SHA2_384_192 [RFC4868]"),
        (14, "HMAC_SHA2_512_256 [RFC4868]"),
    ];

    static readonly ImmutableArray<(ushort Id, string Name)> EspEncryptions =
    [
        (3, "TripleDES-CBC [RFC2451]"),
        (12, "AES-CBC [RFC3602]"),
        (20, "AES-GCM with 16 octet ICV [RFC4106]"),
    ];

    static readonly ImmutableArray<(ushort Id, string Name)> EspIntegrities =
    [
        (0, NoEspIntegrity),
        (2, "HMAC-SHA-1-96 [RFC2404]"),
        (12, "HMAC-SHA-256-128 [RFC4868]"),
        (13, "HMAC-SHA-384-192 [RFC4868]"),
        (14, "HMAC-SHA-512-256 [RFC4868]"),
    ];

    public static string? IkeEncryption(ushort id, int keyBits) => IkeEncryptions.FirstOrDefault(row => row.Id == id && row.KeyBits == keyBits).Name;

    public static string? IkeIntegrity(ushort id) => IkeIntegrities.FirstOrDefault(row => row.Id == id).Name;

    public static string? EspEncryption(ushort id) => EspEncryptions.FirstOrDefault(row => row.Id == id).Name;

    public static string? EspIntegrity(ushort id) => EspIntegrities.FirstOrDefault(row => row.Id == id).Name;

    public static bool TryFindIkeEncryption(string name, out ushort id, out int keyBits)
    {
        (id, keyBits, string? found) = IkeEncryptions.FirstOrDefault(row => row.Name == name);
        return found is not null;
    }

    public static bool TryFindIkeIntegrity(string name, out ushort id) => TryFind(IkeIntegrities, name, out id);

    public static bool TryFindEspEncryption(string name, out ushort id) => TryFind(EspEncryptions, name, out id);

    public static bool TryFindEspIntegrity(string name, out ushort id) => TryFind(EspIntegrities, name, out id);

    static bool TryFind(ImmutableArray<(ushort Id, string Name)> rows, string name, out ushort id)
    {
        (id, string? found) = rows.FirstOrDefault(row => row.Name == name);
        return found is not null;
    }
}
