using System.Collections.Immutable;
using Ipsec.Crypto.Certificates;
using Ipsec.Crypto.Signatures;
using Ipsec.Lab.Topology.Arm;

namespace Ipsec.Lab.Topology.Sites;

/// <summary>How one side proves who it is.</summary>
enum AuthenticationWay
{
    PresharedKey,
    Certificate,
    PublicKey,
}

/// <summary>The certificates of one file or text, the device's own first.</summary>
sealed record CertificateChain(ImmutableArray<Certificate> Certificates, SourcedNode Source);

/// <summary>A private key and where it stands in the file.</summary>
sealed record OwnKey(SigningKey Key, SourcedNode Source);

/// <summary>What a device or a connection says about keys and certificates. Null is "not said here": the next wider level decides.</summary>
sealed record CredentialSettings
{
    public AuthenticationWay? Local { get; init; }
    public ImmutableArray<AuthenticationWay>? Remote { get; init; }
    public ImmutableArray<CertificateChain>? Certificates { get; init; }
    public ImmutableArray<OwnKey>? PrivateKeys { get; init; }
    public ImmutableArray<SignatureMethod>? Signatures { get; init; }
    public ImmutableArray<Certificate>? Authorities { get; init; }
    public ImmutableArray<Certificate>? Intermediates { get; init; }
    public ImmutableArray<Certificate>? RemoteCertificates { get; init; }
    public ImmutableArray<PublicKey>? RemotePublicKeys { get; init; }
    public ImmutableArray<SignatureMethod>? RemoteSignatures { get; init; }
    public ImmutableArray<RevocationList>? RevocationLists { get; init; }
    public RevocationPolicy? Revocation { get; init; }

    /// <summary>Where nothing is said: what there are keys for.</summary>
    public AuthenticationWay LocalWay => Local
        ?? (Certificates is not null ? AuthenticationWay.Certificate : PrivateKeys is not null ? AuthenticationWay.PublicKey : AuthenticationWay.PresharedKey);

    /// <summary>Where nothing is said: what there is something to verify with.</summary>
    public ImmutableArray<AuthenticationWay> RemoteWays
    {
        get
        {
            if (Remote is ImmutableArray<AuthenticationWay> said)
                return said;
            ImmutableArray<AuthenticationWay>.Builder ways = ImmutableArray.CreateBuilder<AuthenticationWay>();
            if (Authorities is not null || RemoteCertificates is not null)
                ways.Add(AuthenticationWay.Certificate);
            if (RemotePublicKeys is not null)
                ways.Add(AuthenticationWay.PublicKey);
            if (ways.Count == 0)
                ways.Add(AuthenticationWay.PresharedKey);
            return ways.ToImmutable();
        }
    }

    public bool NeedsPresharedKey => LocalWay == AuthenticationWay.PresharedKey || RemoteWays.Contains(AuthenticationWay.PresharedKey);

    /// <summary>These settings, and where they say nothing those of the wider level.</summary>
    public CredentialSettings Over(CredentialSettings wider) => new()
    {
        Local = Local ?? wider.Local,
        Remote = Remote ?? wider.Remote,
        Certificates = Certificates ?? wider.Certificates,
        PrivateKeys = PrivateKeys ?? wider.PrivateKeys,
        Signatures = Signatures ?? wider.Signatures,
        Authorities = Authorities ?? wider.Authorities,
        Intermediates = Intermediates ?? wider.Intermediates,
        RemoteCertificates = RemoteCertificates ?? wider.RemoteCertificates,
        RemotePublicKeys = RemotePublicKeys ?? wider.RemotePublicKeys,
        RemoteSignatures = RemoteSignatures ?? wider.RemoteSignatures,
        RevocationLists = RevocationLists ?? wider.RevocationLists,
        Revocation = Revocation ?? wider.Revocation,
    };
}
