using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Ipsec.Crypto.Certificates;
using Ipsec.Crypto.Signatures;
using Ipsec.Ike.Configuration;

namespace Ipsec.Simulation.Cells;

/// <summary>
/// One authority, one under it, and certificates of a hub and of four spokes, the same in every cell and every run: Ed25519, whose signatures are the same
/// each time, and valid whatever becomes of a clock.
/// </summary>
static class SimulatedCertificates
{
    const int MostSpokes = 4;

    static readonly DateTimeOffset NotBefore = new(1990, 1, 1, 0, 0, 0, TimeSpan.Zero);
    static readonly DateTimeOffset NotAfter = new(2049, 1, 1, 0, 0, 0, TimeSpan.Zero);
    static readonly (Certificate Certificate, SigningKey Key) Root = Make("CN=Root", 10, null, isAuthority: true);
    static readonly (Certificate Certificate, SigningKey Key) Intermediate = Make("CN=Intermediate", 11, Root, isAuthority: true);
    static readonly LocalSigner HubSigner = Signer(HubName, 12);
    static readonly LocalSigner[] SpokeSigners = [.. Enumerable.Range(0, MostSpokes).Select(spoke => Signer(SpokeName(spoke), (byte)(13 + spoke)))];

    public const string HubName = "hub.example";

    public static string SpokeName(int tunnel) => $"spoke{tunnel}.example";

    public static LocalAuthentication OfHub => new LocalAuthentication.SignatureAuthentication([HubSigner]);

    public static LocalAuthentication OfSpoke(int tunnel) => new LocalAuthentication.SignatureAuthentication([SpokeSigners[tunnel]]);

    public static RemoteAuthentication OfPeer { get; } = new()
    {
        Trust = new CertificatePathValidator([Root.Certificate], [], []),
        Revocation = RevocationPolicy.Off,
    };

    static LocalSigner Signer(string name, byte filling)
    {
        (Certificate certificate, SigningKey key) = Make($"CN={name}", filling, Intermediate, isAuthority: false, name);
        return new LocalSigner { Key = key, Chain = [certificate, Intermediate.Certificate] };
    }

    static (Certificate, SigningKey) Make(string subject, byte filling, (Certificate Certificate, SigningKey Key)? issuer, bool isAuthority, string? dns = null)
    {
        SigningKey key = RawKeys.Make(filling);
        Ed25519Generator generator = new(issuer?.Key ?? key);
        CertificateRequest request = new(new X500DistinguishedName(subject), new Ed25519Generator(key).PublicKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(
            isAuthority ? X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign : X509KeyUsageFlags.DigitalSignature, critical: true));
        if (dns is not null)
        {
            SubjectAlternativeNameBuilder names = new();
            names.AddDnsName(dns);
            request.CertificateExtensions.Add(names.Build());
        }
        X500DistinguishedName issuerName = issuer is { } parent ? new X500DistinguishedName(parent.Certificate.Subject.Encoding) : request.SubjectName;
        using X509Certificate2 made = request.Create(issuerName, generator, NotBefore, NotAfter, [filling]);
        return Certificate.TryParse(made.RawData, out Certificate? certificate) ? (certificate, key) : throw new InvalidOperationException(subject);
    }

    sealed class Ed25519Generator(SigningKey key) : X509SignatureGenerator
    {
        public override byte[] GetSignatureAlgorithmIdentifier(HashAlgorithmName hashAlgorithm) => SignatureMethod.Ed25519.ToAlgorithmIdentifier();

        public override byte[] SignData(byte[] data, HashAlgorithmName hashAlgorithm) => key.Sign(SignatureMethod.Ed25519, data);

        protected override System.Security.Cryptography.X509Certificates.PublicKey BuildPublicKey() =>
            System.Security.Cryptography.X509Certificates.PublicKey.CreateFromSubjectPublicKeyInfo(key.PublicKey.Encoding, out _);
    }
}
