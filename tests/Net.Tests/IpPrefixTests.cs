using Ipsec.Net;

namespace Ipsec.Net.Tests;

public sealed class IpPrefixTests
{
    [Theory]
    [InlineData("10.1.0.0/16", "10.1.255.255", true)]
    [InlineData("10.1.0.0/16", "10.2.0.0", false)]
    [InlineData("0.0.0.0/0", "255.255.255.255", true)]
    [InlineData("0.0.0.0/0", "::1", false)]
    [InlineData("2001:db8::/32", "2001:db8:ffff::1", true)]
    [InlineData("192.0.2.1/32", "192.0.2.1", true)]
    public void ContainsAddressesOfItsOwnFamilyOnly(string prefix, string address, bool expected) =>
        Assert.Equal(expected, IpPrefix.Parse(prefix).Contains(IpAddress.Parse(address)));

    [Theory]
    [InlineData("10.1.0.1/16")]
    [InlineData("10.1.0.0/33")]
    [InlineData("10.1/16")]
    [InlineData("10.1.0.0/-1")]
    [InlineData("2001:db8::/129")]
    [InlineData("fe80::1%eth0/64")]
    [InlineData("")]
    [InlineData(null)]
    public void RefusesWhatIsNoNetwork(string? text) => Assert.False(IpPrefix.TryParse(text, out _));

    [Theory]
    [InlineData("10.0.0.0-10.0.0.255", "10.0.0.0/24")]
    [InlineData("10.0.0.1-10.0.0.6", "10.0.0.1/32 10.0.0.2/31 10.0.0.4/31 10.0.0.6/32")]
    [InlineData("0.0.0.0-255.255.255.255", "0.0.0.0/0")]
    [InlineData("255.255.255.254-255.255.255.255", "255.255.255.254/31")]
    [InlineData("::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::/0")]
    public void SplitsARangeIntoTheFewestPrefixes(string range, string expected)
    {
        string[] ends = range.Split('-');
        var addresses = new IpAddressRange(IpAddress.Parse(ends[0]), IpAddress.Parse(ends[1]));
        Assert.Equal(expected, string.Join(' ', addresses.ToPrefixes()));
        Assert.Equal(expected.Contains(' ') ? range : expected, addresses.ToString());
    }
}
