using System.Collections.Immutable;
using Ipsec.Crypto;
using Ipsec.Crypto.Registry;
using Ipsec.Ike.Configuration;

namespace Ipsec.EndpointHost.Charon;

/// <summary>From the names that charon lists, "AES_GCM_16", "256", "PRF_HMAC_SHA2_256", "MODP_2048", to the registry; None for what it lacks.</summary>
static class CharonAlgorithms
{
    internal static IkeSuite Ike(ViciSection sa) => new(Encryption(sa), Prf(sa["prf-alg"]), Integrity(sa), Group(sa["dh-group"]));

    internal static EspSuite Esp(ViciSection sa) => new(Encryption(sa), Integrity(sa), sa["esn"] == "1", Group(sa["dh-group"]));

    static EncryptionTransform Encryption(ViciSection sa)
    {
        // IANA's names of DES and 3DES leave out the mode, and charon's do not.
        string name = sa["encr-alg"] is "DES_CBC" or "3DES_CBC" ? sa["encr-alg"][..^"_CBC".Length] : sa["encr-alg"];
        _ = int.TryParse(sa["encr-keysize"], out int bits);
        EncryptionEntry[] named = [.. AlgorithmRegistry.Encryptions.Where(entry => entry.IanaName == "ENCR_" + name)];
        return (named.FirstOrDefault(entry => entry.Transform.KeyBits == bits) ?? named.FirstOrDefault())?.Transform ?? default;
    }

    static IntegrityAlgorithm Integrity(ViciSection sa) =>
        AlgorithmRegistry.Integrities.FirstOrDefault(entry => entry.IanaName == "AUTH_" + sa["integ-alg"])?.Algorithm ?? IntegrityAlgorithm.None;

    static PseudorandomFunction Prf(string name) =>
        AlgorithmRegistry.PseudorandomFunctions.FirstOrDefault(entry => entry.IanaName == name)?.Function ?? PseudorandomFunction.None;

    /// <summary>"MODP_2048_256" is modp2048s256, everything else its word without the lines.</summary>
    static KeyExchangeMethod Group(string name)
    {
        string[] parts = name.ToLowerInvariant().Split('_');
        string word = parts is ["modp", string bits, string order] ? $"modp{bits}s{order}" : string.Concat(parts);
        return AlgorithmRegistry.KeyExchanges.FirstOrDefault(entry => entry.Word == word)?.Method ?? KeyExchangeMethod.None;
    }
}
