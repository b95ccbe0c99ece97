using System.Diagnostics;
using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;
using Ipsec.Crypto.Certificates;
using Ipsec.Crypto.Signatures;
using Ipsec.Tests.Support;
using Ipsec.Tests.Support.Certificates;

namespace Ipsec.Crypto.Tests.Certificates;

/// <summary>Adversarial class 10: certificates and paths that crashed, hung or fooled others. Each is a refusal, in bounded time.</summary>
public sealed class CertificateAttackTests
{
    static readonly DateTimeOffset Now = CertificateOptions.Now;

    /// <summary>CVE-2026-35331: a certificate whose names a constraint above it forbids was taken.</summary>
    [Theory]
    [InlineData("dns", "inside.example.org", true)]
    [InlineData("dns", "example.org", true)]
    [InlineData("dns", "INSIDE.Example.ORG", true)]
    [InlineData("dns", "outside.example.net", false)]
    [InlineData("dns", "evilexample.org", false)]
    [InlineData("dns", "example.org.evil.net", false)]
    [InlineData("dns", "*.example.net", false)]
    [InlineData("dns", "secret.example.org", false)]
    [InlineData("dns", "SECRET.example.org", false)]
    [InlineData("dns", "deep.secret.example.org", false)]
    [InlineData("email", "anna@example.org", true)]
    [InlineData("email", "anna@example.net", false)]
    [InlineData("ip", "10.1.2.3", true)]
    [InlineData("ip", "10.2.0.1", false)]
    public void KeepsNameConstraints(string kind, string name, bool trusted)
    {
        TestCertificate root = TestCertificate.Root("CN=Root");
        TestCertificate constrained = root.IssueAuthority("CN=Constrained", new() { More = [Constraints()] });
        TestCertificate gateway = constrained.Issue("CN=gw", new()
        {
            Dns = kind == "dns" ? [name] : [],
            Email = kind == "email" ? [name] : [],
            Ip = kind == "ip" ? [name] : [],
        });
        CertificateVerdict verdict = Validate(gateway, root, constrained);
        Assert.Equal(trusted ? CertificateProblem.None : CertificateProblem.NameConstraint, verdict.Problem);
        if (!trusted)
            Assert.Equal("A name of CN=gw violates the name constraints of a certification authority above it.", verdict.Text);

        // One good name beside it does not help.
        if (!trusted && kind == "dns")
            Assert.False(Validate(constrained.Issue("CN=gw", new() { Dns = ["inside.example.org", name] }), root, constrained).IsTrusted);
    }

    [Fact]
    public void NameConstraintsHoldAcrossAnIntermediateAndForTheSubject()
    {
        TestCertificate root = TestCertificate.Root("CN=Root");
        TestCertificate constrained = root.IssueAuthority("O=Example, CN=Constrained", new() { More = [Constraints(organization: "Example")] });
        TestCertificate below = constrained.IssueAuthority("O=Example, CN=Below");
        Assert.True(Validate(below.Issue("O=Example, CN=gw"), root, constrained, below).IsTrusted);
        Assert.Equal(CertificateProblem.NameConstraint, Validate(below.Issue("O=Other, CN=gw"), root, constrained, below).Problem);
        Assert.Equal(CertificateProblem.NameConstraint, Validate(below.Issue("O=Example, CN=gw", new() { Dns = ["a.example.net"] }), root, constrained, below)
            .Problem);
    }

    /// <summary>CVE-2022-40617: what a certificate names as its revocation source was asked before anything was trusted, and the asking hung.</summary>
    [Fact]
    public void NeverAsksWhatACertificateNames()
    {
        byte[] points = [0x30, 0x1F, 0x30, 0x1D, 0xA0, 0x1B, 0xA0, 0x19, 0x86, 0x17, .. "http://192.0.2.99/r.crl"u8];
        byte[] access = [0x30, 0x23, 0x30, 0x21, 0x06, 0x08, 0x2B, 6, 1, 5, 5, 7, 0x30, 1, 0x86, 0x15, .. "http://192.0.2.99/osp"u8];
        X509Extension[] sources = [new("2.5.29.31", points, critical: false), new("1.3.6.1.5.5.7.1.1", access, critical: false)];
        TestCertificate root = TestCertificate.Root("CN=Root");
        TestCertificate gateway = root.Issue("CN=gw", new() { More = sources });
        TestCertificate stranger = TestCertificate.SelfSigned("CN=stranger", new() { More = sources });
        Assert.True(gateway.Certificate.NamesRevocationSource);
        Assert.True(Validate(gateway, root).IsTrusted);
        Assert.False(Validate(stranger, root).IsTrusted);
        // There is nothing in the assembly that could ask.
        Assert.DoesNotContain(typeof(Certificate).Assembly.GetReferencedAssemblies(), assembly =>
            assembly.Name!.StartsWith("System.Net", StringComparison.Ordinal));
    }

