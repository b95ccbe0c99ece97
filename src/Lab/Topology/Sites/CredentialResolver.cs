using System.Collections.Immutable;
using Ipsec.Crypto.Certificates;
using Ipsec.Crypto.Signatures;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Selection;
using Ipsec.Ike.Wire;
using Ipsec.Lab.Topology.Arm;
using Ipsec.Lab.Topology.Reading;

namespace Ipsec.Lab.Topology.Sites;

/// <summary>A connection's keys and certificates, ready for the endpoint.</summary>
/// <param name="LocalIdentity">The file's, or the certificate's subject where it names none; null leaves the address.</param>
sealed record ResolvedCredentials(LocalAuthentication Local, RemoteAuthentication Remote, Identity? LocalIdentity);

/// <summary>Puts together what a device and its connection say about keys and certificates, and says what does not fit together.</summary>
sealed class CredentialResolver(ErrorList errors)
{
    /// <param name="source">The connection, for errors that belong to no single key.</param>
    public ResolvedCredentials Resolve(DeviceSettings settings, SourcedNode source)
    {
        CredentialSettings credentials = settings.Credentials;
        CheckBothSides(credentials, source);
        ImmutableArray<LocalSigner> signers = credentials.LocalWay switch
        {
            AuthenticationWay.Certificate => CertificateSigners(credentials, source),
            AuthenticationWay.PublicKey => [.. Keys(credentials, source).Select(key => new LocalSigner { Key = key.Key })],
            _ => [],
        };
        LocalAuthentication local = credentials.LocalWay == AuthenticationWay.PresharedKey
            ? LocalAuthentication.PresharedKey
            : new LocalAuthentication.SignatureAuthentication(signers) { Methods = credentials.Signatures ?? [] };
        if (!signers.IsEmpty && credentials.Signatures is ImmutableArray<SignatureMethod> methods
            && !methods.Any(method => signers.Any(signer => signer.Key.Supports(method))))
            errors.Add(source, $"has signatures of which none fits its private key, which is {signers[0].Key.Kind} with {signers[0].Key.PublicKey.Bits} bits");
        return new ResolvedCredentials(local, Remote(credentials, source), LocalIdentity(settings, signers, source));
    }

    /// <summary>Half of a certificate setup would silently ask for a pre-shared key on the other half.</summary>
    void CheckBothSides(CredentialSettings credentials, SourcedNode source)
    {
        bool localSigns = credentials.LocalWay != AuthenticationWay.PresharedKey;
        bool remoteSigns = credentials.RemoteWays.Any(way => way != AuthenticationWay.PresharedKey);
        if (localSigns && !remoteSigns && credentials.Remote is null)
        {
            errors.Add(source, "has a key of its own and nothing that the peer could be verified with; it needs certificateAuthorities, remoteCertificates " +
                "or remotePublicKeys, "
                + "or remoteAuthentication: psk");
        }
        if (!localSigns && remoteSigns && credentials.Local is null)
            errors.Add(source, "can verify the peer and has no privateKey of its own; it needs certificate and privateKey, or localAuthentication: psk");
    }

    ImmutableArray<OwnKey> Keys(CredentialSettings credentials, SourcedNode source)
    {
        if (credentials.PrivateKeys is ImmutableArray<OwnKey> keys)
            return keys;
        errors.Add(source, "has no privateKey");
        return [];
    }

    /// <summary>Each certificate with the private key that belongs to it, and the certificates that lead to its issuer's authority.</summary>
    ImmutableArray<LocalSigner> CertificateSigners(CredentialSettings credentials, SourcedNode source)
    {
        if (credentials.Certificates is not ImmutableArray<CertificateChain> chains)
        {
            errors.Add(source, "has no certificate");
            return [];
        }
        ImmutableArray<OwnKey> keys = Keys(credentials, source);
        ImmutableArray<LocalSigner>.Builder signers = ImmutableArray.CreateBuilder<LocalSigner>();
        foreach (CertificateChain chain in chains)
        {
            Certificate own = chain.Certificates[0];
            if (keys.FirstOrDefault(key => key.Key.PublicKey.Equals(own.PublicKey)) is OwnKey match)
                signers.Add(new LocalSigner { Key = match.Key, Chain = Complete(chain.Certificates, credentials) });
            else if (credentials.PrivateKeys is not null && !keys.IsEmpty)
                errors.Add(chain.Source, $"is the certificate of {own}, to which no privateKey belongs");
        }
        foreach (OwnKey key in keys.Where(key => !chains.Any(chain => chain.Certificates[0].PublicKey.Equals(key.Key.PublicKey))))
            errors.Add(key.Source, "belongs to no certificate that is named first in its file");
        return signers.ToImmutable();
    }

