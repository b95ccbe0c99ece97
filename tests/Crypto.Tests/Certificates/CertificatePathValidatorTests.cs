using Ipsec.Crypto.Certificates;
using Ipsec.Crypto.Signatures;
using Ipsec.Tests.Support.Certificates;

namespace Ipsec.Crypto.Tests.Certificates;

/// <summary>Paths in good order and every way in which one is refused, with the words that a user reads.</summary>
public sealed class CertificatePathValidatorTests
{
    static readonly DateTimeOffset Now = CertificateOptions.Now;

    [Theory]
    [InlineData("rsa2048")]
    [InlineData("rsa3072")]
    [InlineData("p256")]
    [InlineData("p384")]
    [InlineData("p521")]
    [InlineData("ed25519")]
    [InlineData("ed448")]
    public void TrustsWhatAnAnchorIssued(string key)
    {
        TestCertificate root = TestCertificate.Root("C=CH, O=Example, CN=Root", new() { Key = key, IsAuthority = true });
        TestCertificate gateway = root.Issue("C=CH, O=Example, CN=gw.example.org", new() { Key = key, Dns = ["gw.example.org"] });
        CertificateVerdict verdict = Validate(gateway, [root]);
        Assert.True(verdict.IsTrusted, verdict.Text);
        Assert.Equal(["C=CH, O=Example, CN=gw.example.org", "C=CH, O=Example, CN=Root"], verdict.Path.Select(certificate => $"{certificate}"));
    }

    [Fact]
    public void TrustsACertificateSignedWithPss()
    {
        TestCertificate root = TestCertificate.Root("CN=Root", new() { Key = "rsa2048", IsAuthority = true });
        TestCertificate gateway = root.Issue("CN=gw", new() { Signature = SignatureMethod.RsaPss(SignatureHash.Sha256) });
        Assert.True(Validate(gateway, [root]).IsTrusted);
    }

    [Fact]
    public void FindsTheIntermediatesAmongThePeersAndTheConfiguredCertificates()
    {
        TestCertificate root = TestCertificate.Root("CN=Root");
        TestCertificate first = root.IssueAuthority("CN=First");
        TestCertificate second = first.IssueAuthority("CN=Second");
        TestCertificate gateway = second.Issue("CN=gw");
        TestCertificate stranger = TestCertificate.Root("CN=Stranger");
        Assert.True(Validate(gateway, [root], [stranger, first, second]).IsTrusted);
        Assert.True(Validate(gateway, [root], [second, first]).IsTrusted);
        Assert.Equal("The issuer of CN=Second is CN=First, which is neither a trusted certification authority nor an intermediate certificate that is known " +
            "here.",
            Refused(CertificateProblem.UnknownIssuer, Validate(gateway, [root], [second])));

        using CertificatePathValidator configured = new([root.Certificate], [first.Certificate, second.Certificate], []);
        Assert.True(configured.Validate(gateway.Certificate, [], RevocationPolicy.Relaxed, Now).IsTrusted);
    }

    [Fact]
    public void AnyConfiguredCertificateIsAnAnchor()
    {
        TestCertificate root = TestCertificate.Root("CN=Root");
        TestCertificate intermediate = root.IssueAuthority("CN=Intermediate");
        TestCertificate gateway = intermediate.Issue("CN=gw");
        Assert.True(Validate(gateway, [intermediate]).IsTrusted);
        Assert.True(Validate(gateway, [gateway]).IsTrusted);
        Assert.True(Validate(TestCertificate.SelfSigned("CN=alone"), [TestCertificate.SelfSigned("CN=alone")]).Problem == CertificateProblem.UnknownIssuer);
        TestCertificate alone = TestCertificate.SelfSigned("CN=alone");
        Assert.True(Validate(alone, [alone]).IsTrusted);
    }

    [Fact]
    public void RefusesAnUnknownIssuer()
    {
        TestCertificate root = TestCertificate.Root("CN=Root");
        TestCertificate gateway = TestCertificate.Root("O=Elsewhere, CN=Other root").Issue("CN=gw");
        Assert.Equal("The issuer of CN=gw is O=Elsewhere, CN=Other root, which is neither a trusted certification authority nor an intermediate certificate " +
            "that is known here.",
            Refused(CertificateProblem.UnknownIssuer, Validate(gateway, [root])));
        Refused(CertificateProblem.UnknownIssuer, Validate(gateway, []));
        Assert.Equal("CN=self is self-signed and not among the trusted certificates.",
            Refused(CertificateProblem.UnknownIssuer, Validate(TestCertificate.SelfSigned("CN=self"), [root])));
    }

