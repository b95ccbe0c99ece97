using Ipsec.Net;

namespace Ipsec.Net.Tests;

public class IpAddressTextTests
{
    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("10.1.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("fd00::1")]
    [InlineData("::ffff:10.1.0.1")]
    public void ReadsAddresses(string text)
    {
        Assert.True(IpAddress.TryParse(text, out IpAddress address));
        Assert.Equal(text, address.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("10.1")]
    [InlineData("167837697")]
    [InlineData("010.1.0.1")]
    [InlineData("10.1.0.00")]
    [InlineData("0x0a.1.0.1")]
    [InlineData("10.1.0.256")]
    [InlineData("10.1.0.")]
    [InlineData("10.1.0.1.1")]
    [InlineData(" 10.1.0.1")]
    [InlineData("10.1.0.1 ")]
    [InlineData("fd00::1%eth0")]
    [InlineData("fd00::1::")]
    [InlineData("host.example.org")]
    public void RefusesWhatNobodyMeans(string text) => Assert.False(IpAddress.TryParse(text, out _));
}
