using Ipsec.Crypto;
using Ipsec.Endpoint.Tests.Room;
using Ipsec.Esp;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;
using Ipsec.Net;

namespace Ipsec.Endpoint.Tests;

/// <summary>Two endpoints in a room: a tunnel comes up and carries packets, and says so.</summary>
public sealed class TunnelTests
{
    static readonly TimeSpan Soon = TimeSpan.FromSeconds(2);

    [Fact]
    public void CarriesPacketsBothWaysThroughEsp()
    {
        using VirtualRoom room = new();
        (Station west, Station east) = room.Connect(Sites.West(), Sites.East());

        for (int i = 0; i < 100; i++)
        {
            west.SendInner(InnerPackets.Numbered(Sites.WestHost, Sites.EastHost, i, 100 + i));
            east.SendInner(InnerPackets.Numbered(Sites.EastHost, Sites.WestHost, i, 100 + i));
        }
        room.RunFor(Soon);

        Assert.Equal(Enumerable.Range(0, 100), east.NumbersFrom(Sites.WestHost));
        Assert.Equal(Enumerable.Range(0, 100), west.NumbersFrom(Sites.EastHost));
        Assert.Equal(200, room.Sent.Count(packet => packet.IsRawEsp));
    }

    [Fact]
    public void NothingLeavesInClear()
    {
        using VirtualRoom room = new();
        (Station west, Station east) = room.Connect(Sites.West(), Sites.East());
        byte[] packet = InnerPackets.Numbered(Sites.WestHost, Sites.EastHost, 0x5A, 200);

        west.SendInner(packet);
        room.RunFor(Soon);

        Assert.Equal(packet, Assert.Single(east.Delivered));
        Assert.DoesNotContain(room.Sent, sent => sent.Payload.AsSpan().IndexOf(packet.AsSpan(28, 8)) >= 0);
    }

    [Fact]
    public void BothSidesAgreeOnSpisSelectorsAndSuite()
    {
        using VirtualRoom room = new();
        (Station west, Station east) = room.Connect(Sites.West(), Sites.East());

        TunnelStatus ofWest = west.Tunnel("east");
        TunnelStatus ofEast = east.Tunnel("west");
        ChildSaStatus westChild = Assert.Single(ofWest.ChildSas);
        ChildSaStatus eastChild = Assert.Single(ofEast.ChildSas);
        Assert.Equal((westChild.InboundSpi, westChild.OutboundSpi), (eastChild.OutboundSpi, eastChild.InboundSpi));
        Assert.Equal(westChild.Suite, eastChild.Suite);
        Assert.Equal(westChild.LocalSelectors, eastChild.RemoteSelectors);
        Assert.Equal(westChild.RemoteSelectors, eastChild.LocalSelectors);
        Assert.Equal((ofWest.IkeSa!.InitiatorSpi, ofWest.IkeSa.ResponderSpi), (ofEast.IkeSa!.InitiatorSpi, ofEast.IkeSa.ResponderSpi));
        Assert.Equal((true, false), (ofWest.IkeSa.IsInitiator, ofEast.IkeSa.IsInitiator));
        Assert.Empty(ofWest.Reasons);
    }

    [Fact]
    public void CountsInnerPacketsAndOctets()
    {
        using VirtualRoom room = new();
        (Station west, Station east) = room.Connect(Sites.West(), Sites.East());
        byte[] packet = InnerPackets.Numbered(Sites.WestHost, Sites.EastHost, 1);

        west.SendInner(packet);
        west.SendInner(packet);
        room.RunFor(Soon);

        ChildSaStatus sent = Assert.Single(west.Tunnel("east").ChildSas);
        ChildSaStatus received = Assert.Single(east.Tunnel("west").ChildSas);
        Assert.Equal((2UL, 2UL * (ulong)packet.Length, 0UL), (sent.PacketsOut, sent.BytesOut, sent.PacketsIn));
        Assert.Equal((2UL, 2UL * (ulong)packet.Length, 0UL), (received.PacketsIn, received.BytesIn, received.PacketsOut));
        Assert.Equal(2UL, east.Status.Counters["esp.delivered"]);
    }

    [Fact]
    public void PacketsOutsideTheSelectorsAreNotCarried()
    {
        using VirtualRoom room = new();
        (Station west, Station east) = room.Connect(Sites.West(), Sites.East());

        west.SendInner(InnerPackets.Numbered("192.168.7.7", Sites.EastHost, 1));
        west.SendInner(InnerPackets.Numbered(Sites.WestHost, "10.9.9.9", 2));
        room.RunFor(Soon);

        Assert.Empty(east.Delivered);
        Assert.Equal(1UL, west.Status.Counters["esp.no-sa"]);
        Assert.Equal(1UL, west.Status.Counters["esp.no-route"]);
    }

