using Ipsec.Esp.Tests.Kit;
using Ipsec.Net;

namespace Ipsec.Esp.Tests.Workers;

/// <summary>Tunnel to tunnel without the kernel.</summary>
public class ForwardingTests
{
    [Fact]
    public void TakesAPacketFromOneTunnelIntoAnotherAndCountsTheHop()
    {
        using var hub = new Hub();
        foreach (byte[] packet in (byte[][])[TestPackets.Udp(hopLimit: 9), TestPackets.UdpV6(hopLimit: 9)])
        {
            CollectingSink sink = hub.SendFrom(hub.First, [.. packet]);
            Assert.Empty(sink.Delivered);
            Assert.Equal(IpAddress.Parse("192.0.2.2"), Assert.Single(sink.Sent).Path.Remote.Address);
            byte[] received = Assert.Single(Hub.Receive(hub.Second, sink));
            Assert.Equal(8, received[packet[0] >> 4 == 6 ? 7 : 8]);
            Assert.True(TestPackets.HasValidChecksums(received));
        }
        Assert.Equal(2UL, hub.Center.GetCounter(DataPathCounter.Forwarded));
    }

    [Fact]
    public void CarriesCongestionMarksFromTunnelToTunnel()
    {
        using var hub = new Hub();
        var outgoing = new CollectingSink();
        hub.First.Seal(new SuperPacket(TestPackets.Udp(trafficClass: 2)), ref outgoing);
        SentRun run = Assert.Single(outgoing.Sent);
        var sink = new CollectingSink();
        hub.Center.Open(run.Datagrams, 0, TunnelPair.Reverse(run.Path), 3, ref sink);
        Assert.Equal(3, Assert.Single(sink.Sent).TrafficClass);
        Assert.Equal(3, Assert.Single(Hub.Receive(hub.Second, sink))[1]);
    }

    [Fact]
    public void DeliversItsOwnNetworkAndDropsWhatItDiscardsOrDoesNotKnow()
    {
        using var hub = new Hub();
        Assert.Single(hub.SendFrom(hub.First, TestPackets.Udp(destination: "10.9.0.1")).Delivered);
        CollectingSink discarded = hub.SendFrom(hub.First, TestPackets.Udp(destination: "10.8.0.1"));
        CollectingSink unknown = hub.SendFrom(hub.First, TestPackets.Udp(destination: "10.77.0.1"));
        Assert.Empty(discarded.Delivered.Concat(unknown.Delivered));
        Assert.Equal(2UL, hub.Center.GetCounter(DataPathCounter.NoRoute));
    }

    [Fact]
    public void WithoutTransitNothingGoesFromTunnelToTunnel()
    {
        using var hub = new Hub();
        hub.Center.SetRoutes(new RouteTable(
        [
            new Route(IpPrefix.Parse("10.1.0.0/16"), RouteTarget.Into(1)),
            new Route(IpPrefix.Parse("10.2.0.0/16"), RouteTarget.Into(2)),
            new Route(IpPrefix.Parse("10.9.0.0/16"), RouteTarget.Local),
        ])
        { Transit = false });
        Assert.Empty(hub.SendFrom(hub.First, TestPackets.Udp()).Sent);
        Assert.Equal(1UL, hub.Center.GetCounter(DataPathCounter.TransitDenied));
        Assert.Single(hub.SendFrom(hub.First, TestPackets.Udp(destination: "10.9.0.1")).Delivered);
    }