    [Fact]
    public void RefusesAnIssuerOfTheSameNameWithAnotherKey()
    {
        TestCertificate root = TestCertificate.Root("CN=Root", new() { IsAuthority = true, StandardExtensions = true });
        TestCertificate impostor = TestCertificate.Root("CN=Root", new() { IsAuthority = true, KeyName = "another" });
        TestCertificate gateway = impostor.Issue("CN=gw", new() { StandardExtensions = false });
        Assert.False(Validate(gateway, [root]).IsTrusted);
        Assert.False(Validate(gateway, [root], [impostor]).IsTrusted);
    }

    [Fact]
    public void RefusesWhatIsNotValidNow()
    {
        TestCertificate root = TestCertificate.Root("CN=Root", new() { IsAuthority = true, NotAfter = CertificateOptions.Start.AddYears(40) });
        TestCertificate gateway = root.Issue("CN=gw", new() { NotBefore = Now.AddDays(-1), NotAfter = Now.AddDays(1) });
        Assert.True(Validate(gateway, [root]).IsTrusted);
        Assert.Equal("The certificate of CN=gw expired on 2026-06-02 12:00:00 UTC.",
            Refused(CertificateProblem.Expired, Validate(gateway, [root], at: Now.AddDays(1).AddSeconds(1))));
        Assert.Equal("The certificate of CN=gw is not valid before 2026-05-31 12:00:00 UTC; it is 2026-05-31 11:59:59 UTC.",
            Refused(CertificateProblem.NotYetValid, Validate(gateway, [root], at: Now.AddDays(-1).AddSeconds(-1))));

        TestCertificate intermediate = root.IssueAuthority("CN=Short", new() { NotAfter = Now });
        Assert.StartsWith("The certificate of CN=Short expired on 2026-06-01",
            Refused(CertificateProblem.Expired, Validate(intermediate.Issue("CN=gw"), [root], [intermediate], at: Now.AddHours(1))), StringComparison.Ordinal);
    }

    [Fact]
    public void TrustsDatesAfter2038()
    {
        DateTimeOffset later = new(2055, 3, 1, 0, 0, 0, TimeSpan.Zero);
        TestCertificate root = TestCertificate.Root("CN=Root", new() { IsAuthority = true, NotAfter = later.AddYears(20) });
        TestCertificate gateway = root.Issue("CN=gw", new() { NotBefore = later.AddDays(-3), NotAfter = later.AddYears(1) });
        Assert.True(Validate(gateway, [root], at: later).IsTrusted);
        Refused(CertificateProblem.NotYetValid, Validate(gateway, [root], at: Now));
        Refused(CertificateProblem.Expired, Validate(gateway, [root], at: later.AddYears(2)));
    }

    [Fact]
    public void RefusesAnIssuerThatIsNoAuthority()
    {
        TestCertificate root = TestCertificate.Root("CN=Root");
        TestCertificate user = root.Issue("CN=user");
        TestCertificate forged = user.Issue("CN=gw");
        Assert.Equal("CN=user signed CN=gw and is no certification authority.", Refused(CertificateProblem.NotAnAuthority, Validate(forged, [root], [user])));

        // keyCertSign without basicConstraints is no authority either (RFC 5280 §6.1.4 (k)).
        TestCertificate bare = root.Issue("CN=bare", new()
        {
            StandardExtensions = false,
            More = [new System.Security.Cryptography.X509Certificates.X509KeyUsageExtension(System.Security.Cryptography.X509Certificates.X509KeyUsageFlags.KeyCertSign, critical: true)],
        });
        Assert.Equal("CN=bare signed CN=gw and is no certification authority.",
            Refused(CertificateProblem.NotAnAuthority, Validate(bare.Issue("CN=gw", new() { StandardExtensions = false }), [root], [bare])));
        TestCertificate plain = root.Issue("CN=plain", new() { StandardExtensions = false });
        Refused(CertificateProblem.NotAnAuthority, Validate(plain.Issue("CN=gw", new() { StandardExtensions = false }), [root], [plain]));
    }

    [Fact]
    public void KeepsThePathLengthConstraint()
    {
        TestCertificate root = TestCertificate.Root("CN=Root", new() { IsAuthority = true, PathLength = 1 });
        TestCertificate first = root.IssueAuthority("CN=First");
        TestCertificate second = first.IssueAuthority("CN=Second");
        Assert.True(Validate(first.Issue("CN=gw"), [root], [first]).IsTrusted);
        Assert.Equal("There are more certification authorities below CN=Root than its path length constraint allows.",
            Refused(CertificateProblem.PathLength, Validate(second.Issue("CN=gw"), [root], [first, second])));
    }