    [Theory]
    [InlineData("aes256gcm16-prfsha384-ecp384", "aes256gcm16")]
    [InlineData("aes256-sha256-modp2048", "aes256-sha256")]
    [InlineData("aes256-sha384-ecp256", "aes192-sha384")]
    [InlineData("aes128-sha512-modp1024", "aes128-sha512")]
    [InlineData("3des-sha1-modp1024", "3des-sha1")]
    [InlineData("aes128gcm16-prfsha256-curve25519", "aes128gcm16-esn")]
    public void EverySuiteCarriesPackets(string ike, string esp)
    {
        using VirtualRoom room = new();
        ConnectionConfiguration Suite(ConnectionConfiguration connection) =>
            (connection with { InitiatorProposals = [Sites.Ike(ike)], ResponderProposals = [Sites.Ike(ike)] })
            .WithChildren(child => child with { InitiatorProposals = [Sites.Esp(esp)], ResponderProposals = [Sites.Esp(esp)] });
        (Station west, Station east) = room.Connect(Sites.West(Suite), Sites.East(Suite));

        room.AssertCarries(west, east, Sites.WestHost, Sites.EastHost);
        Assert.Equal(esp.Contains("esn", StringComparison.Ordinal), Assert.Single(west.Tunnel("east").ChildSas).Suite.ExtendedSequenceNumbers);
    }

    [Theory]
    [InlineData("198.51.100.10", "203.0.113.5", "fd01::/64", "fd02::/64", "fd01::4", "fd02::10")]
    [InlineData("2001:db8:1::10", "2001:db8:2::5", "10.1.0.0/16", "10.2.0.0/24", "10.1.1.4", "10.2.0.10")]
    [InlineData("2001:db8:1::10", "2001:db8:2::5", "fd01::/64", "fd02::/64", "fd01::4", "fd02::10")]
    public void CarriesEitherFamilyInsideEitherFamily(string westOuter, string eastOuter, string westNetwork, string eastNetwork,
        string westHost, string eastHost)
    {
        using VirtualRoom room = new();
        (Station west, Station east) = room.Connect(
            Sites.Endpoint("west", [westOuter], [westNetwork], Sites.Tunnel(
                Sites.Connection("east", westOuter, eastOuter, westNetwork, eastNetwork) with { StartAction = StartAction.Start }, eastNetwork)),
            Sites.Endpoint("east", [eastOuter], [eastNetwork], Sites.Tunnel(
                Sites.Connection("west", eastOuter, westOuter, eastNetwork, westNetwork), westNetwork)));

        room.AssertCarries(west, east, westHost, eastHost);
    }

    [Fact]
    public void TrafficStartsATunnelThatWaitsForIt()
    {
        using VirtualRoom room = new();
        Station west = room.Add(Sites.West(connection => connection with { StartAction = StartAction.Traffic }), 1);
        Station east = room.Add(Sites.East(), 2);
        room.Start();
        room.RunFor(TimeSpan.FromMinutes(1));
        Assert.Empty(room.Sent);
        Assert.Equal(TunnelState.Down, west.Tunnel("east").State);

        west.SendInner(InnerPackets.Numbered(Sites.WestHost, Sites.EastHost, 1));
        room.RunUntil(() => west.Tunnel("east").State == TunnelState.Established, Soon, "the tunnel is up");

        Assert.Equal(1UL, west.Status.Counters["tunnel.acquires"]);
        room.AssertCarries(west, east, Sites.WestHost, Sites.EastHost);
    }

    [Fact]
    public void TrafficAsksARefusingPeerOncePerRetryDelay()
    {
        using VirtualRoom room = new();
        Station west = room.Add(Sites.West(connection => connection with
        {
            StartAction = StartAction.Traffic,
            RetryDelay = TimeSpan.FromSeconds(5),
            InitiatorProposals = [Sites.Ike("aes128-sha1-modp1024")],
        }), 1);
        room.Add(Sites.East(), 2);
        room.Start();

        room.RunFor(TimeSpan.FromSeconds(60), TimeSpan.FromMilliseconds(100),
            i => west.SendInner(InnerPackets.Numbered(Sites.WestHost, Sites.EastHost, i)));

        Assert.InRange(room.Sent.Count(packet => packet.Source.Address == IpAddress.Parse(Sites.WestAddress)), 2, 13);
        TunnelStatus tunnel = west.Tunnel("east");
        Assert.Equal(TunnelState.Failed, tunnel.State);
        Assert.Contains(tunnel.Reasons, reason => reason.Code == "no-proposal-chosen");
    }