    [Fact]
    public void AGroupKeepsEachFlowOnOneTunnelAndUsesAll()
    {
        using var hub = new Hub();
        hub.Center.SetRoutes(new RouteTable([new Route(IpPrefix.Parse("10.0.0.0/8"), RouteTarget.Into(new TunnelGroup([1, 2])))]));
        HashSet<IpAddress> peers = [];
        for (ushort port = 1; port <= 16; port++)
        {
            // The selectors of the two tunnels are 10.1 and 10.2: the tunnel that was chosen shows in what it could not carry.
            (bool first, bool second) = (SealedBy("10.1.0.9", port), SealedBy("10.2.0.9", port));
            Assert.Equal((first, second), (SealedBy("10.1.0.9", port), SealedBy("10.2.0.9", port)));
        }
        Assert.Equal(2, peers.Count);

        bool SealedBy(string destination, ushort port)
        {
            var sink = new CollectingSink();
            hub.Center.Seal(new SuperPacket(TestPackets.Udp(destination: destination, sourcePort: port)), ref sink);
            peers.UnionWith(sink.Sent.Select(run => run.Path.Remote.Address));
            return sink.Sent.Count > 0;
        }
    }

    [Fact]
    public void NeverReturnsAPacketToThePeerThatSentIt()
    {
        using var hub = new Hub();
        hub.First.SetRoutes(new RouteTable([new Route(IpPrefix.AnyV4, RouteTarget.Into(1))]));
        Assert.Empty(hub.SendFrom(hub.First, TestPackets.Udp(destination: "10.1.9.9")).Sent);
        Assert.Equal(1UL, hub.Center.GetCounter(DataPathCounter.Hairpin));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void SendsTimeExceededBackIntoTheTunnel(bool isV6)
    {
        using var hub = new Hub();
        CollectingSink sink = hub.SendFrom(hub.First, isV6 ? TestPackets.UdpV6(hopLimit: 1) : TestPackets.Udp(hopLimit: 1));
        byte[] error = Assert.Single(Hub.Receive(hub.First, sink));
        Assert.True(IpPacket.TryParse(error, out IpPacket parsed));
        Assert.Equal(isV6 ? 3 : 11, parsed.Payload[0]);
        Assert.True(TestPackets.HasValidChecksums(error));
        Assert.Equal(1UL, hub.Center.GetCounter(DataPathCounter.HopLimitExceeded));
    }

    [Fact]
    public void SendsTooBigBackIntoTheTunnel()
    {
        using var hub = new Hub(new DataPathOptions { Mtu = 1300 });
        CollectingSink sink = hub.SendFrom(hub.First, TestPackets.Udp(1350, dontFragment: true));
        byte[] error = Assert.Single(Hub.Receive(hub.First, sink));
        Assert.Equal([3, 4], error[20..22]);
        Assert.Equal(IpAddress.Parse("192.0.2.1"), Assert.Single(sink.Sent).Path.Remote.Address);
    }

    [Fact]
    public void KeepsItsOwnOuterPacketsOutOfTheTunnel()
    {
        using var pair = new TunnelPair(Suites.Gcm256, left: parameters => parameters with
        {
            LocalSelectors = [TrafficSelector.AnyV4],
            RemoteSelectors = [TrafficSelector.AnyV4],
        });
        pair.Left.SetRoutes(new RouteTable([new Route(IpPrefix.AnyV4, RouteTarget.Into(TunnelPair.Tunnel))]));
        IpAddress local = pair.LeftPath.Local.Address;
        IpAddress remote = pair.LeftPath.Remote.Address;
        Assert.Empty(pair.SealLeft(IpPacketWriter.Udp(pair.LeftPath.Local, pair.LeftPath.Remote, [1, 2, 3])));
        Assert.Empty(pair.SealLeft(IpPacketWriter.Udp(new TransportAddress(local, 500), new TransportAddress(remote, 500), [1])));
        Assert.Empty(pair.SealLeft(IpPacketWriter.Packet(local, remote, IpProtocol.Esp, new byte[40])));
        Assert.Equal(3UL, pair.Left.GetCounter(DataPathCounter.OwnOuterPacket));
        Assert.Single(pair.SealLeft(IpPacketWriter.Udp(new TransportAddress(local, 53), new TransportAddress(remote, 53), [1])));
    }
}
