using Ipsec.Azure.Policies;
using Ipsec.Azure.Resources;
using Ipsec.Crypto;
using Ipsec.Ike.Configuration;

namespace Ipsec.Azure.Diagnostics;

/// <summary>What was negotiated, in ARM's spelling. A name of ours stands for what Azure has no name for.</summary>
static class AlgorithmNames
{
    public static string Encryption(IkeSuite suite) =>
        Find<IkeEncryption>(value => PolicyAlgorithms.Encryption(value) == suite.Encryption) ?? Own(suite.Encryption);

    public static string Integrity(IkeSuite suite) => suite.Integrity == IntegrityAlgorithm.None
        ? Find<IkeIntegrity>(value => PolicyAlgorithms.Prf(value) == suite.Prf) ?? suite.Prf.ToString()
        : Find<IkeIntegrity>(value => PolicyAlgorithms.Integrity(value) == suite.Integrity) ?? suite.Integrity.ToString();

    public static string Group(IkeSuite suite) =>
        Find<DhGroup>(value => PolicyAlgorithms.KeyExchange(value) == suite.KeyExchange) ?? suite.KeyExchange.ToString();

    public static string Encryption(EspSuite suite) =>
        Find<IpsecEncryption>(value => PolicyAlgorithms.Encryption(value) == suite.Encryption) ?? Own(suite.Encryption);

    /// <summary>ARM's two GCM members have the same value in an IPsec policy.</summary>
    public static string Integrity(EspSuite suite) => suite.Encryption.IsCombinedMode
        ? Encryption(suite)
        : Find<IpsecIntegrity>(value => PolicyAlgorithms.Integrity(value) == suite.Integrity) ?? suite.Integrity.ToString();

    public static string Group(EspSuite suite) =>
        Find<PfsGroup>(value => PolicyAlgorithms.KeyExchange(value, DhGroup.None) == suite.KeyExchange) ?? suite.KeyExchange.ToString();

    static string? Find<T>(Predicate<T> isMeant)
        where T : struct, Enum
    {
        foreach (T value in Enum.GetValues<T>())
        {
            if (isMeant(value))
                return value.ToString();
        }
        return null;
    }

    static string Own(EncryptionTransform transform) => $"{transform.Algorithm}{transform.KeyBits}";
}
