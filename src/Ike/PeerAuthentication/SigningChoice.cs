using System.Collections.Immutable;
using Ipsec.Crypto.Certificates;
using Ipsec.Crypto.Signatures;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Selection;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.PeerAuthentication;

/// <summary>With which key and by which method this side signs.</summary>
/// <param name="IsDigitalSignature">As authentication method 14 (RFC 7427), because both sides announced it.</param>
sealed record SigningChoice(LocalSigner Signer, SignatureMethod Method, bool IsDigitalSignature)
{
    /// <summary>Null where no key of ours makes a signature that the peer can be expected to verify.</summary>
    /// <param name="askedAuthorities">SHA-1 hashes of public keys, one behind the other, as the peer's CERTREQ has them.</param>
    /// <param name="identity">Ours: a certificate that has it comes before one that has not.</param>
    public static SigningChoice? Find(LocalAuthentication.SignatureAuthentication local, Identity identity, ReadOnlySpan<byte> askedAuthorities,
        ImmutableArray<ushort> peerHashes, IEnumerable<Certificate> knownAuthorities)
    {
        Certificate[] authorities = [.. knownAuthorities];
        // RFC 7296 §3.7: a request for certificates is advice; without one that fits, another one is sent.
        SigningChoice? best = null;
        int bestRank = -1;
        foreach (LocalSigner signer in local.Signers)
        {
            if (MethodFor(signer.Key, local.Methods, peerHashes, out bool isDigitalSignature) is not SignatureMethod method)
                continue;
            bool hasIdentity = signer.Certificate is not Certificate certificate || IdentityMatching.CertificateHas(certificate, identity);
            int rank = (hasIdentity ? 2 : 0) + (IsAskedFor(signer, askedAuthorities, authorities) ? 1 : 0);
            if (rank > bestRank)
                (best, bestRank) = (new SigningChoice(signer, method, isDigitalSignature), rank);
        }
        return best;
    }

    /// <summary>One of the authorities that the peer names issued a certificate of the chain, or is one of it.</summary>
    static bool IsAskedFor(LocalSigner signer, ReadOnlySpan<byte> asked, Certificate[] authorities)
    {
        for (int offset = 0; offset + CertificateRequestPayload.HashLength <= asked.Length; offset += CertificateRequestPayload.HashLength)
        {
            ReadOnlySpan<byte> hash = asked.Slice(offset, CertificateRequestPayload.HashLength);
            foreach (Certificate certificate in signer.Chain)
            {
                if (hash.SequenceEqual(certificate.PublicKeyHash.AsSpan()))
                    return true;
                foreach (Certificate authority in authorities)
                {
                    if (authority.Subject.Equals(certificate.Issuer) && hash.SequenceEqual(authority.PublicKeyHash.AsSpan()))
                        return true;
                }
            }
        }
        return false;
    }

    /// <summary>RFC 7427 §4: method 14 where the peer announced hash algorithms; else the method that the kind of the key has.</summary>
    static SignatureMethod? MethodFor(SigningKey key, ImmutableArray<SignatureMethod> configured, ImmutableArray<ushort> peerHashes,
        out bool isDigitalSignature)
    {
        isDigitalSignature = !peerHashes.IsEmpty;
        IEnumerable<SignatureMethod> methods = isDigitalSignature
            ? (configured.IsDefaultOrEmpty ? Preferred(key.Kind) : configured).Where(method => peerHashes.Contains((ushort)method.Hash))
            : WithNumber(key.Kind).Where(method => configured.IsDefaultOrEmpty || configured.Any(allowed => allowed.MakesSameSignatureAs(method)));
        return methods.FirstOrDefault(key.Supports);
    }

    // RFC 8247 §3.2: RSASSA-PSS before RSASSA-PKCS1-v1_5, no SHA-1. RFC 7427 §5: a hash as strong as the curve comes first.
    static ImmutableArray<SignatureMethod> Preferred(SignatureKeyKind kind) => kind switch
    {
        SignatureKeyKind.Rsa =>
        [
            SignatureMethod.RsaPss(SignatureHash.Sha256), SignatureMethod.RsaPss(SignatureHash.Sha384), SignatureMethod.RsaPss(SignatureHash.Sha512),
            SignatureMethod.RsaPkcs1(SignatureHash.Sha256), SignatureMethod.RsaPkcs1(SignatureHash.Sha384), SignatureMethod.RsaPkcs1(SignatureHash.Sha512),
        ],
        SignatureKeyKind.EcdsaP256 => Ecdsa(SignatureHash.Sha256, SignatureHash.Sha384, SignatureHash.Sha512),
        SignatureKeyKind.EcdsaP384 => Ecdsa(SignatureHash.Sha384, SignatureHash.Sha512, SignatureHash.Sha256),
        SignatureKeyKind.EcdsaP521 => Ecdsa(SignatureHash.Sha512, SignatureHash.Sha384, SignatureHash.Sha256),
        SignatureKeyKind.Ed25519 => [SignatureMethod.Ed25519],
        SignatureKeyKind.Ed448 => [SignatureMethod.Ed448],
        _ => [],
    };

    // RFC 7296 §3.8, RFC 4754 §3. Edwards curves have no method but 14 (RFC 8420).
    static ImmutableArray<SignatureMethod> WithNumber(SignatureKeyKind kind) => kind switch
    {
        SignatureKeyKind.Rsa => [SignatureMethod.RsaPkcs1(SignatureHash.Sha1)],
        SignatureKeyKind.EcdsaP256 => [SignatureMethod.EcdsaFixed(SignatureHash.Sha256)],
        SignatureKeyKind.EcdsaP384 => [SignatureMethod.EcdsaFixed(SignatureHash.Sha384)],
        SignatureKeyKind.EcdsaP521 => [SignatureMethod.EcdsaFixed(SignatureHash.Sha512)],
        _ => [],
    };

    static ImmutableArray<SignatureMethod> Ecdsa(params ReadOnlySpan<SignatureHash> hashes)
    {
        ImmutableArray<SignatureMethod>.Builder methods = ImmutableArray.CreateBuilder<SignatureMethod>(hashes.Length);
        foreach (SignatureHash hash in hashes)
            methods.Add(SignatureMethod.Ecdsa(hash));
        return methods.MoveToImmutable();
    }
}
