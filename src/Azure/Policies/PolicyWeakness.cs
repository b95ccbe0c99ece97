using Ipsec.Azure.Resources;
using Ipsec.Crypto;
using Ipsec.Crypto.Registry;

namespace Ipsec.Azure.Policies;

/// <summary>A value of an <c>ipsecPolicies</c> element that should not be chosen.</summary>
/// <param name="Property">Its key in the element: "dhGroup".</param>
/// <param name="Value">In ARM's spelling.</param>
/// <param name="Reason">Who says so and why.</param>
public sealed record WeakPolicyValue(string Property, string Value, string Reason);

/// <summary>What is weak in a custom policy. The default policy is Azure's own choice, about which nobody is warned.</summary>
public static class PolicyWeakness
{
    public static IEnumerable<WeakPolicyValue> Of(IpsecPolicy policy)
    {
        if (EntryOf(PolicyAlgorithms.Encryption(policy.IkeEncryption))?.IkeWeakness is string encryption)
            yield return new WeakPolicyValue("ikeEncryption", $"{policy.IkeEncryption}", encryption);
        if (EntryOf(PolicyAlgorithms.Integrity(policy.IkeIntegrity))?.IkeWeakness is string integrity)
            yield return new WeakPolicyValue("ikeIntegrity", $"{policy.IkeIntegrity}", integrity);
        if (EntryOf(PolicyAlgorithms.KeyExchange(policy.DhGroup))?.IkeWeakness is string group)
            yield return new WeakPolicyValue("dhGroup", $"{policy.DhGroup}", group);
        if (EntryOf(PolicyAlgorithms.Encryption(policy.IpsecEncryption))?.EspWeakness is string espEncryption)
            yield return new WeakPolicyValue("ipsecEncryption", $"{policy.IpsecEncryption}", espEncryption);
        if (EntryOf(PolicyAlgorithms.Integrity(policy.IpsecIntegrity))?.EspWeakness is string espIntegrity)
            yield return new WeakPolicyValue("ipsecIntegrity", $"{policy.IpsecIntegrity}", espIntegrity);
        if (policy.PfsGroup != PfsGroup.PFSMM && EntryOf(PolicyAlgorithms.KeyExchange(policy.PfsGroup, policy.DhGroup))?.EspWeakness is string pfs)
            yield return new WeakPolicyValue("pfsGroup", $"{policy.PfsGroup}", pfs);
    }

    static EncryptionEntry? EntryOf(EncryptionTransform? transform) => transform is EncryptionTransform known ? AlgorithmRegistry.Find(known) : null;

    static IntegrityEntry? EntryOf(IntegrityAlgorithm? algorithm) => algorithm is IntegrityAlgorithm known ? AlgorithmRegistry.Find(known) : null;

    static KeyExchangeEntry? EntryOf(KeyExchangeMethod? method) => method is KeyExchangeMethod known ? AlgorithmRegistry.Find(known) : null;
}
