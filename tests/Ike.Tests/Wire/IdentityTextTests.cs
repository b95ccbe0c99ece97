using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Tests.Wire;

public sealed class IdentityTextTests
{
    [Theory]
    [InlineData("192.0.2.1", IdentificationType.Ipv4Address, "c0000201", "192.0.2.1")]
    [InlineData("2001:db8::1", IdentificationType.Ipv6Address, "20010db8000000000000000000000001", "2001:db8::1")]
    [InlineData("ipv4:192.0.2.1", IdentificationType.Ipv4Address, "c0000201", "192.0.2.1")]
    [InlineData("moon.example.org", IdentificationType.Fqdn, "6d6f6f6e2e6578616d706c652e6f7267", "moon.example.org")]
    [InlineData("@192.0.2.1", IdentificationType.Fqdn, "3139322e302e322e31", "192.0.2.1")]
    [InlineData("dns:moon", IdentificationType.Fqdn, "6d6f6f6e", "moon")]
    [InlineData("a:b", IdentificationType.Fqdn, "613a62", "a:b")]
    [InlineData("carol@example.org", IdentificationType.Rfc822Address, "6361726f6c406578616d706c652e6f7267", "carol@example.org")]
    [InlineData("@@carol", IdentificationType.Rfc822Address, "6361726f6c", "carol")]
    [InlineData("email:carol", IdentificationType.Rfc822Address, "6361726f6c", "carol")]
    [InlineData("@#0aFF", IdentificationType.KeyId, "0aff", "KeyId:0aff")]
    [InlineData("keyid:branch", IdentificationType.KeyId, "6272616e6368", "keyid:branch")]
    [InlineData("keyid:#00", IdentificationType.KeyId, "00", "KeyId:00")]
    [InlineData("C=CH", IdentificationType.DerAsn1Dn, "300d310b3009060355040613024348", "C=CH")]
    [InlineData("asn1dn:C=CH", IdentificationType.DerAsn1Dn, "300d310b3009060355040613024348", "C=CH")]
    [InlineData("asn1dn:#300d310b3009060355040613024348", IdentificationType.DerAsn1Dn, "300d310b3009060355040613024348", "C=CH")]
    public void ReadsAndPrintsEveryType(string text, IdentificationType type, string octets, string printed)
    {
        Assert.True(Identity.TryParse(text, out Identity? identity));
        Assert.Equal(type, identity.Type);
        Assert.Equal(octets, Convert.ToHexStringLower(identity.Data));
        Assert.Equal(printed, identity.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("@")]
    [InlineData("@@")]
    [InlineData("@#")]
    [InlineData("@#0")]
    [InlineData("@#xy")]
    [InlineData("keyid:")]
    [InlineData("ipv4:2001:db8::1")]
    [InlineData("ipv6:192.0.2.1")]
    [InlineData("ipv4:here")]
    [InlineData("X=CH")]
    [InlineData("CN=")]
    [InlineData("C=CH, CN")]
    [InlineData("asn1dn:CH")]
    [InlineData("asn1dn:#3001")]
    public void RefusesWhatHasNoForm(string text)
    {
        Assert.False(Identity.TryParse(text, out _));
        Assert.Throws<FormatException>(() => Identity.Parse(text));
    }
}