    [Fact]
    public void LoopsEnd()
    {
        TestCertificate root = TestCertificate.Root("CN=Root");
        // A signs B, B signs A, and neither leads anywhere; the same key under many serial numbers.
        TestCertificate a = TestCertificate.Root("CN=A"), b = TestCertificate.Root("CN=B");
        TestCertificate aByB = b.IssueAuthority("CN=A"), bByA = a.IssueAuthority("CN=B");
        Assert.Equal(CertificateProblem.UnknownIssuer, Validate(a.Issue("CN=gw"), root, aByB, bByA).Problem);
        Assert.Equal(CertificateProblem.PathLength, Validate(a.Issue("CN=gw"), root,
            [.. Enumerable.Range(0, 8).SelectMany(_ => new[] { b.IssueAuthority("CN=A"), a.IssueAuthority("CN=B") })]).Problem);
        // A certificate as its own intermediate.
        TestCertificate gateway = root.Issue("CN=gw");
        Assert.True(Validate(gateway, root, gateway, gateway, root).IsTrusted);
    }

    [Fact]
    public void OnlyAsManyCertificatesAsAllowedAreLookedAt()
    {
        TestCertificate root = TestCertificate.Root("CN=Root");
        TestCertificate intermediate = root.IssueAuthority("CN=Intermediate");
        TestCertificate other = TestCertificate.Root("CN=Other");
        TestCertificate gateway = intermediate.Issue("CN=gw");
        TestCertificate[] few = [.. Enumerable.Repeat(other, CertificatePathValidator.MostUntrusted - 1), intermediate];
        Assert.True(Validate(gateway, root, few).IsTrusted);
        Assert.Equal(CertificateProblem.UnknownIssuer, Validate(gateway, root, [other, .. few]).Problem);
    }

