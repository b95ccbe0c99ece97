using Ipsec.Crypto.Certificates;

namespace Ipsec.Crypto.Tests.Certificates;

public sealed class DistinguishedNameTests
{
    [Theory]
    [InlineData("C=CH, O=Example, CN=gw", "C=CH, O=Example, CN=gw")]
    [InlineData("C=CH,O=Example,CN=gw", "C=CH, O=Example, CN=gw")]
    [InlineData("/C=CH/O=Example/CN=gw", "C=CH, O=Example, CN=gw")]
    [InlineData("c=CH, o=Example, cn=gw", "C=CH, O=Example, CN=gw")]
    [InlineData("CN=Example\\, Inc.", "CN=Example\\, Inc.")]
    [InlineData("CN=\"Example, Inc.\"", "CN=Example\\, Inc.")]
    [InlineData("CN=a\\=b", "CN=a=b")]
    [InlineData("CN=Zürich", "CN=Zürich")]
    [InlineData("E=a@example.org, DC=example, UID=anna, 1.2.3.4=x", "emailAddress=a@example.org, DC=example, UID=anna, 1.2.3.4=x")]
    public void ReadsWhatPeopleWrite(string text, string printed)
    {
        Assert.True(DistinguishedName.TryParse(text, out DistinguishedName? name));
        Assert.Equal(printed, name.ToString());
        Assert.True(DistinguishedName.TryParse(name.Encoding, out DistinguishedName? again));
        Assert.Equal(name, again);
        Assert.True(DistinguishedName.TryParse(name.ToString(), out again));
        Assert.Equal(name, again);
    }

    [Theory]
    [InlineData("")]
    [InlineData("CN")]
    [InlineData("CN=")]
    [InlineData("CN=\"open")]
    [InlineData("Nothing=x")]
    [InlineData("9.9.9=x")]
    [InlineData("1.2.3.=x")]
    [InlineData("CN=a, b")]
    public void RefusesWhatIsNoName(string text) => Assert.False(DistinguishedName.TryParse(text, out _));

    /// <summary>RFC 5280 §7.1: neither the string type nor case nor repeated spaces count.</summary>
    [Fact]
    public void ComparesTextAndNotItsEncoding()
    {
        DistinguishedName printable = Parse("3012311030" + "0e06035504030c07" + "45786d70206f6b");
        Assert.Equal(printable, Parse("3012311030" + "0e06035504031307" + "45584d50206f4b"));
        Assert.NotEqual(printable, Parse("3012311030" + "0e06035504030407" + "45786d70206f6b"));
        Assert.NotEqual(printable, Parse("3012311030" + "0e060355040a0c07" + "45786d70206f6b"));
        // BMPString
        Assert.Equal(Parse("300d310b3009" + "0603550403" + "0c02" + "6162"), Parse("300f310d300b" + "0603550403" + "1e04" + "00410042"));
    }

    [Fact]
    public void KeepsItsBounds()
    {
        Assert.True(DistinguishedName.TryParse(string.Join(',', Enumerable.Repeat("CN=x", DistinguishedName.MostRelativeNames)), out _));
        Assert.False(DistinguishedName.TryParse(string.Join(',', Enumerable.Repeat("CN=x", DistinguishedName.MostRelativeNames + 1)), out _));
        Assert.False(DistinguishedName.TryParse("CN=" + new string('x', DistinguishedName.LongestEncoding), out _));
        Assert.False(DistinguishedName.TryParse(new byte[] { 0x30, 2, 0x31, 0 }, out _));
        Assert.True(DistinguishedName.TryParse(new byte[] { 0x30, 0 }, out DistinguishedName? empty));
        Assert.True(empty.IsEmpty);
    }

    [Fact]
    public void PrintsNothingThatATerminalObeys()
    {
        Assert.True(DistinguishedName.TryParse("CN=a\u001b[31mb\u0007", out DistinguishedName? name));
        Assert.Equal("CN=a?[31mb?", name.ToString());
    }

    static DistinguishedName Parse(string hex) =>
        DistinguishedName.TryParse(Convert.FromHexString(hex), out DistinguishedName? name) ? name : throw new ArgumentException(hex);
}