    /// <summary>What is sent: without self-signed authorities, which the peer has or does not trust, and with the intermediate ones that are known.</summary>
    static ImmutableArray<Certificate> Complete(ImmutableArray<Certificate> chain, CredentialSettings credentials)
    {
        List<Certificate> complete = [chain[0], .. chain.Skip(1).Where(certificate => !certificate.IsSelfIssued)];
        Certificate[] known = [.. credentials.Intermediates ?? [], .. credentials.Authorities ?? []];
        while (complete.Count <= CertificatePathValidator.MostIntermediates
            && known.FirstOrDefault(candidate => !candidate.IsSelfIssued && candidate.Subject.Equals(complete[^1].Issuer)
                && !complete.Contains(candidate)) is Certificate issuer)
        {
            complete.Add(issuer);
        }
        return [.. complete];
    }

    RemoteAuthentication Remote(CredentialSettings credentials, SourcedNode source)
    {
        ImmutableArray<AuthenticationWay> ways = credentials.RemoteWays;
        CertificatePathValidator? trust = null;
        if (ways.Contains(AuthenticationWay.Certificate))
        {
            // Named certificates are the only ones: an authority would let in whomever else it certifies.
            ImmutableArray<Certificate> anchors = credentials.RemoteCertificates ?? credentials.Authorities ?? [];
            if (anchors.IsEmpty)
                errors.Add(source, "wants a certificate of the peer and has neither certificateAuthorities nor remoteCertificates");
            trust = new CertificatePathValidator(anchors, credentials.Intermediates ?? [], credentials.RevocationLists ?? []);
        }
        if (ways.Contains(AuthenticationWay.PublicKey) && credentials.RemotePublicKeys is null)
            errors.Add(source, "wants a public key of the peer and has no remotePublicKeys");
        return new RemoteAuthentication
        {
            AllowsPresharedKey = ways.Contains(AuthenticationWay.PresharedKey),
            Trust = trust,
            Revocation = credentials.Revocation ?? RevocationPolicy.Relaxed,
            TrustedKeys = ways.Contains(AuthenticationWay.PublicKey) ? credentials.RemotePublicKeys ?? [] : [],
            AcceptedMethods = credentials.RemoteSignatures ?? [],
        };
    }

    /// <summary>A peer looks for the identity in the certificate (RFC 4945 §3.1): one that is not there is refused here, before it is there.</summary>
    Identity? LocalIdentity(DeviceSettings settings, ImmutableArray<LocalSigner> signers, SourcedNode source)
    {
        if (signers.IsEmpty || signers[0].Certificate is not Certificate first)
            return settings.LocalIdentity;
        if (settings.LocalIdentity is not Identity wanted)
        {
            if (first.Subject.IsEmpty)
                errors.Add(source, "has a certificate without a subject and needs a localIdentity, one of the certificate's alternative names");
            return Identity.From(first.Subject);
        }
        if (signers.FirstOrDefault(signer => IdentityMatching.CertificateHas(signer.Certificate!, wanted))?.Certificate is not Certificate certificate)
        {
            errors.Add(source, $"has the localIdentity {wanted}, which its certificate does not name; the certificate is of " +
                $"{string.Join(", ", first.AlternativeNames.Select(name => $"{name}").Prepend($"{first}"))}");
            return wanted;
        }
        // RFC 4945 §3.1.5: the subject octet for octet.
        return wanted.Type == IdentificationType.DerAsn1Dn && certificate.Subject.Encoding.Length > 0
            && DistinguishedName.TryParse(wanted.Data, out DistinguishedName? name)
            && certificate.Subject.Equals(name) ? Identity.From(certificate.Subject) : wanted;
    }
}
