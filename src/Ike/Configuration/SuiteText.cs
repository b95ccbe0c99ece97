using System.Text;
using Ipsec.Crypto;

namespace Ipsec.Ike.Configuration;

/// <summary>Suites and algorithms as strongSwan's users write them: "aes256-sha256-modp2048", "aes256gcm16-prfsha384-ecp384".</summary>
public static class SuiteText
{
    /// <summary>The PRF is named only where it is not the one that goes with the integrity algorithm.</summary>
    public static string Format(IkeSuite suite)
    {
        StringBuilder text = new(Name(suite.Encryption));
        if (suite.Integrity != IntegrityAlgorithm.None)
            text.Append('-').Append(Name(suite.Integrity));
        if (suite.Integrity == IntegrityAlgorithm.None || Name(suite.Prf) != $"prf{Name(suite.Integrity)}")
            text.Append('-').Append(Name(suite.Prf));
        return text.Append('-').Append(Name(suite.KeyExchange)).ToString();
    }

    /// <summary>A group stands there only where one was exchanged for this SA (PFS), "esn" for extended sequence numbers.</summary>
    public static string Format(EspSuite suite)
    {
        StringBuilder text = new(Name(suite.Encryption));
        if (suite.Integrity != IntegrityAlgorithm.None)
            text.Append('-').Append(Name(suite.Integrity));
        if (suite.KeyExchange != KeyExchangeMethod.None)
            text.Append('-').Append(Name(suite.KeyExchange));
        if (suite.ExtendedSequenceNumbers)
            text.Append("-esn");
        return text.ToString();
    }

    public static string Name(EncryptionTransform encryption) => encryption.Algorithm switch
    {
        EncryptionAlgorithm.AesCbc => $"aes{encryption.KeyBits}",
        EncryptionAlgorithm.AesGcm16 => $"aes{encryption.KeyBits}gcm16",
        EncryptionAlgorithm.TripleDesCbc => "3des",
        _ => $"encryption{(ushort)encryption.Algorithm}",
    };

    public static string Name(IntegrityAlgorithm integrity) => integrity switch
    {
        IntegrityAlgorithm.HmacSha1_96 => "sha1",
        IntegrityAlgorithm.HmacSha256_128 => "sha256",
        IntegrityAlgorithm.HmacSha384_192 => "sha384",
        IntegrityAlgorithm.HmacSha512_256 => "sha512",
        _ => $"integrity{(ushort)integrity}",
    };

    public static string Name(PseudorandomFunction prf) => prf switch
    {
        PseudorandomFunction.HmacSha1 => "prfsha1",
        PseudorandomFunction.HmacSha256 => "prfsha256",
        PseudorandomFunction.HmacSha384 => "prfsha384",
        PseudorandomFunction.HmacSha512 => "prfsha512",
        _ => $"prf{(ushort)prf}",
    };

    public static string Name(KeyExchangeMethod method) => method switch
    {
        KeyExchangeMethod.Modp1024 => "modp1024",
        KeyExchangeMethod.Modp2048 => "modp2048",
        KeyExchangeMethod.Ecp256 => "ecp256",
        KeyExchangeMethod.Ecp384 => "ecp384",
        KeyExchangeMethod.Curve25519 => "curve25519",
        _ => $"group{(ushort)method}",
    };
}
