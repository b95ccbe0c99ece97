using Ipsec.Crypto;
using Ipsec.Crypto.Registry;

namespace Ipsec.Ike.KeyDerivation;

/// <summary>SKEYSEED, from which the keys of an IKE SA are expanded. The caller disposes it.</summary>
static class SkeySeed
{
    // RFC 7296 §2.14: with AES-XCBC-PRF-128 and AES-CMAC-PRF-128 only the first 64 bits of each nonce are the key.
    const int ShortNonceLength = 8;

    /// <summary>SKEYSEED = prf(Ni | Nr, g^ir), RFC 7296 §2.14.</summary>
    public static Secret Derive(PseudorandomFunction prf, ReadOnlySpan<byte> nonceI, ReadOnlySpan<byte> nonceR, Secret sharedSecret)
    {
        if (AlgorithmRegistry.Find(prf) is { TakesKeyOfFixedLength: true })
        {
            nonceI = nonceI[..Math.Min(nonceI.Length, ShortNonceLength)];
            nonceR = nonceR[..Math.Min(nonceR.Length, ShortNonceLength)];
        }
        using SecretBuffer key = new SecretBuffer(nonceI.Length + nonceR.Length).Append(nonceI).Append(nonceR);
        return Compute(prf, key.Span, sharedSecret.Span);
    }

    /// <summary>SKEYSEED = prf(SK_d (old), g^ir (new) | Ni | Nr), RFC 7296 §2.18.</summary>
    /// <param name="additionalSecret">SK(1) | … | SK(n), which stand behind the nonces (RFC 9370 §2.2.4); null without additional key exchanges.</param>
    /// <param name="oldPrf">The PRF of the old IKE SA, to which the rekeying exchange belongs.</param>
    public static Secret DeriveForRekey(PseudorandomFunction oldPrf, Secret oldSkD, Secret sharedSecret, ReadOnlySpan<byte> nonceI, ReadOnlySpan<byte> nonceR,
        Secret? additionalSecret = null)
    {
        using SecretBuffer data = new SecretBuffer(sharedSecret.Length + nonceI.Length + nonceR.Length + (additionalSecret?.Length ?? 0))
            .Append(sharedSecret.Span).Append(nonceI).Append(nonceR);
        if (additionalSecret is not null)
            data.Append(additionalSecret.Span);
        return Compute(oldPrf, oldSkD.Span, data.Span);
    }

    static Secret Compute(PseudorandomFunction prf, ReadOnlySpan<byte> key, ReadOnlySpan<byte> data)
    {
        Span<byte> output = stackalloc byte[prf.OutputLength()];
        Prf.Compute(prf, key, data, output);
        var result = new Secret(output);
        output.Clear();
        return result;
    }
}