    [Fact]
    public void KeepsTheLimitOfIntermediates()
    {
        TestCertificate root = TestCertificate.Root("CN=Root");
        List<TestCertificate> chain = [root];
        for (int level = 1; level <= CertificatePathValidator.MostIntermediates; level++)
            chain.Add(chain[^1].IssueAuthority($"CN=Level {level}"));
        Assert.True(Validate(chain[^1].Issue("CN=gw"), [root], [.. chain.Skip(1)]).IsTrusted);
        chain.Add(chain[^1].IssueAuthority("CN=One too many"));
        Assert.Equal("The path of CN=gw is longer than 6 intermediate certificates.",
            Refused(CertificateProblem.PathLength, Validate(chain[^1].Issue("CN=gw"), [root], [.. chain.Skip(1)])));
    }

    [Fact]
    public void RefusesUsesOtherThanSigning()
    {
        TestCertificate root = TestCertificate.Root("CN=Root");
        Assert.StartsWith("The keyUsage of CN=gw allows neither", Refused(CertificateProblem.Usage, Validate(root.Issue("CN=gw", new()
        {
            KeyUsage = System.Security.Cryptography.X509Certificates.X509KeyUsageFlags.KeyEncipherment,
        }), [root])), StringComparison.Ordinal);
        Assert.StartsWith("The extendedKeyUsage of CN=gw names other purposes only",
            Refused(CertificateProblem.Usage, Validate(root.Issue("CN=gw", new() { ExtendedKeyUsages = ["1.3.6.1.5.5.7.3.4"] }), [root])),
                StringComparison.Ordinal);
        foreach (string purpose in new[] { "1.3.6.1.5.5.7.3.17", "2.5.29.37.0", "1.3.6.1.5.5.8.2.2", "1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2" })
            Assert.True(Validate(root.Issue("CN=gw", new() { ExtendedKeyUsages = ["1.3.6.1.5.5.7.3.4", purpose] }), [root]).IsTrusted);
    }

    [Fact]
    public void RefusesWeakKeysAndHashes()
    {
        TestCertificate root = TestCertificate.Root("CN=Root", new() { Key = "rsa2048", IsAuthority = true });
        Assert.Equal("The key of CN=gw has 1024 bits, which is too few: RSA needs 2048.",
            Refused(CertificateProblem.Weak, Validate(root.Issue("CN=gw", new() { Key = "rsa1024" }), [root])));
        Refused(CertificateProblem.Weak, Validate(root.Issue("CN=gw", new() { Signature = SignatureMethod.RsaPkcs1(SignatureHash.Sha1) }), [root]));
        TestCertificate weak = TestCertificate.Root("CN=Weak", new() { Key = "rsa1024", IsAuthority = true });
        Refused(CertificateProblem.Weak, Validate(weak.Issue("CN=gw"), [weak]));
    }

    [Fact]
    public void RefusesAnUnknownCriticalExtension()
    {
        TestCertificate root = TestCertificate.Root("CN=Root");
        System.Security.Cryptography.X509Certificates.X509Extension unknown = new("1.3.6.1.4.1.99999.1", [5, 0], critical: true);
        Assert.Equal("CN=gw has a critical extension that is not known here.",
            Refused(CertificateProblem.Malformed, Validate(root.Issue("CN=gw", new() { More = [unknown] }), [root])));
    }

    [Fact]
    public void RefusesAChangedCertificate()
    {
        TestCertificate root = TestCertificate.Root("CN=Root");
        byte[] changed = root.Issue("CN=gateway").Der;
        int position = changed.AsSpan().IndexOf("gateway"u8);
        changed[position]++;
        Assert.True(Certificate.TryParse(changed, out Certificate? certificate));
        using CertificatePathValidator validator = new([root.Certificate], [], []);
        Assert.Equal("The signature on the certificate of CN=hateway is not its issuer's.",
            Refused(CertificateProblem.Signature, validator.Validate(certificate, [], RevocationPolicy.Relaxed, Now)));
    }

    [Fact]
    public void ValidatorsAreEqualByWhatTheyTrust()
    {
        TestCertificate root = TestCertificate.Root("CN=Root");
        using CertificatePathValidator first = new([root.Certificate], [], []), second = new([root.Certificate], [], []), third = new([], [], []);
        Assert.Equal(first, second);
        Assert.NotEqual(first, third);
    }

    static CertificateVerdict Validate(TestCertificate subject, TestCertificate[] anchors, TestCertificate[]? untrusted = null, DateTimeOffset? at = null)
    {
        using CertificatePathValidator validator = new(anchors.Select(anchor => anchor.Certificate), [], []);
        return validator.Validate(subject.Certificate, [.. (untrusted ?? []).Select(other => other.Certificate)], RevocationPolicy.Relaxed, at ?? Now);
    }

    static string Refused(CertificateProblem problem, CertificateVerdict verdict)
    {
        Assert.False(verdict.IsTrusted);
        Assert.Empty(verdict.Path);
        Assert.True(problem == verdict.Problem, $"{verdict.Problem}: {verdict.Text}");
        return verdict.Text;
    }
}
