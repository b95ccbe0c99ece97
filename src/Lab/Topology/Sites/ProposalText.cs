using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Ipsec.Crypto;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Wire;

namespace Ipsec.Lab.Topology.Sites;

static class ProposalText
{
    public static bool TryParse(string text, ProtocolId protocol, [NotNullWhen(true)] out AlgorithmProposal? proposal, out string? error)
    {
        List<EncryptionTransform> encryption = [];
        List<PseudorandomFunction> prf = [];
        List<IntegrityAlgorithm> integrity = [];
        List<KeyExchangeMethod> groups = [];
        proposal = null;
        error = null;
        foreach (string token in text.Split('-'))
        {
            if (token == "3des")
                encryption.Add(new EncryptionTransform(EncryptionAlgorithm.TripleDesCbc, 0));
            else if (token.StartsWith("aes"))
                encryption.Add(new EncryptionTransform(token.EndsWith("gcm16") ? EncryptionAlgorithm.AesGcm16 : EncryptionAlgorithm.AesCbc, int.Parse(token[3..6])));
            else if (token.StartsWith("sha"))
                integrity.Add(token switch { "sha1" => IntegrityAlgorithm.HmacSha1_96, "sha256" => IntegrityAlgorithm.HmacSha256_128, "sha384" => IntegrityAlgorithm.HmacSha384_192, _ => IntegrityAlgorithm.HmacSha512_256 });
            else if (token.StartsWith("prf"))
                prf.Add(Prf(token[3..]));
            else
                groups.Add(token switch { "modp1024" => KeyExchangeMethod.Modp1024, "modp2048" => KeyExchangeMethod.Modp2048, "ecp256" => KeyExchangeMethod.Ecp256, "ecp384" => KeyExchangeMethod.Ecp384, _ => KeyExchangeMethod.Curve25519 });
        }
        if (protocol == ProtocolId.Ike && prf.Count == 0)
            prf.AddRange(text.Split('-').Where(token => token.StartsWith("sha")).Select(Prf));
        proposal = new AlgorithmProposal(protocol, [.. encryption], [.. prf], [.. integrity], [.. groups], protocol == ProtocolId.Esp ? [false] : []);
        return true;
    }

    static PseudorandomFunction Prf(string hash) => hash switch
    {
        "sha1" => PseudorandomFunction.HmacSha1,
        "sha256" => PseudorandomFunction.HmacSha256,
        "sha384" => PseudorandomFunction.HmacSha384,
        _ => PseudorandomFunction.HmacSha512,
    };
}
