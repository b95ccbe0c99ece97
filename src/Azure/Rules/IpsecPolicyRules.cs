using Ipsec.Azure.Policies;
using Ipsec.Azure.Resources;
using Ipsec.Crypto;

namespace Ipsec.Azure.Rules;

static class IpsecPolicyRules
{
    const int MinimumLifetimeSeconds = 300;
    const int MinimumDataSizeKilobytes = 1024;

    public static void Check(IpsecPolicy policy, string path, ErrorCollector errors)
    {
        CheckSupported(policy.IkeEncryption, value => PolicyAlgorithms.Encryption(value) is not null, $"{path}.ikeEncryption", errors);
        CheckSupported(policy.IkeIntegrity, value => PolicyAlgorithms.Prf(value) is not null, $"{path}.ikeIntegrity", errors);
        CheckSupported(policy.DhGroup, value => IsSupported(PolicyAlgorithms.KeyExchange(value)), $"{path}.dhGroup", errors);
        CheckSupported(policy.IpsecEncryption, value => PolicyAlgorithms.Encryption(value) is not null, $"{path}.ipsecEncryption", errors);
        CheckSupported(policy.IpsecIntegrity, value => PolicyAlgorithms.Integrity(value) is not null, $"{path}.ipsecIntegrity", errors);
        CheckSupported(policy.PfsGroup, value => value == PfsGroup.None || value == PfsGroup.PFSMM || IsSupported(PolicyAlgorithms.KeyExchange(value, policy.DhGroup)),
            $"{path}.pfsGroup", errors);
        CheckGcm(policy, path, errors);
        if (policy.SaLifeTimeSeconds < MinimumLifetimeSeconds)
            errors.Add($"{path}.saLifeTimeSeconds", $"must be {MinimumLifetimeSeconds} at least, not {policy.SaLifeTimeSeconds}");
        if (policy.SaDataSizeKilobytes < MinimumDataSizeKilobytes)
            errors.Add($"{path}.saDataSizeKilobytes", $"must be {MinimumDataSizeKilobytes} at least, not {policy.SaDataSizeKilobytes}");
    }

    /// <summary>Integrity of a combined-mode algorithm is its own: same name, same key length. In IKE a hash may stand there, for the PRF.</summary>
    static void CheckGcm(IpsecPolicy policy, string path, ErrorCollector errors)
    {
        string encryption = policy.IpsecEncryption.ToString();
        string integrity = policy.IpsecIntegrity.ToString();
        if ((IsGcm(encryption) || IsGcm(integrity)) && encryption != integrity)
        {
            errors.Add($"{path}.ipsecIntegrity", IsGcm(encryption)
                ? $"must be {encryption} as ipsecEncryption is, not {integrity}"
                : $"must not be {integrity} with the ipsecEncryption {encryption}; accepted: {string.Join(", ", Supported<IpsecIntegrity>(IsHash))}");
        }
        string ikeIntegrity = policy.IkeIntegrity.ToString();
        if (IsGcm(ikeIntegrity) && ikeIntegrity != policy.IkeEncryption.ToString())
            errors.Add($"{path}.ikeIntegrity", $"must not be {ikeIntegrity} with the ikeEncryption {policy.IkeEncryption}; accepted: {string.Join(", ", Supported<IkeIntegrity>(IsHash))}");
    }

    static bool IsGcm(string name) => name.StartsWith("GCM", StringComparison.Ordinal);

    static bool IsHash(IpsecIntegrity value) => PolicyAlgorithms.Integrity(value) is not (null or IntegrityAlgorithm.None);

    static bool IsHash(IkeIntegrity value) => PolicyAlgorithms.Integrity(value) is not (null or IntegrityAlgorithm.None);

    static bool IsSupported(KeyExchangeMethod? method) => method is KeyExchangeMethod known && KeyExchanges.IsSupported(known);

    static void CheckSupported<T>(T value, Func<T, bool> isSupported, string path, ErrorCollector errors) where T : struct, Enum
    {
        if (!isSupported(value))
            errors.Add(path, $"is {value}, which this stack does not have; accepted: {string.Join(", ", Supported(isSupported))}");
    }

    static IEnumerable<T> Supported<T>(Func<T, bool> isSupported) where T : struct, Enum => Enum.GetValues<T>().Where(isSupported);
}