    [Fact]
    public void TrafficDoesNotStartATunnelThatWaitsForItsPeer()
    {
        using VirtualRoom room = new();
        room.Add(Sites.West(connection => connection with { StartAction = StartAction.None }), 1);
        Station east = room.Add(Sites.East(), 2);
        room.Start();

        east.SendInner(InnerPackets.Numbered(Sites.EastHost, Sites.WestHost, 1));
        room.RunFor(TimeSpan.FromMinutes(1));

        Assert.Empty(room.Sent);
        Assert.Equal(1UL, east.Status.Counters["tunnel.acquires-ignored"]);
    }

    [Fact]
    public void WrongPresharedKeyIsRefusedOnBothSides()
    {
        using VirtualRoom room = new();
        Station west = room.Add(Sites.West() with { PresharedKeys = [Sites.Key("something else")] }, 1);
        Station east = room.Add(Sites.East(), 2);
        room.Start();
        room.RunFor(Soon);

        Assert.Equal(TunnelState.Failed, west.Tunnel("east").State);
        Assert.Contains(west.Tunnel("east").Reasons, reason => reason.Code == "authentication-failed");
        Assert.Empty(west.Tunnel("east").ChildSas);
        Assert.Empty(east.Tunnel("west").ChildSas);
        Assert.Null(east.Tunnel("west").IkeSa);
        Assert.DoesNotContain(east.Events, occurred => occurred is ChildSaEstablished);
    }

    [Fact]
    public void KeysAreEmittedOnlyForTheKeyLog()
    {
        using VirtualRoom room = new();
        EndpointConfiguration withKeys = Sites.West();
        (Station west, Station east) = room.Connect(withKeys with { Ike = withKeys.Ike with { EmitKeys = true } }, Sites.East());

        EspKeysInstalled keys = Assert.Single(west.Keys);
        ChildSaStatus child = Assert.Single(west.Tunnel("east").ChildSas);
        Assert.Equal((child.InboundSpi, child.OutboundSpi), (keys.InboundSpi, keys.OutboundSpi));
        Assert.Equal(36, keys.InboundEncryptionKey.Length);
        // The keys in the output have an owner of their own: they outlive the installation.
        Assert.Contains(keys.InboundEncryptionKey.Span.ToArray(), octet => octet != 0);
        Assert.Contains(west.Events, occurred => occurred is IkeKeysDerived);
        Assert.Empty(east.Keys);
    }

    [Fact]
    public void KeysThatNobodyTookAreCleared()
    {
        using VirtualRoom room = new();
        (Station west, _) = room.Connect(Sites.West(), Sites.East());
        EspKeysInstalled keys = new(west.Tunnel("east").IkeSa!.Path, Assert.Single(west.Tunnel("east").ChildSas).Suite, 1, 2,
            new Secret([1]), new Secret([2]), new Secret([3]), new Secret([4]));

        OutputSecrets.Dispose(keys);

        Assert.All([keys.InboundEncryptionKey, keys.InboundIntegrityKey, keys.OutboundEncryptionKey, keys.OutboundIntegrityKey],
            key => Assert.Throws<ObjectDisposedException>(() => key.Span[0]));
    }

    [Fact]
    public void ClampsTheSegmentSizeThatATunnelNames()
    {
        using VirtualRoom room = new();
        EndpointConfiguration clamping = Sites.West();
        (Station west, Station east) = room.Connect(
            clamping with { Tunnels = [clamping.Tunnels[0] with { MssClamp = 1350 }] }, Sites.East());
        // A SYN with the option MSS 1460 (RFC 9293 §3.1 and §3.7.1): data offset 6, then kind 2, length 4.
        byte[] syn = new byte[24];
        (syn[12], syn[13], syn[20], syn[21], syn[22], syn[23]) = (0x60, 0x02, 2, 4, 1460 >> 8, 1460 & 0xFF);

        west.SendInner(IpPacketWriter.Packet(IpAddress.Parse(Sites.WestHost), IpAddress.Parse(Sites.EastHost), IpProtocol.Tcp, syn));
        room.RunFor(Soon);

        Assert.Equal([1350 >> 8, 1350 & 0xFF], Assert.Single(east.Delivered)[42..44]);
    }

    [Fact]
    public void ReportsForeignEspOncePerSecond()
    {
        using VirtualRoom room = new();
        (Station west, _) = room.Connect(Sites.West(), Sites.East());
        Packet foreign = new(new TransportAddress(IpAddress.Parse(Sites.EastAddress), 0), new TransportAddress(IpAddress.Parse(Sites.WestAddress), 0),
            [0xDE, 0xAD, 0xBE, 0xEF, .. new byte[60]]);

        room.RunFor(TimeSpan.FromMilliseconds(2500), TimeSpan.FromMilliseconds(10), _ => room.Send(foreign));

        Assert.InRange(west.Events.Count(occurred => occurred is PeerFaultCounted { Fault: "unknown-esp-spi" }), 2, 3);
        Assert.InRange(west.Status.Counters["esp.unknown-spi"], 249UL, 250UL);
    }
}