    /// <summary>Signatures are checked from the anchor down, after the path is built: what a stranger can make us compute is bounded.</summary>
    [Fact]
    public void TheCostOfABadPathIsBounded()
    {
        TestCertificate root = TestCertificate.Root("CN=Root", new() { IsAuthority = true, More = [Constraints()] });
        TestCertificate impostor = TestCertificate.Root("CN=Root", new() { IsAuthority = true, KeyName = "impostor", More = [Constraints()] });
        List<TestCertificate> chain = [impostor];
        for (int level = 0; level < CertificatePathValidator.MostIntermediates; level++)
            chain.Add(chain[^1].IssueAuthority($"CN=Level {level}", new() { More = [Constraints(subtrees: 250)] }));
        TestCertificate gateway = chain[^1].Issue("CN=gw", new()
        { Dns = [.. Enumerable.Range(0, SubjectAlternativeName.Most).Select(name => $"host{name}.inside.example.org")] });
        using CertificatePathValidator validator = new([root.Certificate], [], []);
        Certificate certificate = gateway.Certificate;
        Certificate[] untrusted = [.. chain.Skip(1).Select(entry => entry.Certificate)];
        Assert.False(validator.Validate(certificate, untrusted, RevocationPolicy.Relaxed, Now).IsTrusted);
        long before = Stopwatch.GetTimestamp();
        for (int round = 0; round < 5; round++)
            Assert.False(validator.Validate(certificate, untrusted, RevocationPolicy.Relaxed, Now).IsTrusted);
        // Milliseconds here; the bound only has to tell them from a hang on a machine that is busy.
        Assert.True(Stopwatch.GetElapsedTime(before) < TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void KeepsTheBoundsOfOneCertificate()
    {
        Assert.True(Certificate.TryParse(Named(SubjectAlternativeName.Most), out _));
        Assert.False(Certificate.TryParse(Named(SubjectAlternativeName.Most + 1), out _));
        byte[] large = TestCertificate.SelfSigned("CN=x", new() { More = [new X509Extension("1.3.6.1.4.1.99999.1", new byte[16_000], critical: false)] }).Der;
        Assert.True(large.Length < Certificate.LongestEncoding && Certificate.TryParse(large, out _));
        Assert.False(Certificate.TryParse(TestCertificate.SelfSigned("CN=x", new()
        { More = [new X509Extension("1.3.6.1.4.1.99999.1", new byte[16_384], critical: false)] }).Der, out _));
        Assert.False(Certificate.TryParse(TestCertificate.SelfSigned("CN=x", new()
        {
            More = [.. Enumerable.Range(0, 70).Select(number => new X509Extension($"1.3.6.1.4.1.99999.{number}", [5, 0], critical: false))],
        }).Der, out _));

        static byte[] Named(int count) =>
            TestCertificate.SelfSigned("CN=many", new() { Dns = [.. Enumerable.Range(0, count).Select(name => $"host{name}.example.org")] }).Der;
    }

    /// <summary>CVE-2026-14957 (a key with exponent 0 in CERT), CVE-2017-9022 and kin, through a certificate.</summary>
    [Fact]
    public void RefusesCertificatesWithKeysThatAreNone()
    {
        byte[] der = TestCertificate.SelfSigned("CN=gw", new() { Key = "rsa2048" }).Der;
        Assert.True(Certificate.TryParse(der, out _));
        int exponent = der.AsSpan().IndexOf((ReadOnlySpan<byte>)[0x02, 0x03, 0x01, 0x00, 0x01]);
        foreach (byte[] value in new byte[][] { [0x00, 0x00, 0x00], [0x01, 0x00, 0x00], [0x00, 0x00, 0x01], [0x00, 0x00, 0x03], [0xFF, 0xFF, 0xFF] })
        {
            byte[] changed = [.. der];
            value.CopyTo(changed, exponent + 2);
            Assert.False(Certificate.TryParse(changed, out _), Convert.ToHexString(value));
        }
    }

    /// <summary>
    /// CVE-2017-9023 (endless loop in a CHOICE), CVE-2013-2052's kind: nesting, indefinite lengths, names with control characters, doubled extensions.
    /// </summary>
    [Fact]
    public void RefusesMalformedExtensionsAndNames()
    {
        Assert.False(Parses("2.5.29.17", []));
        Assert.False(Parses("2.5.29.17", [0x30, 0x80, 0, 0]));
        Assert.False(Parses("2.5.29.17", [0x30, 2, 0x82, 0])); // an empty dNSName
        Assert.False(Parses("2.5.29.17", [0x30, 5, 0x82, 3, (byte)'a', 0, (byte)'b'])); // a zero inside
        Assert.False(Parses("2.5.29.17", [0x30, 5, 0x87, 3, 10, 0, 0])); // an address of three octets
        Assert.False(Parses("2.5.29.17", [0x30, 4, 0x0C, 2, (byte)'a', (byte)'b'])); // no GeneralName
        Assert.False(Parses("2.5.29.17", [0x30, 4, 0x02, 0x05, 0x82, 0x00]));
        Assert.True(Parses("2.5.29.17", [0x30, 4, 0x82, 2, (byte)'a', (byte)'b']));
        Assert.False(Parses("2.5.29.19", [0x30, 3, 1, 1, 0x01])); // BOOLEAN is 00 or FF
        Assert.False(Parses("2.5.29.15", [0x03, 1, 9]));
        Assert.False(Parses("2.5.29.37", [0x30, 2, 6, 0]));
        byte[] nested = [.. Enumerable.Repeat(new byte[] { 0x30, 0x80 }, 4000).SelectMany(pair => pair)];
        Assert.False(Parses("2.5.29.17", nested));
        Assert.False(Parses("1.3.6.1.5.5.7.1.1", nested));
        X509Extension twice = new("2.5.29.37", [0x30, 6, 6, 4, 0x55, 0x1D, 0x25, 0], critical: false);
        Assert.False(Certificate.TryParse(Handmade([twice, twice]), out _));

        static bool Parses(string type, byte[] value) =>
            Certificate.TryParse(TestCertificate.SelfSigned("CN=x", new()
            { StandardExtensions = false, More = [new X509Extension(type, value, critical: false)] }).Der, out _);
    }

    [Fact]
    public void NoTruncationParses()
    {
        byte[] der = TestCertificate.Root("CN=Root").Issue("C=CH, O=Example, CN=gw", new() { Dns = ["gw.example.org"], Ip = ["192.0.2.1"] }).Der;
        for (int length = 0; length < der.Length; length++)
            Assert.False(Certificate.TryParse(der.AsSpan(0, length), out _));
        Assert.False(Certificate.TryParse([.. der, 0], out _));
    }

    [Fact]
    public void NoMutationThrowsOrIsTrusted()
    {
        TestCertificate root = TestCertificate.Root("CN=Root");
        TestCertificate intermediate = root.IssueAuthority("CN=Intermediate", new() { More = [Constraints()] });
        byte[] valid = intermediate.Issue("C=CH, O=Example, CN=gw", new()
        { Dns = ["gw.example.org"], Email = ["a@example.org"], Ip = ["10.1.0.1"], ExtendedKeyUsages = ["1.3.6.1.5.5.7.3.17"] }).Der;
        using CertificatePathValidator validator = new([root.Certificate], [intermediate.Certificate], []);
        SeededRandomSource random = new(20261122);
        byte[] draw = new byte[4];
        int parsed = 0;
        for (int round = 0; round < 6_000; round++)
        {
            byte[] changed = [.. valid];
            for (int change = 0; change <= round % 3; change++)
            {
                random.Fill(draw);
                changed[(draw[0] << 8 | draw[1]) % changed.Length] = draw[2];
            }
            if (changed.AsSpan().SequenceEqual(valid) || !Certificate.TryParse(changed, out Certificate? certificate))
                continue;
            parsed++;
            Assert.NotEqual("", certificate.ToString() + string.Join(',', certificate.AlternativeNames));
            // Changed octets of the signature's own encoding apart, whatever parses was not signed.
            Assert.False(validator.Validate(certificate, [], RevocationPolicy.Relaxed, Now).IsTrusted);
            certificate.Dispose();
        }
        Assert.True(parsed > 500);
    }

    /// <summary>Inputs that crashed or were found by fuzzing another parser, from outside the repository.</summary>
    [Theory]
    [InlineData("certs")]
    [InlineData("certs-crash")]
    [InlineData("crls")]
    [InlineData("ids")]
    [InlineData("ocsp_req")]
    public void TheCorpusOfAnotherParserThrowsNothing(string folder)
    {
        string readme = OutsideData.PathOf("vectors/strongswan-fuzz-corpora/README.md");
        TestCertificate root = TestCertificate.Root("CN=Root");
        using CertificatePathValidator validator = new([root.Certificate], [], []);
        foreach (string file in Directory.GetFiles(Path.Combine(Path.GetDirectoryName(readme)!, folder)))
        {
            byte[] octets = File.ReadAllBytes(file);
            if (Certificate.TryParse(octets, out Certificate? certificate))
            {
                Assert.False(validator.Validate(certificate, [certificate], RevocationPolicy.Strict, Now).IsTrusted);
                certificate.Dispose();
            }
            if (RevocationList.TryParse(octets, out RevocationList? list))
                list.Dispose();
            DistinguishedName.TryParse(octets, out _);
            Ipsec.Crypto.Signatures.PublicKey.TryParse(octets, out _);
            SigningKey.TryRead(octets, [], out _, out _);
            SignatureMethod.TryParseAlgorithmIdentifier(octets, out _);
        }
    }

    static CertificateVerdict Validate(TestCertificate subject, TestCertificate anchor, params TestCertificate[] untrusted)
    {
        using CertificatePathValidator validator = new([anchor.Certificate], [], []);
        return validator.Validate(subject.Certificate, [.. untrusted.Select(other => other.Certificate)], RevocationPolicy.Relaxed, Now);
    }

    /// <summary>permitted: example.org, mail at example.org, 10.1.0.0/16, [O=organization]; excluded: secret.example.org.</summary>
    static X509Extension Constraints(int subtrees = 1, string? organization = null)
    {
        AsnWriter writer = new(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0)))
            {
                for (int subtree = 0; subtree < subtrees; subtree++)
                    Subtree(writer, 2, System.Text.Encoding.ASCII.GetBytes(subtree == 0 ? "example.org" : $"filler{subtree}.example.net"));
                Subtree(writer, 1, "example.org"u8.ToArray());
                Subtree(writer, 7, [10, 1, 0, 0, 255, 255, 0, 0]);
                if (organization is not null && DistinguishedName.TryParse($"O={organization}", out DistinguishedName? name))
                {
                    using (writer.PushSequence())
                    using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 4)))
                        writer.WriteEncodedValue(name.Encoding);
                }
            }
            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 1)))
                Subtree(writer, 2, "secret.example.org"u8.ToArray());
        }
        return new X509Extension("2.5.29.30", writer.Encode(), critical: true);
    }

    static void Subtree(AsnWriter writer, int kind, byte[] value)
    {
        using (writer.PushSequence())
            writer.WriteOctetString(value, new Asn1Tag(TagClass.ContextSpecific, kind));
    }

    /// <summary>A certificate as .NET refuses to make it: its signature is nothing.</summary>
    static byte[] Handmade(X509Extension[] extensions)
    {
        TestCertificate sample = TestCertificate.SelfSigned("CN=x", new() { StandardExtensions = false });
        AsnReader certificate = new AsnReader(sample.Der, AsnEncodingRules.DER).ReadSequence();
        AsnReader fields = certificate.ReadSequence();
        AsnWriter writer = new(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
            {
                fields.ReadEncodedValue();
                using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0)))
                    writer.WriteInteger(2);
                while (fields.HasData && fields.PeekTag().TagClass == TagClass.Universal)
                    writer.WriteEncodedValue(fields.ReadEncodedValue().Span);
                using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 3)))
                using (writer.PushSequence())
                {
                    foreach (X509Extension extension in extensions)
                    {
                        using (writer.PushSequence())
                        {
                            writer.WriteObjectIdentifier(extension.Oid!.Value!);
                            writer.WriteOctetString(extension.RawData);
                        }
                    }
                }
            }
            writer.WriteEncodedValue(certificate.ReadEncodedValue().Span);
            writer.WriteEncodedValue(certificate.ReadEncodedValue().Span);
        }
        return writer.Encode();
    }
}
