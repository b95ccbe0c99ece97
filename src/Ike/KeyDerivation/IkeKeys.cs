using Ipsec.Crypto;
using Ipsec.Ike.Configuration;

namespace Ipsec.Ike.KeyDerivation;

/// <summary>
/// The seven keys of an IKE SA, RFC 7296 §2.14. Whoever holds the instance owns the keys and disposes it. They may also be given
/// as they are, in place of a Diffie-Hellman result: constructed from a key log, for instance.
/// </summary>
sealed class IkeKeys : IDisposable
{
    Secret _skD = null!;

    public required Secret SkD
    {
        get => _skD;
        init => _skD = value;
    }

    public required Secret SkAi { get; init; }
    public required Secret SkAr { get; init; }
    public required Secret SkEi { get; init; }
    public required Secret SkEr { get; init; }
    public required Secret SkPi { get; init; }
    public required Secret SkPr { get; init; }

    /// <summary>
    /// {SK_d | SK_ai | SK_ar | SK_ei | SK_er | SK_pi | SK_pr} = prf+ (SKEYSEED, Ni | Nr | SPIi | SPIr), RFC 7296 §2.14.
    /// </summary>
    /// <param name="suite">Of the new IKE SA: its PRF is the one used here (§2.18). With a combined-mode cipher SK_ai and SK_ar are empty (RFC 5282
    /// §7).</param>
    public static IkeKeys Derive(IkeSuite suite, Secret skeySeed, ReadOnlySpan<byte> nonceI, ReadOnlySpan<byte> nonceR, ulong spiI, ulong spiR)
    {
        int prfLength = suite.Prf.OutputLength();
        int integrityLength = suite.Encryption.IsCombinedMode ? 0 : suite.Integrity.KeyLength();
        int encryptionLength = suite.Encryption.KeyMaterialLength;
        using SecretBuffer seed = new SecretBuffer(nonceI.Length + nonceR.Length + 2 * sizeof(ulong))
            .Append(nonceI).Append(nonceR).Append(spiI).Append(spiR);
        var keyMaterial = KeyMaterial.Expand(suite.Prf, skeySeed, seed.Span, 3 * prfLength + 2 * integrityLength + 2 * encryptionLength);
        var keys = new IkeKeys
        {
            SkD = keyMaterial.Take(prfLength),
            SkAi = keyMaterial.Take(integrityLength),
            SkAr = keyMaterial.Take(integrityLength),
            SkEi = keyMaterial.Take(encryptionLength),
            SkEr = keyMaterial.Take(encryptionLength),
            SkPi = keyMaterial.Take(prfLength),
            SkPr = keyMaterial.Take(prfLength),
        };
        keyMaterial.Dispose();
        return keys;
    }

    /// <summary>RFC 8784 §3: from here on SK_d' takes the place of SK_d. What is given is owned from here on.</summary>
    public void ReplaceSkD(Secret skD)
    {
        _skD.Dispose();
        _skD = skD;
    }

    public void Dispose()
    {
        SkD.Dispose();
        SkAi.Dispose();
        SkAr.Dispose();
        SkEi.Dispose();
        SkEr.Dispose();
        SkPi.Dispose();
        SkPr.Dispose();
    }
}
