using System.Text;
using Ipsec.Crypto.Signatures;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Wire;
using Ipsec.Lab.Run;
using Ipsec.Lab.Tests.Support;
using Ipsec.Lab.Topology;
using Ipsec.Tests.Support.Certificates;

namespace Ipsec.Lab.Tests.Topology;

/// <summary>Keys and certificates of a device: what becomes of them, what does not fit together, and tunnels that come up with them.</summary>
public sealed class CredentialTests
{
    static readonly TestCertificate Root = TestCertificate.Root("C=CH, O=Example, CN=Root", new()
    { IsAuthority = true, NotBefore = CertificateOptions.Start.AddYears(-1) });
    static readonly TestCertificate Left = Issue("left");
    static readonly TestCertificate Right = Issue("right");
    static readonly TestCertificate Expired = Root.Issue("CN=right", new()
    {
        KeyName = "C=CH, O=Example, CN=right",
        Dns = ["right.example"],
        NotBefore = CertificateOptions.Start.AddMonths(-6),
        NotAfter = CertificateOptions.Start.AddMonths(-3),
    });

    static readonly MemorySecrets Files = MakeFiles();

    [Fact]
    public void ACertificateAndItsKeyBecomeTheConnections()
    {
        ConnectionConfiguration connection = Single("""
            certificate: { file: left.pem }
            privateKey: { file: left.key }
            certificateAuthorities: [{ file: root.pem }]
            revocationLists: { file: root.crl }
            revocation: strict
            signatures: [ecdsa-sha384, ecdsa-sha256]
            remoteSignatures: [ecdsa-sha256]
            """);
        var local = Assert.IsType<LocalAuthentication.SignatureAuthentication>(connection.LocalAuthentication);
        LocalSigner signer = Assert.Single(local.Signers);
        Assert.Equal(Left.Der, Assert.Single(signer.Chain).Encoding);
        Assert.Equal([SignatureMethod.Ecdsa(SignatureHash.Sha384), SignatureMethod.Ecdsa(SignatureHash.Sha256)], local.Methods);
        Assert.Equal(Identity.From(Left.Certificate.Subject), connection.LocalIdentity);
        Assert.False(connection.RemoteAuthentication.AllowsPresharedKey);
        Assert.Equal(Root.Der, Assert.Single(connection.RemoteAuthentication.Trust!.Anchors).Encoding);
        Assert.Single(connection.RemoteAuthentication.Trust.RevocationLists);
        Assert.Equal(Crypto.Certificates.RevocationPolicy.Strict, connection.RemoteAuthentication.Revocation);
        Assert.Equal([SignatureMethod.Ecdsa(SignatureHash.Sha256)], connection.RemoteAuthentication.AcceptedMethods);
    }

    [Theory]
    [InlineData("", Crypto.Certificates.RevocationPolicy.Relaxed)]
    [InlineData("revocation: relaxed", Crypto.Certificates.RevocationPolicy.Relaxed)]
    [InlineData("revocation: ifuri", Crypto.Certificates.RevocationPolicy.IfUri)]
    [InlineData("revocation: strict", Crypto.Certificates.RevocationPolicy.Strict)]
    [InlineData("revocation: off", Crypto.Certificates.RevocationPolicy.Off)]
    public void EveryRevocationPolicyIsKnown(string key, object policy)
    {
        ConnectionConfiguration connection = Single($$"""
            certificate: { file: left.pem }
            privateKey: { file: left.key }
            certificateAuthorities: { file: root.pem }
            {{key}}
            """);
        Assert.Equal(policy, connection.RemoteAuthentication.Revocation);
    }

    [Fact]
    public void AConnectionsRevocationListsStandInThePlaceOfTheDevices()
    {
        const string Device = """
            certificate: { file: left.pem }
            privateKey: { file: left.key }
            certificateAuthorities: { file: root.pem }
            revocationLists: { file: root.crl }
            """;
        Assert.Equal(CertificateOptions.Start, Assert.Single(Single(Device).RemoteAuthentication.Trust!.RevocationLists).ThisUpdate);
        var own = Single(Device, "revocationLists: [{ file: root.crl }, { file: later.crl }], revocation: strict").RemoteAuthentication;
        Assert.Equal([CertificateOptions.Start, CertificateOptions.Start.AddMonths(1)], own.Trust!.RevocationLists.Select(list => list.ThisUpdate));
        Assert.Equal(Crypto.Certificates.RevocationPolicy.Strict, own.Revocation);
    }

    [Fact]
    public void WithoutKeysEverythingIsPresharedAsBefore()
    {
        ConnectionConfiguration connection = Single("", "sharedKey: a-secret-of-both");
        Assert.Equal(LocalAuthentication.PresharedKey, connection.LocalAuthentication);
        Assert.Equal(RemoteAuthentication.OnlyPresharedKey, connection.RemoteAuthentication);
        Assert.Null(connection.LocalIdentity);
    }

