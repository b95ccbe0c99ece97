using Ipsec.Net;

namespace Ipsec.Net.Tests;

/// <summary>RFC 7296 §2.9 (narrowing) and §3.13.1 (ports, OPAQUE).</summary>
public sealed class TrafficSelectorTests
{
    static TrafficSelector Selector(string prefix, byte protocol = 0, ushort first = 0, ushort last = 65535) =>
        new(IpPrefix.Parse(prefix).Range, protocol, first, last);

    static readonly TrafficSelector Opaque = Selector("10.0.0.0/8", IpProtocol.Tcp, 65535, 0);

    [Fact]
    public void NarrowsAddressProtocolAndPort()
    {
        Assert.True(Selector("10.0.0.0/8").TryIntersect(Selector("10.2.0.0/16", IpProtocol.Tcp, 80, 443), out TrafficSelector common));
        Assert.Equal(Selector("10.2.0.0/16", IpProtocol.Tcp, 80, 443), common);
    }

    [Fact]
    public void NarrowingIsSymmetric()
    {
        TrafficSelector[] selectors =
        [
            TrafficSelector.AnyV4, TrafficSelector.AnyV6, Selector("10.2.0.0/16"), Selector("10.2.3.0/24", IpProtocol.Udp),
            Selector("10.2.0.0/15", IpProtocol.Tcp, 80, 90), Selector("10.2.0.0/15", IpProtocol.Tcp, 85, 99), Opaque,
        ];
        foreach (TrafficSelector left in selectors)
        {
            foreach (TrafficSelector right in selectors)
            {
                bool oneWay = left.TryIntersect(right, out TrafficSelector first);
                Assert.Equal(oneWay, right.TryIntersect(left, out TrafficSelector second));
                if (oneWay)
                {
                    Assert.Equal(first, second);
                    Assert.True(left.Contains(first) && right.Contains(first));
                }
            }
        }
    }

    [Theory]
    [InlineData("11.0.0.0/8", 0, 0, 65535)]
    [InlineData("10.0.0.0/8", 17, 0, 65535)]
    [InlineData("10.0.0.0/8", 6, 81, 65535)]
    [InlineData("::/0", 0, 0, 65535)]
    public void DisjointSelectorsHaveNothingInCommon(string prefix, byte protocol, ushort first, ushort last) =>
        Assert.False(Selector("10.0.0.0/8", IpProtocol.Tcp, 0, 80).TryIntersect(Selector(prefix, protocol, first, last), out _));

    [Fact]
    public void APortThatCannotBeSeenMatchesAnyAndOpaqueOnly()
    {
        IpAddress address = IpAddress.Parse("10.1.1.1");
        Assert.True(Selector("10.0.0.0/8", IpProtocol.Tcp).Matches(address, IpProtocol.Tcp, null));
        Assert.True(Opaque.Matches(address, IpProtocol.Tcp, null));
        Assert.False(Selector("10.0.0.0/8", IpProtocol.Tcp, 80, 80).Matches(address, IpProtocol.Tcp, null));
        Assert.False(Opaque.Matches(address, IpProtocol.Tcp, 80));
    }
}
