using Ipsec.Endpoint.Tests.Room;
using Ipsec.Ike.Configuration;
using Ipsec.Net;

namespace Ipsec.Endpoint.Tests;

/// <summary>A device behind NAT: UDP encapsulation, keepalives, and a mapping that changes (RFC 3948, RFC 7296 §2.23).</summary>
public sealed class NatTests
{
    const string PrivateAddress = "192.168.1.20";
    const string PublicAddress = "203.0.113.5";

    [Fact]
    public void EspTravelsInUdp()
    {
        using VirtualRoom room = new();
        (Station device, Station gateway, NatBox _) = Connect(room);

        room.AssertCarries(device, gateway, Sites.EastHost, Sites.WestHost);

        Assert.DoesNotContain(room.Sent, packet => packet.IsRawEsp);
        Assert.True(device.Tunnel("gateway").IkeSa!.LocalBehindNat);
        Assert.False(device.Tunnel("gateway").IkeSa!.RemoteBehindNat);
        Assert.True(gateway.Tunnel("device").IkeSa!.RemoteBehindNat);
        Assert.Equal(PathEncapsulation.UdpEncapsulated, gateway.Tunnel("device").IkeSa!.Path.Encapsulation);
        Assert.Equal(IpAddress.Parse(PublicAddress), gateway.Tunnel("device").Remote);
    }

    [Fact]
    public void KeepalivesHoldTheMappingOverAnIdleHour()
    {
        using VirtualRoom room = new();
        (Station device, Station gateway, NatBox _) = Connect(room);

        room.RunFor(TimeSpan.FromHours(1));
        // The gateway's side speaks first: only a mapping that was kept lets it through.
        gateway.SendInner(InnerPackets.Numbered(Sites.WestHost, Sites.EastHost, 1));
        room.RunFor(TimeSpan.FromSeconds(1));

        Assert.Equal([1], device.NumbersFrom(Sites.WestHost));
        Assert.InRange(room.Sent.Count(packet => packet.IsKeepalive), 170, 181);
        Assert.All(room.Sent.Where(packet => packet.IsKeepalive), packet => Assert.Equal(IpAddress.Parse(PrivateAddress), packet.Source.Address));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("203.0.113.77")]
    public void TheGatewayFollowsAMappingThatChanged(string? newPublicAddress)
    {
        using VirtualRoom room = new();
        (Station device, Station gateway, NatBox nat) = Connect(room);
        room.AssertCarries(device, gateway, Sites.EastHost, Sites.WestHost);
        TransportAddress before = gateway.Tunnel("device").IkeSa!.Path.Remote;

        if (newPublicAddress is null)
            nat.Forget();
        else
            nat.MoveTo(IpAddress.Parse(newPublicAddress));
        device.SendInner(InnerPackets.Numbered(Sites.EastHost, Sites.WestHost, 1));
        room.RunFor(TimeSpan.FromSeconds(1));

        room.AssertCarries(device, gateway, Sites.EastHost, Sites.WestHost);
        Assert.InRange(gateway.Status.Counters["tunnel.path-changes"], 1UL, 2UL);
        Assert.NotEqual(before, gateway.Tunnel("device").IkeSa!.Path.Remote);
        Assert.Equal(nat.Outside, gateway.Tunnel("device").Remote);
    }

    [Fact]
    public void AForgedPacketFromElsewhereDoesNotMoveTheTunnel()
    {
        using VirtualRoom room = new();
        (Station device, Station gateway, NatBox _) = Connect(room);
        device.SendInner(InnerPackets.Numbered(Sites.EastHost, Sites.WestHost, 1));
        room.RunFor(TimeSpan.FromSeconds(1));
        Packet genuine = room.Sent.Last(packet => packet.IsEsp);
        byte[] forged = (byte[])genuine.Payload.Clone();
        forged[^1] ^= 1;

        room.Send(new Packet(new TransportAddress(IpAddress.Parse("192.0.2.66"), 4500), genuine.Target, forged));
        // A replay of a genuine packet must not move it either.
        room.Send(new Packet(new TransportAddress(IpAddress.Parse("192.0.2.66"), 4500), genuine.Target, genuine.Payload));
        room.RunFor(TimeSpan.FromSeconds(1));

        Assert.Equal(0UL, gateway.Status.Counters["tunnel.path-changes"]);
        room.AssertCarries(device, gateway, Sites.EastHost, Sites.WestHost);
    }

    [Fact]
    public void RekeysGoOnBehindNat()
    {
        using VirtualRoom room = new();
        (Station device, Station gateway, NatBox _) = Connect(room);

        Assert.True(gateway.Command((endpoint, now) => endpoint.RekeyIke("device", now)).IsAccepted);
        room.RunFor(TimeSpan.FromSeconds(2));
        Assert.True(gateway.Command((endpoint, now) => endpoint.RekeyChild("device", null, now)).IsAccepted);
        room.RunFor(TimeSpan.FromSeconds(10));
        Assert.True(device.Command((endpoint, now) => endpoint.RekeyChild("gateway", null, now)).IsAccepted);
        room.RunFor(TimeSpan.FromSeconds(10));

        room.AssertCarries(device, gateway, Sites.EastHost, Sites.WestHost);
        Assert.DoesNotContain(room.Sent, packet => packet.IsRawEsp);
    }

    static (Station Device, Station Gateway, NatBox Nat) Connect(VirtualRoom room)
    {
        NatBox nat = room.AddNat(PrivateAddress, PublicAddress);
        EndpointConfiguration device = Sites.Endpoint("branch", [PrivateAddress], [Sites.EastNetwork], Sites.Tunnel(
            Sites.Connection("gateway", PrivateAddress, Sites.WestAddress, Sites.EastNetwork, Sites.WestNetwork) with { StartAction = StartAction.Start },
            Sites.WestNetwork));
        EndpointConfiguration gateway = Sites.Endpoint("hub", [Sites.WestAddress], [Sites.WestNetwork], Sites.Tunnel(
            Sites.Connection("device", Sites.WestAddress, PublicAddress, Sites.WestNetwork, Sites.EastNetwork), Sites.EastNetwork));
        (Station first, Station second) = room.Connect(device, gateway);
        return (first, second, nat);
    }
}