    [Fact]
    public void EncryptedKeysOtherFormsAndPublicKeysAreRead()
    {
        ConnectionConfiguration connection = Single("""
            localAuthentication: publicKey
            privateKey: { file: left.encrypted }
            privateKeyPassword: { env: PASSWORD }
            remotePublicKeys: { file: right.pub }
            """);
        LocalSigner signer = Assert.Single(Assert.IsType<LocalAuthentication.SignatureAuthentication>(connection.LocalAuthentication).Signers);
        Assert.Null(signer.Certificate);
        Assert.Equal(Left.Key.PublicKey, signer.Key.PublicKey);
        Assert.Equal([Right.Key.PublicKey], connection.RemoteAuthentication.TrustedKeys);
        Assert.Null(connection.RemoteAuthentication.Trust);
    }

    [Fact]
    public void ANamedCertificateOfThePeerIsTheOnlyOne()
    {
        ConnectionConfiguration connection = Single("""
            certificate: { file: left.pem }
            privateKey: { file: left.key }
            certificateAuthorities: { file: root.pem }
            """, "remoteCertificates: { file: right.pem }");
        Assert.Equal(Right.Der, Assert.Single(connection.RemoteAuthentication.Trust!.Anchors).Encoding);
    }

    [Fact]
    public void TheSubjectIsSentOctetForOctet()
    {
        ConnectionConfiguration connection = Single("""
            certificate: { file: left.pem }
            privateKey: { file: left.key }
            certificateAuthorities: { file: root.pem }
            localIdentity: "c=ch, o=EXAMPLE, cn=Left"
            """);
        Assert.Equal(Identity.From(Left.Certificate.Subject), connection.LocalIdentity);
    }

