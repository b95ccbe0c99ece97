using System.Security.Cryptography.X509Certificates;
using Ipsec.Crypto.Certificates;
using Ipsec.Ike.Selection;
using Ipsec.Ike.Wire;
using Ipsec.Tests.Support.Certificates;

namespace Ipsec.Ike.Tests.Selection;

/// <summary>Identities and certificates, RFC 4945 §3.1; identities and configured patterns.</summary>
public sealed class IdentityMatchingTests
{
    static readonly Certificate Gateway = TestCertificate.Root("CN=Root").Issue("C=CH, O=Example, CN=gw.example.org", new()
    {
        Dns = ["gw.example.net", "*.wild.example.org"],
        Email = ["Admin@example.org"],
        Ip = ["192.0.2.1", "2001:db8::1"],
    }).Certificate;

    [Theory]
    [InlineData("gw.example.net", true)]
    [InlineData("GW.Example.NET", true)]
    [InlineData("@gw.example.net", true)]
    [InlineData("gw.example.org", false)] // only the subject's CN has it (RFC 4945 §3.1.9)
    [InlineData("a.wild.example.org", false)] // no wildcards in certificates (§3.1.2)
    [InlineData("*.wild.example.org", true)]
    [InlineData("*.example.net", false)]
    [InlineData("w.example.net", false)]
    [InlineData("admin@EXAMPLE.org", true)]
    [InlineData("other@example.org", false)]
    [InlineData("192.0.2.1", true)]
    [InlineData("192.0.2.2", false)]
    [InlineData("fqdn:192.0.2.1", false)]
    [InlineData("2001:db8::1", true)]
    [InlineData("2001:db8::2", false)]
    [InlineData("C=CH, O=Example, CN=gw.example.org", true)]
    [InlineData("C=ch, O=  example , CN=GW.example.org", true)]
    [InlineData("O=Example, C=CH, CN=gw.example.org", false)]
    [InlineData("C=CH, O=Example", false)]
    [InlineData("C=CH, O=Example, CN=*", false)] // a pattern is no identity
    [InlineData("C=CH, O=Example, CN=gw.example.org, CN=gw.example.org", false)]
    [InlineData("keyid:gw.example.net", false)]
    public void ACertificateHasExactlyItsNames(string identity, bool has) =>
        Assert.Equal(has, IdentityMatching.CertificateHas(Gateway, Identity.Parse(identity)));

    [Fact]
    public void ACertificateHasItsDirectoryNamesAndItsKey()
    {
        // SEQUENCE { [4] Name { CN=other } }
        byte[] directoryName = [0x30, 0x14, 0xA4, 0x12, 0x30, 0x10, 0x31, 0x0E, 0x30, 0x0C, 0x06, 0x03, 0x55, 0x04, 0x03, 0x0C, 0x05, .. "other"u8];
        Certificate certificate = TestCertificate.SelfSigned("CN=first", new() { More = [new X509Extension("2.5.29.17", directoryName, critical: false)] })
            .Certificate;
        Assert.True(IdentityMatching.CertificateHas(certificate, Identity.Parse("CN=first")));
        Assert.True(IdentityMatching.CertificateHas(certificate, Identity.Parse("CN=Other")));
        Assert.False(IdentityMatching.CertificateHas(certificate, Identity.Parse("CN=third")));
        Assert.True(IdentityMatching.CertificateHas(certificate, new Identity(IdentificationType.KeyId, certificate.PublicKeyHash.AsSpan())));
        Assert.False(IdentityMatching.CertificateHas(Gateway, new Identity(IdentificationType.KeyId, certificate.PublicKeyHash.AsSpan())));
        Assert.False(IdentityMatching.CertificateHas(certificate, new Identity(IdentificationType.KeyId, [])));
        Assert.False(IdentityMatching.CertificateHas(certificate, new Identity(IdentificationType.DerAsn1Gn, directoryName)));
    }

    [Fact]
    public void AnEmptySubjectIsNoIdentity()
    {
        Certificate certificate = TestCertificate.SelfSigned("CN=x").Certificate;
        Assert.False(IdentityMatching.CertificateHas(certificate, new Identity(IdentificationType.DerAsn1Dn, [0x30, 0])));
    }

    /// <summary>CVE-2013-6075: a length of the encoding was taken without a look, which crashed and could match another's name.</summary>
    [Fact]
    public void AMalformedDistinguishedNameMatchesNothing()
    {
        byte[] name = Gateway.Subject.Encoding.ToArray();
        Identity whole = Identity.From(Gateway.Subject);
        Assert.True(IdentityMatching.CertificateHas(Gateway, whole));
        for (int length = 0; length < name.Length; length++)
            MatchesNothing(new Identity(IdentificationType.DerAsn1Dn, name.AsSpan(0, length)));
        MatchesNothing(new Identity(IdentificationType.DerAsn1Dn, [.. name, 0]));
        for (int position = 0; position < 4; position++)
        {
            byte[] changed = [.. name];
            changed[position] = 0xFF;
            MatchesNothing(new Identity(IdentificationType.DerAsn1Dn, changed));
        }

        static void MatchesNothing(Identity identity)
        {
            Assert.False(IdentityMatching.CertificateHas(Gateway, identity));
            Assert.False(IdentityMatching.Fits(Identity.From(Gateway.Subject), identity));
            Assert.False(IdentityMatching.Fits(Identity.Parse("C=*, O=*, CN=*"), identity));
            Assert.False(IdentityMatching.IsPattern(identity));
            Assert.NotEqual("", identity.ToString());
        }
    }

    [Theory]
    [InlineData("gw.example.org", "gw.example.org", true, false)]
    [InlineData("gw.example.org", "GW.example.org", true, false)]
    [InlineData("*.example.org", "gw.example.org", true, true)]
    [InlineData("*.example.org", "a.b.Example.org", true, true)]
    [InlineData("*.example.org", "example.org", false, true)]
    [InlineData("*.example.org", ".example.org", false, true)]
    [InlineData("*.example.org", "gw.example.org.evil.net", false, true)]
    [InlineData("*@example.org", "anna@example.org", true, true)]
    [InlineData("*@example.org", "anna@sub.example.org", false, true)]
    [InlineData("*.example.org", "email:x@y.example.org", false, true)]
    [InlineData("C=CH, O=Example, CN=*", "C=CH, O=Example, CN=anna", true, true)]
    [InlineData("C=CH, O=Example, CN=*", "C=CH, O=EXAMPLE, CN=anna", true, true)]
    [InlineData("C=CH, O=Example, CN=*", "C=CH, O=Other, CN=anna", false, true)]
    [InlineData("C=CH, O=Example, CN=*", "C=CH, O=Example, OU=x, CN=anna", false, true)]
    [InlineData("C=CH, O=Example, CN=*", "C=CH, O=Example", false, true)]
    [InlineData("C=*, O=*, CN=*", "C=CH, O=Example, CN=anna", true, true)]
    [InlineData("C=*, O=*, CN=*", "O=CH, C=Example, CN=anna", false, true)]
    [InlineData("192.0.2.1", "192.0.2.1", true, false)]
    [InlineData("192.0.2.1", "192.0.2.2", false, false)]
    [InlineData("keyid:*abc", "keyid:xabc", false, false)]
    public void AConfiguredIdentityFits(string configured, string received, bool fits, bool isPattern)
    {
        Assert.Equal(fits, IdentityMatching.Fits(Identity.Parse(configured), Identity.Parse(received)));
        Assert.Equal(isPattern, IdentityMatching.IsPattern(Identity.Parse(configured)));
    }
}
