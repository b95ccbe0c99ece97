using Ipsec.Ike.Wire;
using Ipsec.Net;
using Ipsec.Tests.Support;

namespace Ipsec.Ike.Tests.Wire;

public class TrafficSelectorPayloadTests
{
    const string Two = """
        00 00 0040  02 000000
          07 06 0010  0050 01bb  0a020000 0a0200ff
          08 00 0028  0000 ffff  20010db8000000000000000000000000 20010db800000000ffffffffffffffff
        """;

    [Fact]
    public void HasKnownAnswer() => PayloadCheck.HasKnownAnswer(new TrafficSelectorPayload(PayloadType.TrafficSelectorInitiator,
    [
        new TrafficSelector(IpPrefix.Parse("10.2.0.0/24").Range, 6, 80, 443),
        new TrafficSelector(IpPrefix.Parse("2001:db8::/64").Range),
    ]), Two);

    [Fact]
    public void RefusesEveryTruncation() => PayloadCheck.SurvivesTruncation(PayloadType.TrafficSelectorResponder, Two, mayParse: _ => false);

    [Fact]
    public void ReadsOpaquePorts()
    {
        var payload = (TrafficSelectorPayload)PayloadCheck.Read(PayloadType.TrafficSelectorInitiator,
            HexText.Parse("00 00 0018  01 000000  07 11 0010 ffff 0000 0a000001 0a000001"));
        Assert.True(Assert.Single(payload.Selectors).IsOpaquePort);
    }

    [Fact]
    public void LeavesOutSelectorTypesThatItDoesNotKnow()
    {
        var payload = (TrafficSelectorPayload)PayloadCheck.Read(PayloadType.TrafficSelectorInitiator,
            HexText.Parse("00 00 0020  02 000000  09 00 0008 01020304  07 00 0010 0000 ffff 0a000001 0a000001"));
        Assert.Equal("10.0.0.1/32", Assert.Single(payload.Selectors).ToString());
        payload = (TrafficSelectorPayload)PayloadCheck.Read(PayloadType.TrafficSelectorInitiator, HexText.Parse("00 00 000c  01 000000  09 00 0004"));
        Assert.Empty(payload.Selectors);
    }

    [Theory]
    [InlineData("no selector", "00 000000")]
    [InlineData("addresses that run backwards", "01 000000 07 00 0010 0000 ffff 0a000002 0a000001")]
    [InlineData("ports that run backwards", "01 000000 07 00 0010 0050 004f 0a000001 0a000001")]
    [InlineData("IPv4 of IPv6 length", "01 000000 07 00 0028 0000 ffff 20010db8000000000000000000000000 20010db800000000ffffffffffffffff")]
    [InlineData("IPv6 of IPv4 length", "01 000000 08 00 0010 0000 ffff 0a000001 0a000001")]
    [InlineData("length zero", "01 000000 07 00 0000 0000 ffff 0a000001 0a000001")]
    [InlineData("length of the maximum", "01 000000 07 00 ffff 0000 ffff 0a000001 0a000001")]
    [InlineData("one more than counted", "01 000000 09 00 0004 09 00 0004")]
    [InlineData("one less than counted", "03 000000 09 00 0004 09 00 0004")]
    public void Refuses(string what, string body)
    {
        Assert.NotEmpty(what);
        PayloadCheck.IsRefused(PayloadType.TrafficSelectorInitiator, body);
    }
}
