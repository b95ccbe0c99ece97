using Ipsec.Endpoint.Tests.Room;
using Ipsec.Esp;
using Ipsec.Ike.Configuration;
using Ipsec.Net;

namespace Ipsec.Endpoint.Tests;

/// <summary>A device with a tunnel to each of two gateways that have the same network behind them, as an active-active gateway's instances do.</summary>
public sealed class SharedRoutesTests
{
    const string DeviceAddress = "203.0.113.1";
    const string GatewayNetwork = "10.1.0.0/16";
    const int Flows = 64;

    static readonly string[] GatewayAddresses = ["198.51.100.10", "198.51.100.11"];

    [Fact]
    public void FlowsAreSpreadStayWhereTheyAreAndMoveWithTheirTunnelOnly()
    {
        using VirtualRoom room = new();
        (Station device, Station[] gateways) = Connect(room, metrics: [0, 0]);
        int[] before = SendFlows(room, device, gateways);
        Assert.All(gateways, (_, gateway) => Assert.InRange(before.Count(chosen => chosen == gateway), Flows / 4, Flows * 3 / 4));
        Assert.Equal(before, SendFlows(room, device, gateways));

        Assert.True(device.Command((endpoint, now) => endpoint.Terminate("gateway0", now)).IsAccepted);
        room.RunFor(TimeSpan.FromSeconds(1));
        Assert.All(SendFlows(room, device, gateways), chosen => Assert.Equal(1, chosen));

        Assert.True(device.Command((endpoint, now) => endpoint.Initiate("gateway0", null, now)).IsAccepted);
        room.RunFor(TimeSpan.FromSeconds(1));
        Assert.Equal(before, SendFlows(room, device, gateways));
    }

    [Fact]
    public void TheHigherMetricCarriesWhileTheLowerOneIsDown()
    {
        using VirtualRoom room = new();
        (Station device, Station[] gateways) = Connect(room, metrics: [10, 20]);
        Assert.All(SendFlows(room, device, gateways), chosen => Assert.Equal(0, chosen));

        room.Kill(gateways[0]);
        room.RunUntil(() => device.Tunnel("gateway0").State != TunnelState.Established, TimeSpan.FromMinutes(2), "the dead gateway is noticed");
        Assert.All(SendFlows(room, device, gateways), chosen => Assert.Equal(1, chosen));
        Assert.Equal([IpPrefix.Parse(GatewayNetwork)], device.InnerRoutes);
    }

    [Fact]
    public void WithoutTransitBranchesReachTheHubAndNotEachOther()
    {
        using VirtualRoom room = new();
        Station hub = room.Add(Sites.Endpoint("hub", ["198.51.100.10"], ["10.0.0.0/24"],
            Sites.Tunnel(Sites.Connection("a", "198.51.100.10", "203.0.113.1", "0.0.0.0/0", "10.1.0.0/24"), "10.1.0.0/24"),
            Sites.Tunnel(Sites.Connection("b", "198.51.100.10", "203.0.113.2", "0.0.0.0/0", "10.2.0.0/24"), "10.2.0.0/24")) with
        { Transit = false }, 1);
        Station[] branches = [.. ((string[])["1", "2"]).Select((number, index) =>
            room.Add(Sites.Endpoint("branch", [$"203.0.113.{number}"], [$"10.{number}.0.0/24"],
            Sites.Tunnel(Sites.Connection("hub", $"203.0.113.{number}", "198.51.100.10", $"10.{number}.0.0/24",
                "0.0.0.0/0") with { StartAction = StartAction.Start }, "0.0.0.0/0")), (ulong)index + 2))];
        room.Start();
        room.RunUntil(() => branches.All(branch => branch.Tunnel("hub").State == TunnelState.Established), TimeSpan.FromSeconds(2), "both tunnels are up");

        branches[0].SendInner(InnerPackets.Numbered("10.1.0.7", "10.2.0.7", 1));
        branches[0].SendInner(InnerPackets.Numbered("10.1.0.7", "10.0.0.9", 2));
        room.RunFor(TimeSpan.FromSeconds(1));
        Assert.Empty(branches[1].Delivered);
        Assert.Equal([2], hub.NumbersFrom("10.1.0.7"));
        Assert.Equal(1UL, hub.Status.Counters["esp.transit-denied"]);
    }

