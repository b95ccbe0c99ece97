using Ipsec.Crypto.Certificates;
using Ipsec.Ike.Configuration;
using Ipsec.Tests.Support.Certificates;

namespace Ipsec.Benchmarks.Negotiation;

/// <summary>
/// How both ends prove who they are: with the one pre-shared key, or each with a certificate of its own name that one authority has issued.
/// The certificates of all initiators are for one key, since making thousands of RSA keys would take minutes.
/// </summary>
sealed class Credentials : IDisposable
{
    readonly string? _keyKind;
    readonly TestCertificate? _authority;
    readonly CertificatePathValidator? _trust;

    /// <param name="keyKind">See <see cref="TestKey"/>; null is the pre-shared key.</param>
    public Credentials(string? keyKind)
    {
        _keyKind = keyKind;
        if (keyKind is null)
            return;
        _authority = TestCertificate.Root("CN=Benchmark CA", new() { Key = keyKind, IsAuthority = true });
        _trust = new CertificatePathValidator([_authority.Certificate], [], []);
    }

    public RemoteAuthentication OfPeer => _trust is null ? RemoteAuthentication.OnlyPresharedKey : new RemoteAuthentication { Trust = _trust };

    /// <summary>Whoever has this DNS name.</summary>
    public LocalAuthentication Own(string name)
    {
        if (_authority is null)
            return LocalAuthentication.PresharedKey;
        TestCertificate own = _authority.Issue($"CN={name}", new() { Key = _keyKind!, KeyName = "ends", Dns = [name] });
        return new LocalAuthentication.SignatureAuthentication([new LocalSigner { Key = own.Key, Chain = [own.Certificate] }]);
    }

    public void Dispose() => _trust?.Dispose();
}
