using Ipsec.Ike.Wire;
using Ipsec.Net;
using static Ipsec.Ike.Wire.ConfigurationAttributeType;

namespace Ipsec.Ike.Tests.Wire;

public class ConfigurationPayloadTests
{
    // RFC 7296 §3.15.2's example, with one attribute of a type that nobody knows.
    const string Reply = "00 00 0024  02 000000  0001 0004 c63364ea  000d 0008 c6336400 ffffffc0  7abc 0004 01020304";

    [Fact]
    public void HasKnownAnswer()
    {
        PayloadCheck.HasKnownAnswer(new ConfigurationPayload(ConfigurationType.Reply,
        [
            ConfigurationAttribute.Of(InternalIp4Address, IpAddress.Parse("198.51.100.234")),
            ConfigurationAttribute.Subnet(IpPrefix.Parse("198.51.100.0/26")),
            new ConfigurationAttribute((ConfigurationAttributeType)0x7ABC, new byte[] { 1, 2, 3, 4 }),
        ]), Reply);
        PayloadCheck.HasKnownAnswer(new ConfigurationPayload(ConfigurationType.Request, [new ConfigurationAttribute(InternalIp6Address)]),
            "00 00 000c  01 000000  0008 0000");
        PayloadCheck.HasKnownAnswer(new ConfigurationPayload(ConfigurationType.Reply,
            [ConfigurationAttribute.Of(InternalIp6Address, IpAddress.Parse("2001:db8::5"), 64)]),
            "00 00 001d  02 000000  0008 0011 20010db8000000000000000000000005 40");
        PayloadCheck.HasKnownAnswer(new ConfigurationPayload(ConfigurationType.Reply, [ConfigurationAttribute.Subnet(IpPrefix.Parse("2001:db8::/32"))]),
            "00 00 001d  02 000000  000f 0011 20010db8000000000000000000000000 20");
        PayloadCheck.HasKnownAnswer(new ConfigurationPayload(ConfigurationType.Reply, [ConfigurationAttribute.Text(InternalDnsDomain, "example.com")]),
            "00 00 0017  02 000000  0019 000b 6578616d706c652e636f6d");
    }

    [Fact]
    public void IgnoresTheReservedBit()
    {
        var read = (ConfigurationPayload)PayloadCheck.Read(PayloadType.Configuration, Convert.FromHexString("0000000c0100000080010000"));
        Assert.Equal(InternalIp4Address, read.Attributes[0].Type);
    }

    [Fact]
    public void RefusesEveryTruncationWithinAnAttribute() =>
        PayloadCheck.SurvivesTruncation(PayloadType.Configuration, Reply, length => length is 4 or 12 or 24);

    [Theory]
    [InlineData("01 000000 0001 0005 c633640001")]
    [InlineData("01 000000 0001 ffff c6336400")]
    [InlineData("01 000000 0001 0003 c63364")]
    [InlineData("01 000000 0003 0010 20010db8000000000000000000000005")]
    [InlineData("01 000000 0008 0004 c6336400")]
    [InlineData("01 000000 0008 0012 20010db80000000000000000000000054000")]
    [InlineData("01 000000 000d 0004 c6336400")]
    [InlineData("01 000000 000f 0010 20010db8000000000000000000000005")]
    [InlineData("01 000000 000e 0003 000102")]
    [InlineData("01 000000 0001 0004 c6336401 00")]
    [InlineData("01 0000")]
    public void Refuses(string body) => PayloadCheck.IsRefused(PayloadType.Configuration, body);

    [Fact]
    public void BoundsTheNumberOfAttributes() => PayloadCheck.IsRefused(PayloadType.Configuration,
        "01000000" + string.Concat(Enumerable.Repeat("00010000", WireLimits.ConfigurationAttributes + 1)));

    [Theory]
    [InlineData("ffffffc0", "198.51.100.0/26")]
    [InlineData("ffffffff", "198.51.100.5/32")]
    [InlineData("00000000", "0.0.0.0/0")]
    [InlineData("ff00ff00", null)]
    [InlineData("7fffffff", null)]
    public void ReadsNetmasksWithoutHoles(string mask, string? expected)
    {
        var attribute = new ConfigurationAttribute(InternalIp4Subnet, Convert.FromHexString("c6336405" + mask));
        Assert.Equal(expected is not null, attribute.TryGetSubnet(out IpPrefix network));
        Assert.Equal(expected is null ? default : IpPrefix.Parse(expected), network);
    }

    [Fact]
    public void RefusesPrefixesLongerThanAnAddress() => Assert.False(
        new ConfigurationAttribute(InternalIp6Subnet, Convert.FromHexString("20010db8000000000000000000000000" + "81")).TryGetSubnet(out _));
}