    [Fact]
    public void NetworksWithTheSameAddressesReachEachOtherThroughNat()
    {
        using VirtualRoom room = new();
        TunnelConfiguration tunnel = Sites.Tunnel(Sites.Connection("branch", "198.51.100.10", DeviceAddress, "0.0.0.0/0", "0.0.0.0/0"), "100.0.2.0/24") with
        {
            Nat =
            [
                new NatRule(NatKind.Dynamic, NatMode.EgressSnat, IpPrefix.Parse("10.0.1.0/24"), IpPrefix.Parse("100.0.1.0/26")),
                new NatRule(NatKind.Static, NatMode.IngressSnat, IpPrefix.Parse("10.0.1.0/24"), IpPrefix.Parse("100.0.2.0/24")),
            ],
        };
        Station gateway = room.Add(Sites.Endpoint("gateway", ["198.51.100.10"], ["10.0.1.0/24"], tunnel), 1);
        Station branch = room.Add(Sites.Endpoint("branch", [DeviceAddress], ["10.0.1.0/24"], Sites.Tunnel(
            Sites.Connection("gateway", DeviceAddress, "198.51.100.10", "0.0.0.0/0", "0.0.0.0/0") with { StartAction = StartAction.Start },
                "100.0.1.0/26")), 2);
        room.Start();
        room.RunUntil(() => branch.Tunnel("gateway").State == TunnelState.Established, TimeSpan.FromSeconds(2), "the tunnel is up");

        branch.SendInner(InnerPackets.Numbered("10.0.1.9", "100.0.1.4", 1));
        room.RunFor(TimeSpan.FromSeconds(1));
        gateway.SendInner(InnerPackets.Numbered("10.0.1.4", "100.0.2.9", 2));
        room.RunFor(TimeSpan.FromSeconds(1));
        Assert.Empty(gateway.Delivered);
        Assert.Equal([2], branch.NumbersFrom("100.0.1.4"));
        branch.SendInner(Answer(branch.Delivered[0]));
        room.RunFor(TimeSpan.FromSeconds(1));
        Assert.True(IpPacket.TryParse(Assert.Single(gateway.Delivered), out IpPacket answer));
        Assert.Equal((IpAddress.Parse("100.0.2.9"), IpAddress.Parse("10.0.1.4")), (answer.Source, answer.Destination));
        // The dynamic rule refused the branch's first packet; the static one was asked after it, and for the way to the branch and the answer.
        Assert.Equal([(1UL, 1UL, 1UL), (0UL, 1UL, 1UL)], gateway.Tunnel("branch")
            .Nat.Select(rule => (rule.DroppedPackets, rule.NatedPackets, rule.ReverseNatedPackets)));
    }

    [Fact]
    public void AConfigurationThatCannotBeTranslatedOrShapedIsRefused()
    {
        EndpointConfiguration west = Sites.West();
        AssertRefused(west with { Shaper = new ShaperSettings(1, TimeSpan.FromSeconds(1)) }, "accepted are 1000 to");
        AssertRefused(WithRule(new NatRule(NatKind.Static, NatMode.EgressSnat, IpPrefix.Parse("10.1.0.0/16"), IpPrefix.Parse("10.9.0.0/24"))),
            "the same length");
        AssertRefused(WithRule(new NatRule(NatKind.Dynamic, NatMode.EgressSnat, IpPrefix.Parse("10.1.0.0/16"), IpPrefix.Parse("2001:db8::/64"))),
            "one address family");

        EndpointConfiguration WithRule(NatRule rule) => west with { Tunnels = [west.Tunnels[0] with { Nat = [rule] }] };

        static void AssertRefused(EndpointConfiguration configuration, string reason)
        {
            using VirtualRoom room = new();
            Assert.Contains(reason, Assert.Throws<ArgumentException>(() => room.Add(configuration, 1)).Message);
        }
    }

    static (Station Device, Station[] Gateways) Connect(VirtualRoom room, int[] metrics)
    {
        Station[] gateways = [.. GatewayAddresses.Select((address, index) => room.Add(Sites.Endpoint($"gateway{index}", [address], [GatewayNetwork],
            Sites.Tunnel(Sites.Connection("device", address, DeviceAddress, "0.0.0.0/0", "0.0.0.0/0"), "10.2.0.0/16")), (ulong)index + 1))];
        Station device = room.Add(Sites.Endpoint("device", [DeviceAddress], ["10.2.0.0/16"],
            [.. GatewayAddresses.Select((address, index) => Sites.Tunnel(Sites.Connection($"gateway{index}", DeviceAddress, address, "0.0.0.0/0",
                "0.0.0.0/0") with
            {
                StartAction = StartAction.Start,
                DeadPeerDetectionDelay = TimeSpan.FromSeconds(5),
            }) with { Routes = [new TunnelRoute(IpPrefix.Parse(GatewayNetwork), metrics[index])] })]), 9);
        room.Start();
        room.RunUntil(() => device.Status.Tunnels.All(tunnel => tunnel.State == TunnelState.Established), TimeSpan.FromSeconds(2), "both tunnels are up");
        return (device, gateways);
    }

    /// <summary>The gateway that each flow came out of.</summary>
    static int[] SendFlows(VirtualRoom room, Station device, Station[] gateways)
    {
        foreach (Station gateway in gateways)
            gateway.Delivered.Clear();
        for (int flow = 0; flow < Flows; flow++)
        {
            device.SendInner(IpPacketWriter.Udp(new TransportAddress(IpAddress.Parse("10.2.0.7"), (ushort)(1000 + flow)),
                new TransportAddress(IpAddress.Parse("10.1.0.7"), 53), new byte[20]));
        }
        room.RunFor(TimeSpan.FromMilliseconds(100));
        return [.. Enumerable.Range(0, Flows).Select(flow => Assert.Single(Enumerable.Range(0, gateways.Length),
            gateway => gateways[gateway].Delivered.Any(packet => (packet[20] << 8 | packet[21]) == 1000 + flow)))];
    }

    static byte[] Answer(byte[] packet)
    {
        Assert.True(IpPacket.TryParse(packet, out IpPacket parsed) && parsed.TryGetPorts(out ushort source, out ushort destination));
        parsed.TryGetPorts(out source, out destination);
        return IpPacketWriter.Udp(new TransportAddress(parsed.Destination, destination), new TransportAddress(parsed.Source, source), new byte[20]);
    }
}
