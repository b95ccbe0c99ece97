using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Ipsec.Crypto.Certificates;
using Ipsec.Crypto.Signatures;
using Xunit;

namespace Ipsec.Tests.Support.Certificates;

/// <summary>A certificate with its private key, made in the test: a root, or issued by another one.</summary>
public sealed class TestCertificate
{
    static int _serial;

    TestCertificate(byte[] der, SigningKey key, string keyKind, string keyName)
    {
        Der = der;
        Key = key;
        KeyPkcs8 = TestKey.Pkcs8(keyKind, keyName);
    }

    public byte[] Der { get; }

    public SigningKey Key { get; }

    public byte[] KeyPkcs8 { get; }

    public string Pem => PemEncoding.WriteString("CERTIFICATE", Der);

    public string KeyPem => PemEncoding.WriteString("PRIVATE KEY", KeyPkcs8);

    /// <summary>Parsed anew at each call.</summary>
    public Certificate Certificate => Certificate.TryParse(Der, out Certificate? certificate) ? certificate : throw new InvalidOperationException("malformed");

    /// <summary>A self-signed certification authority.</summary>
    public static TestCertificate Root(string subject, CertificateOptions? options = null) =>
        Make(subject, options ?? new() { IsAuthority = true }, issuer: null);

    /// <summary>A certificate that is signed with its own key.</summary>
    public static TestCertificate SelfSigned(string subject, CertificateOptions? options = null) => Make(subject, options ?? new(), issuer: null);

    public TestCertificate Issue(string subject, CertificateOptions? options = null) => Make(subject, options ?? new(), this);

    public TestCertificate IssueAuthority(string subject, CertificateOptions? options = null) =>
        Make(subject, (options ?? new()) with { IsAuthority = true }, this);

    /// <summary>A revocation list signed by this authority.</summary>
    public byte[] RevocationList(DateTimeOffset thisUpdate, DateTimeOffset nextUpdate, params (TestCertificate Certificate, DateTimeOffset At)[] revoked)
    {
        CertificateRevocationListBuilder builder = new();
        foreach ((TestCertificate certificate, DateTimeOffset at) in revoked)
            builder.AddEntry(Convert.FromHexString(certificate.Certificate.SerialNumber), at);
        using X509Certificate2 own = X509CertificateLoader.LoadCertificate(Der);
        return builder.Build(own.SubjectName, new KeySignatureGenerator(Key, UsualMethod(Key)), crlNumber: 1, nextUpdate, HashAlgorithmName.SHA256,
            X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(new X509SubjectKeyIdentifierExtension(own.PublicKey, critical: false)),
                thisUpdate);
    }

    public static SignatureMethod UsualMethod(SigningKey key) => key.Kind switch
    {
        SignatureKeyKind.Rsa => SignatureMethod.RsaPkcs1(SignatureHash.Sha256),
        SignatureKeyKind.EcdsaP384 => SignatureMethod.Ecdsa(SignatureHash.Sha384),
        SignatureKeyKind.EcdsaP521 => SignatureMethod.Ecdsa(SignatureHash.Sha512),
        SignatureKeyKind.Ed25519 => SignatureMethod.Ed25519,
        SignatureKeyKind.Ed448 => SignatureMethod.Ed448,
        _ => SignatureMethod.Ecdsa(SignatureHash.Sha256),
    };

    static TestCertificate Make(string subject, CertificateOptions options, TestCertificate? issuer)
    {
        string keyName = options.KeyName ?? subject;
        SigningKey key = TestKey.Read(options.Key, keyName);
        SigningKey signer = issuer?.Key ?? key;
        KeySignatureGenerator generator = new(signer, options.Signature ?? UsualMethod(signer));
        System.Security.Cryptography.X509Certificates.PublicKey publicKey =
            System.Security.Cryptography.X509Certificates.PublicKey.CreateFromSubjectPublicKeyInfo(key.PublicKey.Encoding, out _);
        Assert.True(DistinguishedName.TryParse(subject, out DistinguishedName? name), subject);
        CertificateRequest request = new(new X500DistinguishedName(name.Encoding), publicKey, HashAlgorithmName.SHA256);
        foreach (X509Extension extension in Extensions(options, publicKey, issuer))
            request.CertificateExtensions.Add(extension);
        byte[] serial = [0x12, 0, 0, 0, 0];
        BinaryPrimitives.WriteInt32BigEndian(serial.AsSpan(1), Interlocked.Increment(ref _serial));
        X500DistinguishedName issuerName;
        using (X509Certificate2? parent = issuer is null ? null : X509CertificateLoader.LoadCertificate(issuer.Der))
            issuerName = parent?.SubjectName ?? request.SubjectName;
        using X509Certificate2 certificate = request.Create(issuerName, generator, options.NotBefore, options.NotAfter, serial);
        return new TestCertificate(certificate.RawData, key, options.Key, keyName);
    }

    static IEnumerable<X509Extension> Extensions(CertificateOptions options, System.Security.Cryptography.X509Certificates.PublicKey key,
        TestCertificate? issuer)
    {
        if (options.StandardExtensions)
        {
            yield return new X509BasicConstraintsExtension(options.IsAuthority, options.PathLength is not null, options.PathLength ?? 0, critical: true);
            yield return new X509KeyUsageExtension(
                options.KeyUsage ?? (options.IsAuthority ? X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign : X509KeyUsageFlags.DigitalSignature),
                critical: true);
            X509SubjectKeyIdentifierExtension identifier = new(key, critical: false);
            yield return identifier;
            if (issuer is not null)
            {
                using X509Certificate2 parent = X509CertificateLoader.LoadCertificate(issuer.Der);
                yield return X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(new X509SubjectKeyIdentifierExtension(parent.PublicKey,
                    critical: false));
            }
        }
        if (options.Dns.Length + options.Email.Length + options.Ip.Length + options.Uri.Length > 0)
        {
            SubjectAlternativeNameBuilder names = new();
            Array.ForEach(options.Dns, names.AddDnsName);
            Array.ForEach(options.Email, names.AddEmailAddress);
            Array.ForEach(options.Ip, address => names.AddIpAddress(System.Net.IPAddress.Parse(address)));
            Array.ForEach(options.Uri, uri => names.AddUri(new Uri(uri)));
            yield return names.Build();
        }
        if (options.ExtendedKeyUsages.Length > 0)
        {
            OidCollection purposes = [];
            Array.ForEach(options.ExtendedKeyUsages, purpose => purposes.Add(new Oid(purpose)));
            yield return new X509EnhancedKeyUsageExtension(purposes, critical: false);
        }
        foreach (X509Extension extension in options.More)
            yield return extension;
    }
}
