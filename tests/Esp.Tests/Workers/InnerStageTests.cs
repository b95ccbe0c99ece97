using Ipsec.Esp.Tests.Kit;
using Ipsec.Net;

namespace Ipsec.Esp.Tests.Workers;

/// <summary>
/// Address translation and shaper where packets pass: the left side is 192.168.1.0/24, and on the wire 10.1.5.0/24; the right side's 10.2.0.0/24 is
/// 192.168.2.0/24 there.
/// </summary>
public class InnerStageTests
{
    static readonly NatRule Egress = NatBench.Rule(NatKind.Static, NatMode.EgressSnat, "192.168.1.0/24", "10.1.5.0/24");
    static readonly NatRule Ingress = NatBench.Rule(NatKind.Static, NatMode.IngressSnat, "10.2.0.0/24", "192.168.2.0/24");
    static readonly NatRule Dynamic = NatBench.Rule(NatKind.Dynamic, NatMode.EgressSnat, "192.168.1.0/24", "10.1.5.9/32");

    [Fact]
    public void SelectorsSeeTheAddressesOfTheWireAndRoutesThoseOfThisSide()
    {
        using TunnelPair pair = Pair([Egress, Ingress]);
        byte[] received = Assert.Single(pair.Carry(NatBench.Udp("192.168.1.4", 1, "192.168.2.5", 2)));
        Assert.Equal("10.1.5.4:1 > 10.2.0.5:2", NatBench.Describe(received));
        Assert.True(TestPackets.HasValidChecksums(received));
        byte[] answer = Assert.Single(pair.CarryBack(NatBench.Udp("10.2.0.5", 2, "10.1.5.4", 1)));
        Assert.Equal("192.168.2.5:2 > 192.168.1.4:1", NatBench.Describe(answer));
        Assert.True(TestPackets.HasValidChecksums(answer));
        Assert.Equal([1UL, 1UL], pair.Left.GetNatCounters(TunnelPair.Tunnel).Select(rule => rule.NatedPackets));
    }

    [Fact]
    public void SuperPacketsAreTranslatedOnceAndEverySegmentIsRight()
    {
        using TunnelPair pair = Pair([Dynamic]);
        byte[] packet = TestPackets.Tcp(0x10, [], 5000);
        IpAddress.Parse("192.168.1.4").WriteTo(packet.AsSpan(12));
        var sink = new CollectingSink();
        pair.Left.Seal(new SuperPacket(packet, SegmentationKind.TcpV4, 1000), ref sink);
        List<byte[]> received = [.. sink.Datagrams.SelectMany(datagram => pair.OpenRight(datagram))];
        Assert.Equal(5, received.Count);
        Assert.All(received, segment => Assert.True(TestPackets.HasValidChecksums(segment)));
        Assert.All(received, segment => Assert.Equal("10.1.5.9:40000 > 10.2.0.5:443", NatBench.Describe(segment)));
        Assert.Equal(1UL, Assert.Single(pair.Left.GetNatCounters(TunnelPair.Tunnel)).NatedPackets);
    }

    [Fact]
    public void AnUnfinishedChecksumIsFinishedBeforeItIsTranslated()
    {
        using TunnelPair pair = Pair([Egress]);
        byte[] packet = NatBench.Udp("192.168.1.4", 1, "10.2.0.5", 2);
        Assert.True(IpPacket.TryParse(packet, out IpPacket parsed));
        uint pseudo = InternetChecksum.PseudoHeader(parsed.Source, parsed.Destination, IpProtocol.Udp, parsed.Payload.Length);
        ushort unfinished = (ushort)~InternetChecksum.Compute([], pseudo);
        (packet[26], packet[27]) = ((byte)(unfinished >> 8), (byte)unfinished);
        var sink = new CollectingSink();
        pair.Left.Seal(new SuperPacket(packet) { ChecksumStart = 20, ChecksumOffset = 6 }, ref sink);
        Assert.True(TestPackets.HasValidChecksums(Assert.Single(pair.OpenRight(Assert.Single(sink.Datagrams)))));
    }