    [Theory]
    [InlineData("certificate: left.pem", "certificate is text without \"-----BEGIN\"; accepted: PEM text, or {file: PATH} for a file.")]
    [InlineData("certificate: { file: none.pem }", "certificate names the file none.pem, which cannot be read: it does not exist.")]
    [InlineData("certificate: { file: left.key }", "certificate names the file left.key, which holds PRIVATE KEY where a certificate is expected.")]
    [InlineData("privateKey: { file: left.pem }", "privateKey names the file left.pem, which holds CERTIFICATE where a private key is expected.")]
    [InlineData("privateKey: { file: left.encrypted }", "privateKey names the file left.encrypted, which is encrypted and needs privateKeyPassword.")]
    [InlineData("{ privateKey: { file: left.encrypted }, privateKeyPassword: wrong }",
        "privateKey names the file left.encrypted, which cannot be decrypted with the password that is given for it.")]
    [InlineData("privateKey: 5", "privateKey must be PEM text, {file: PATH}, {env: NAME}, or a list of them, not a number.")]
    [InlineData("privateKey: { env: NOTHING }", "privateKey names the environment variable NOTHING, which is not set, and has no default.")]
    [InlineData("revocationLists: { file: left.pem }", "revocationLists names the file left.pem, which holds CERTIFICATE where a revocation list is expected.")]
    [InlineData("remotePublicKeys: { file: left.pem }",
        "remotePublicKeys names the file left.pem, which is no public key in PEM or DER (SubjectPublicKeyInfo).")]
    [InlineData("certificateAuthorities: []", "certificateAuthorities must have at least one entry.")]
    [InlineData("revocation: never", "revocation must be relaxed, ifuri, strict or off, not 'never'.")]
    [InlineData("revocation: [strict]", "revocation must be relaxed, ifuri, strict or off, not a list.")]
    [InlineData("revocationLists: { file: none.crl }", "revocationLists names the file none.crl, which cannot be read: it does not exist.")]
    [InlineData("signatures: [md5]", "must be rsa-sha1, rsa-sha256,")]
    [InlineData("{ certificate: { file: left.pem }, privateKey: { file: right.key }, certificateAuthorities: { file: root.pem } }",
        "certificate is the certificate of C=CH, O=Example, CN=left, to which no privateKey belongs.")]
    [InlineData("{ certificate: { file: left.pem }, privateKey: [{ file: left.key }, { file: right.key }], certificateAuthorities: { file: root.pem } }",
        "privateKey[1] belongs to no certificate that is named first in its file.")]
    [InlineData("{ certificate: { file: left.pem }, certificateAuthorities: { file: root.pem } }", "has no privateKey.")]
    [InlineData("{ certificate: { file: left.pem }, privateKey: { file: left.key } }",
        "has a key of its own and nothing that the peer could be verified with;")]
    [InlineData("certificateAuthorities: { file: root.pem }", "can verify the peer and has no privateKey of its own;")]
    [InlineData("{ certificate: { file: left.pem }, privateKey: { file: left.key }, remoteAuthentication: certificate }",
        "wants a certificate of the peer and has neither certificateAuthorities nor remoteCertificates.")]
    [InlineData("{ certificate: { file: left.pem }, privateKey: { file: left.key }, certificateAuthorities: { file: root.pem }, localIdentity: other.example }",
        "has the localIdentity other.example, which its certificate does not name; the certificate is of C=CH, O=Example, CN=left, left.example.")]
    [InlineData("{ certificate: { file: left.pem }, privateKey: { file: left.key }, certificateAuthorities: { file: root.pem }, signatures: [rsa-sha256] }",
        "has signatures of which none fits its private key, which is EcdsaP256 with 256 bits.")]
    [InlineData("localIdentity: \"CN\\u003d\"", "localIdentity must be an address, a name, user@host, a distinguished name")]
    [InlineData("localAuthentication: publicKey", "has no privateKey.")]
    public void SaysInOneSentenceWhatIsWrong(string device, string sentence)
    {
        string keys = device.StartsWith('{') ? device[1..^1].Trim() : device;
        string text = Text("", "").Replace("address: 192.0.2.1,", $"address: 192.0.2.1, {keys},");
        string[] errors = Samples.Errors(text, Files);
        Assert.Contains(errors, error => error.Contains(sentence, StringComparison.Ordinal));
        Assert.All(errors, error => Assert.DoesNotContain("MHcC", error, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("right.pem", null)]
    [InlineData("expired.pem", "The certificate of CN=right expired on 2025-10-01 00:00:00 UTC.")]
    public void ALabRunsWithCertificates(string rightCertificate, string? reason)
    {
        TopologyModel model = Samples.Load($$"""
            name: certificates
            sites:
              left:
                networks: [10.1.0.0/24]
                device: { address: 192.0.2.1, localIdentity: left.example, certificate: { file: left.pem }, privateKey: { file: left.key }, certificateAuthorities: { file: root.pem },
                          connections: [{ name: link, peer: right, remoteIdentity: right.example }] }
              right:
                networks: [10.2.0.0/24]
                device: { address: 198.51.100.1, localIdentity: right.example, certificate: { file: {{rightCertificate}} }, privateKey: { file: right.key }, certificateAuthorities: { file: root.pem },
                          startAction: none, connections: [{ name: link, peer: left, remoteIdentity: left.example }] }
            hosts:
              a: { in: left, address: 10.1.0.10 }
              b: { in: right, address: 10.2.0.10 }
            expect:
              - {{(reason is null ? "ping a -> b" : "tunnel link fails authentication-failed")}}
            """, Files);
        Report.LabReport report = Labs.RunToEnd(model, new LabOptions { Seed = 3 });
        Labs.AssertPassed(report);
        if (reason is not null)
            Assert.Contains(report.Tunnels.SelectMany(tunnel => tunnel.Reasons), found => found.Certainty == "known"
                && found.Text.Contains(reason, StringComparison.Ordinal));
    }

    static TestCertificate Issue(string name) => Root.Issue($"C=CH, O=Example, CN={name}", new() { Dns = [$"{name}.example"] });

    static MemorySecrets MakeFiles()
    {
        using System.Security.Cryptography.ECDsa key = System.Security.Cryptography.ECDsa.Create();
        key.ImportPkcs8PrivateKey(Left.KeyPkcs8, out _);
        System.Security.Cryptography.PbeParameters encryption = new(System.Security.Cryptography.PbeEncryptionAlgorithm.Aes256Cbc,
            System.Security.Cryptography.HashAlgorithmName.SHA256, 1000);
        return new MemorySecrets
        {
            Environment = { ["PASSWORD"] = "of-the-key" },
            Files =
            {
                ["root.pem"] = Root.Pem,
                ["left.pem"] = Left.Pem,
                ["left.key"] = Left.KeyPem,
                ["left.encrypted"] = key.ExportEncryptedPkcs8PrivateKeyPem("of-the-key", encryption),
                ["right.pem"] = Right.Pem + "\n" + Root.Pem,
                ["right.key"] = Right.KeyPem,
                ["right.pub"] = System.Security.Cryptography.PemEncoding.WriteString("PUBLIC KEY", Right.Key.PublicKey.Encoding),
                ["expired.pem"] = Expired.Pem,
                ["later.crl"] = System.Security.Cryptography.PemEncoding.WriteString("X509 CRL",
                    Root.RevocationList(CertificateOptions.Start.AddMonths(1), CertificateOptions.Start.AddYears(1))),
                ["root.crl"] = System.Security.Cryptography.PemEncoding.WriteString("X509 CRL",
                    Root.RevocationList(CertificateOptions.Start, CertificateOptions.Start.AddYears(1))),
            },
        };
    }

    static ConnectionConfiguration Single(string device, string connection = "") =>
        Samples.Load(Text(device, connection), Files).Nodes.Single().Endpoint.Tunnels.Single().Connection;

    static string Text(string device, string connection) => $$"""
        name: one-device
        sites:
          left:
            networks: [10.1.0.0/24]
            device: { address: 192.0.2.1, {{string.Join(", ", device.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Trim()))}}{{(device.Length > 0 ? ", " : "")}}
              connections: [{ name: link, peerAddress: 198.51.100.1, remoteNetworks: [10.2.0.0/24]{{(connection.Length > 0 ? ", " + connection : "")}} }] }

        """;
}
