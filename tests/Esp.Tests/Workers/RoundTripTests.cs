using Ipsec.Esp.Tests.Kit;
using Ipsec.Net;

namespace Ipsec.Esp.Tests.Workers;

public class RoundTripTests
{
    [Theory]
    [MemberData(nameof(Suites.Numbers), MemberType = typeof(Suites))]
    public void CarriesPacketsOfEveryLengthInBothDirectionsWithEverySuite(int suite)
    {
        using var pair = new TunnelPair(Suites.All[suite]);
        for (int length = 0; length <= 70; length++)
        {
            byte[] packet = TestPackets.Udp(length);
            Assert.Equal([packet], pair.Carry([.. packet]));
            byte[] back = TestPackets.UdpBack(length);
            Assert.Equal([back], pair.CarryBack([.. back]));
        }
        Assert.Equal(71UL, pair.Right.InboundPackets(TunnelPair.FirstSa));
    }

    [Theory]
    [InlineData(PathEncapsulation.UdpEncapsulated)]
    [InlineData(PathEncapsulation.RawEsp)]
    public void CarriesIpv6InsideAndKeepsTheBytesSecret(PathEncapsulation encapsulation)
    {
        using var pair = new TunnelPair(Suites.Gcm256, encapsulation: encapsulation);
        byte[] packet = TestPackets.UdpV6(900);
        byte[] datagram = Assert.Single(pair.SealLeft([.. packet]));
        Assert.Equal(-1, datagram.AsSpan().IndexOf(packet.AsSpan(40, 16)));
        Assert.Equal([packet], pair.OpenRight(datagram));
    }

    [Fact]
    public void CountsPacketsAndInnerOctetsPerAssociation()
    {
        using var pair = new TunnelPair(Suites.Gcm256);
        pair.Carry(TestPackets.Udp(100));
        pair.Carry(TestPackets.Udp(200));
        pair.CarryBack(TestPackets.UdpBack(10));
        Assert.True(pair.Left.TryGetCounters(TunnelPair.FirstSa, out SaCounters counters));
        Assert.Equal(new SaCounters(1, 38, 2, 128 + 228), counters);
        Assert.Equal(2UL, pair.Left.GetCounter(DataPathCounter.Sealed));
        Assert.Equal(1UL, pair.Left.GetCounter(DataPathCounter.Delivered));
    }
}