    [Fact]
    public void AnErrorOfOurOwnGoesBackToBeforeTheTranslation()
    {
        using TunnelPair pair = Pair([Dynamic, Ingress]);
        byte[] packet = TestPackets.Udp(2000, "192.168.1.4", "192.168.2.5", dontFragment: true);
        byte[] copy = [.. packet];
        var sink = new CollectingSink();
        pair.Left.Seal(new SuperPacket(copy), ref sink);
        byte[] error = Assert.Single(sink.Delivered);
        Assert.True(TestPackets.HasValidChecksums(error));
        Assert.StartsWith("192.168.2.5 > 192.168.1.4", NatBench.Describe(error));
        Assert.Equal(packet[..NatBench.Quoted(error).Length], NatBench.Quoted(error));
    }

    [Fact]
    public void WhatADynamicRuleRefusesIsDroppedAndCounted()
    {
        using TunnelPair pair = Pair([Dynamic]);
        Assert.Empty(pair.CarryBack(NatBench.Udp("10.2.0.5", 2, "10.1.5.9", 1)));
        Assert.Equal(1UL, pair.Left.GetCounter(DataPathCounter.NatDropped));
        Assert.Equal(1UL, Assert.Single(pair.Left.GetNatCounters(TunnelPair.Tunnel)).DroppedPackets);
    }

    [Fact]
    public void FlowsOutliveAChangeOfRoutesAndEndWithTheirTime()
    {
        using TunnelPair pair = Pair([Dynamic]);
        Assert.Single(pair.Carry(NatBench.Udp("192.168.1.4", 1, "10.2.0.5", 2)));
        pair.Left.SetRoutes(Routes([Ingress, Dynamic]));
        Assert.Single(pair.CarryBack(NatBench.Udp("10.2.9.5", 2, "10.1.5.9", 1)).Concat(pair.CarryBack(NatBench.Udp("10.2.0.5", 2, "10.1.5.9", 1))));
        pair.Left.AdvanceTo(TimeSpan.FromMinutes(6));
        Assert.Empty(pair.CarryBack(NatBench.Udp("10.2.0.5", 2, "10.1.5.9", 1)));
    }

    [Fact]
    public void TheShaperDropsInBothDirectionsWhatGoesBeyondItsDepth()
    {
        using TunnelPair pair = Pair([]);
        pair.Left.SetRoutes(Routes([], new ShaperSettings(80_000, TimeSpan.FromMilliseconds(100))));
        byte[] packet = TestPackets.Udp(972, "192.168.1.4", "10.2.0.5");
        Assert.Equal(2, Enumerable.Range(0, 5).Sum(_ => pair.Carry([.. packet]).Count));
        Assert.Equal(3UL, pair.Left.GetCounter(DataPathCounter.Shaped));
        pair.Left.AdvanceTo(TimeSpan.FromMilliseconds(50));
        // The same snapshot again does not fill the bucket.
        pair.Left.SetRoutes(Routes([], new ShaperSettings(80_000, TimeSpan.FromMilliseconds(100))));
        Assert.Empty(pair.CarryBack(TestPackets.Udp(972, "10.2.0.5", "10.1.5.4")));
        pair.Left.AdvanceTo(TimeSpan.FromMilliseconds(150));
        Assert.Equal(1, Enumerable.Range(0, 5).Sum(_ => pair.CarryBack(TestPackets.Udp(972, "10.2.0.5", "10.1.5.4")).Count));
        Assert.Equal(8UL, pair.Left.GetCounter(DataPathCounter.Shaped));
    }

    static TunnelPair Pair(NatRule[] rules)
    {
        var pair = new TunnelPair(Suites.Gcm256, left: sa => rules.Length == 0 ? sa with { LocalSelectors = [TrafficSelector.AnyV4] } : sa,
            right: sa => rules.Length == 0 ? sa with { RemoteSelectors = [TrafficSelector.AnyV4] } : sa);
        pair.Left.SetRoutes(Routes(rules));
        return pair;
    }

    static RouteTable Routes(NatRule[] rules, ShaperSettings? shaper = null) => new(
        [
            new Route(IpPrefix.Parse("192.168.1.0/24"), RouteTarget.Local),
            new Route(IpPrefix.Parse("10.1.5.0/24"), RouteTarget.Local),
            new Route(IpPrefix.Parse("192.168.2.0/24"), RouteTarget.Into(TunnelPair.Tunnel)),
            new Route(IpPrefix.Parse("10.2.0.0/16"), RouteTarget.Into(TunnelPair.Tunnel)),
        ],
        [new TunnelSettings(TunnelPair.Tunnel, null) { Nat = [.. rules] }])
    { Shaper = shaper };
}
