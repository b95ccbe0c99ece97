using System.Collections.Immutable;

namespace Ipsec.Crypto.Registry;

/// <summary>Transform type 4.</summary>
/// <param name="InitiatorLength">Octets of the initiator's Key Exchange Data.</param>
/// <param name="ResponderLength">Octets of the responder's: the same, or those of a ciphertext.</param>
/// <param name="SecretLength">Octets of the shared secret.</param>
public sealed record KeyExchangeEntry(KeyExchangeMethod Method, string Word, string IanaName, string Source, int InitiatorLength, int ResponderLength,
    int SecretLength) : AlgorithmEntry((ushort)Method, Word, IanaName, Source);

static class KeyExchangeEntries
{
    const string ShortPrime = "RFC 8247 §2.4: SHOULD NOT, its prime is within reach of a well funded attacker";
    const string VeryShortPrime = "RFC 8247 §2.4: MUST NOT, its prime is within reach of academic computing";
    const string UnexplainedPrime = "RFC 8247 §2.4: SHOULD NOT, it has small subgroups and nobody knows how its prime was chosen";
    const string ShortUnexplainedPrime = "RFC 8247 §2.4: MUST NOT, its prime is short and nobody knows how it was chosen";
    const string ShortCurve = "NIST SP 800-131A §6: its security is below 112 bits";

    public static readonly ImmutableArray<KeyExchangeEntry> All =
    [
        Curve(KeyExchangeMethod.Curve25519, "curve25519", "Curve25519", "RFC 8031", 32) with { OtherWords = ["x25519"] },
        Ecp(KeyExchangeMethod.Ecp256, "ecp256", "256-bit random ECP group", "RFC 5903", 32),
        Ecp(KeyExchangeMethod.Ecp384, "ecp384", "384-bit random ECP group", "RFC 5903", 48),
        Ecp(KeyExchangeMethod.Ecp521, "ecp521", "521-bit random ECP group", "RFC 5903", 66),
        Modp(KeyExchangeMethod.Modp2048, "modp2048", "2048-bit MODP Group", "RFC 3526", 256),
        Modp(KeyExchangeMethod.Modp3072, "modp3072", "3072-bit MODP Group", "RFC 3526", 384),
        Modp(KeyExchangeMethod.Modp4096, "modp4096", "4096-bit MODP Group", "RFC 3526", 512),
        Modp(KeyExchangeMethod.Modp6144, "modp6144", "6144-bit MODP Group", "RFC 3526", 768),
        Modp(KeyExchangeMethod.Modp8192, "modp8192", "8192-bit MODP Group", "RFC 3526", 1024),
        Curve(KeyExchangeMethod.Curve448, "curve448", "Curve448", "RFC 8031", 56) with { OtherWords = ["x448"] },
        Kem(KeyExchangeMethod.MlKem512, "mlkem512", "ml-kem-512", 800, 768),
        Kem(KeyExchangeMethod.MlKem768, "mlkem768", "ml-kem-768", 1184, 1088),
        Kem(KeyExchangeMethod.MlKem1024, "mlkem1024", "ml-kem-1024", 1568, 1568),
        Ecp(KeyExchangeMethod.Brainpool256, "ecp256bp", "brainpoolP256r1", "RFC 6954", 32),
        Ecp(KeyExchangeMethod.Brainpool384, "ecp384bp", "brainpoolP384r1", "RFC 6954", 48),
        Ecp(KeyExchangeMethod.Brainpool512, "ecp512bp", "brainpoolP512r1", "RFC 6954", 64),
        Ecp(KeyExchangeMethod.Brainpool224, "ecp224bp", "brainpoolP224r1", "RFC 6954", 28),
        Ecp(KeyExchangeMethod.Ecp224, "ecp224", "224-bit Random ECP Group", "RFC 5114", 28),
        Ecp(KeyExchangeMethod.Ecp192, "ecp192", "192-bit Random ECP Group", "RFC 5114", 24) with { Weakness = ShortCurve },
        Modp(KeyExchangeMethod.Modp2048Subgroup256, "modp2048s256", "2048-bit MODP Group with 256-bit Prime Order Subgroup", "RFC 5114", 256)
            with { Weakness = UnexplainedPrime },
        Modp(KeyExchangeMethod.Modp2048Subgroup224, "modp2048s224", "2048-bit MODP Group with 224-bit Prime Order Subgroup", "RFC 5114", 256)
            with { Weakness = UnexplainedPrime },
        Modp(KeyExchangeMethod.Modp1536, "modp1536", "1536-bit MODP Group", "RFC 3526", 192) with { Weakness = ShortPrime },
        Modp(KeyExchangeMethod.Modp1024, "modp1024", "1024-bit MODP Group", "RFC 7296", 128) with { Weakness = ShortPrime },
        Modp(KeyExchangeMethod.Modp1024Subgroup160, "modp1024s160", "1024-bit MODP Group with 160-bit Prime Order Subgroup", "RFC 5114", 128)
            with { Weakness = ShortUnexplainedPrime },
        Modp(KeyExchangeMethod.Modp768, "modp768", "768-bit MODP Group", "RFC 7296", 96) with { Weakness = VeryShortPrime },
    ];

    // RFC 7296 §3.4: a public value has the length of the prime; so has the secret (§2.14).
    static KeyExchangeEntry Modp(KeyExchangeMethod method, string word, string ianaName, string source, int length) =>
        new(method, word, ianaName, source, length, length, length);

    // RFC 5903 §7, §9: x | y, and x is the secret.
    static KeyExchangeEntry Ecp(KeyExchangeMethod method, string word, string ianaName, string source, int coordinateLength) =>
        new(method, word, ianaName, source, 2 * coordinateLength, 2 * coordinateLength, coordinateLength);

    static KeyExchangeEntry Curve(KeyExchangeMethod method, string word, string ianaName, string source, int length) =>
        new(method, word, ianaName, source, length, length, length);

    // FIPS 203, table 3: encapsulation key, ciphertext, shared secret.
    static KeyExchangeEntry Kem(KeyExchangeMethod method, string word, string ianaName, int keyLength, int ciphertextLength) =>
        new(method, word, ianaName, "draft-ietf-ipsecme-ikev2-mlkem", keyLength, ciphertextLength, 32);
}
