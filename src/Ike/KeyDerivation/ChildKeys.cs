using Ipsec.Crypto;
using Ipsec.Ike.Configuration;

namespace Ipsec.Ike.KeyDerivation;

/// <summary>
/// The keys of a child SA, RFC 7296 §2.17, named by the initiator and responder of the exchange that made it. Whoever holds the
/// instance owns the keys until they are handed on.
/// </summary>
sealed class ChildKeys : IDisposable
{
    public required Secret InitiatorEncryption { get; init; }
    public required Secret InitiatorIntegrity { get; init; }
    public required Secret ResponderEncryption { get; init; }
    public required Secret ResponderIntegrity { get; init; }

    /// <summary>
    /// KEYMAT = prf+ (SK_d, Ni | Nr), or with perfect forward secrecy prf+ (SK_d, g^ir (new) | Ni | Nr). All keys from the initiator to
    /// the responder come first; in each direction the encryption key before the integrity key.
    /// </summary>
    /// <param name="prf">Of the IKE SA.</param>
    /// <param name="sharedSecret">Null where the exchange had no Key Exchange payloads.</param>
    /// <param name="additionalSecret">SK(1) | … | SK(n), which stand behind the nonces (RFC 9370 §2.2.4); null without additional key exchanges.</param>
    public static ChildKeys Derive(PseudorandomFunction prf, Secret skD, EspSuite suite, Secret? sharedSecret, ReadOnlySpan<byte> nonceI,
        ReadOnlySpan<byte> nonceR,
        Secret? additionalSecret = null)
    {
        int encryptionLength = suite.Encryption.KeyMaterialLength;
        int integrityLength = suite.Encryption.IsCombinedMode ? 0 : suite.Integrity.KeyLength();
        using var seed = new SecretBuffer((sharedSecret?.Length ?? 0) + nonceI.Length + nonceR.Length + (additionalSecret?.Length ?? 0));
        if (sharedSecret is not null)
            seed.Append(sharedSecret.Span);
        seed.Append(nonceI).Append(nonceR);
        if (additionalSecret is not null)
            seed.Append(additionalSecret.Span);
        var keyMaterial = KeyMaterial.Expand(prf, skD, seed.Span, 2 * (encryptionLength + integrityLength));
        var keys = new ChildKeys
        {
            InitiatorEncryption = keyMaterial.Take(encryptionLength),
            InitiatorIntegrity = keyMaterial.Take(integrityLength),
            ResponderEncryption = keyMaterial.Take(encryptionLength),
            ResponderIntegrity = keyMaterial.Take(integrityLength),
        };
        keyMaterial.Dispose();
        return keys;
    }

    public void Dispose()
    {
        InitiatorEncryption.Dispose();
        InitiatorIntegrity.Dispose();
        ResponderEncryption.Dispose();
        ResponderIntegrity.Dispose();
    }
}
