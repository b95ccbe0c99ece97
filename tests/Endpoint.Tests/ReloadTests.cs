using Ipsec.Endpoint.Tests.Room;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;
using Ipsec.Net;

namespace Ipsec.Endpoint.Tests;

/// <summary>A new configuration for a running endpoint: what did not change goes on.</summary>
public sealed class ReloadTests
{
    const string HubAddress = "198.51.100.10";
    const string HubNetwork = "10.0.0.0/24";

    [Fact]
    public void UnchangedTunnelsKeepTheirSas()
    {
        using VirtualRoom room = new();
        (Station hub, Station a, Station b) = Connect(room);
        uint spiOfA = Assert.Single(hub.Tunnel("a").ChildSas).InboundSpi;
        uint spiOfB = Assert.Single(hub.Tunnel("b").ChildSas).InboundSpi;
        room.Sent.Clear();

        // Built anew, so that nothing in it is the same object as before.
        Assert.True(hub.Reload(Hub(changeB: connection => connection)).IsAccepted);
        room.RunFor(TimeSpan.FromSeconds(10));

        Assert.Empty(room.Sent);
        Assert.Equal(spiOfA, Assert.Single(hub.Tunnel("a").ChildSas).InboundSpi);
        Assert.Equal(spiOfB, Assert.Single(hub.Tunnel("b").ChildSas).InboundSpi);
        room.AssertCarries(a, hub, "10.1.0.7", "10.0.0.9");
        room.AssertCarries(b, hub, "10.2.0.7", "10.0.0.9");
    }

    [Fact]
    public void AChangedTunnelIsRenewedAndItsNeighbourGoesOn()
    {
        using VirtualRoom room = new();
        (Station hub, Station a, Station b) = Connect(room);
        uint spiOfA = Assert.Single(hub.Tunnel("a").ChildSas).InboundSpi;
        uint spiOfB = Assert.Single(hub.Tunnel("b").ChildSas).InboundSpi;

        Assert.True(hub.Reload(Hub(connection => connection with { DeadPeerDetectionDelay = TimeSpan.FromSeconds(77) })).IsAccepted);
        room.RunFor(TimeSpan.FromSeconds(20));

        Assert.Equal(spiOfA, Assert.Single(hub.Tunnel("a").ChildSas).InboundSpi);
        Assert.NotEqual(spiOfB, Assert.Single(hub.Tunnel("b").ChildSas).InboundSpi);
        room.AssertCarries(a, hub, "10.1.0.7", "10.0.0.9");
        room.AssertCarries(b, hub, "10.2.0.7", "10.0.0.9");
    }

    [Fact]
    public void ARemovedTunnelIsDeletedAndLosesItsRoutes()
    {
        using VirtualRoom room = new();
        (Station hub, Station a, Station b) = Connect(room);
        EndpointConfiguration withoutB = hub.Configuration with { Tunnels = [hub.Configuration.Tunnels[0]] };

        Assert.True(hub.Reload(withoutB).IsAccepted);
        room.RunFor(TimeSpan.FromSeconds(1));

        Assert.Equal(["a"], hub.Status.Tunnels.Select(tunnel => tunnel.Connection));
        Assert.Equal(["10.1.0.0/24"], hub.InnerRoutes.Select(route => route.ToString()));
        Assert.Contains(b.Events, occurred => occurred is IkeSaClosed { WasEstablished: true });
        room.AssertCarries(a, hub, "10.1.0.7", "10.0.0.9");
    }

    [Fact]
    public void AnAddedTunnelComesUp()
    {
        using VirtualRoom room = new();
        (Station hub, Station a, Station b) = Connect(room);
        EndpointConfiguration both = Hub();
        Assert.True(hub.Reload(both with { Tunnels = [both.Tunnels[0]] }).IsAccepted);
        room.RunFor(TimeSpan.FromSeconds(2));

        Assert.True(hub.Reload(Hub(connection => connection with { StartAction = StartAction.Start })).IsAccepted);
        room.RunUntil(() => hub.Tunnel("b").State == TunnelState.Established, TimeSpan.FromSeconds(20), "the added tunnel is up");

        room.AssertCarries(a, hub, "10.1.0.7", "10.0.0.9");
        room.AssertCarries(b, hub, "10.2.0.7", "10.0.0.9");
    }

    [Fact]
    public void RoutesChangeWithoutTouchingTheSas()
    {
        using VirtualRoom room = new();
        (Station hub, Station a, _) = Connect(room);
        uint spi = Assert.Single(hub.Tunnel("a").ChildSas).InboundSpi;
        TunnelConfiguration wider = hub.Configuration.Tunnels[0] with
        {
            Routes = [IpPrefix.Parse("10.1.0.0/24"), IpPrefix.Parse("10.99.0.0/16")],
            MssClamp = 1350
        };

        Assert.True(hub.Reload(hub.Configuration with { Tunnels = [wider, hub.Configuration.Tunnels[1]] }).IsAccepted);

        Assert.Equal(["10.1.0.0/24", "10.2.0.0/24", "10.99.0.0/16"], hub.InnerRoutes.Select(route => route.ToString()));
        Assert.Equal(spi, Assert.Single(hub.Tunnel("a").ChildSas).InboundSpi);
        room.AssertCarries(a, hub, "10.1.0.7", "10.0.0.9");
    }

    public static TheoryData<string> RefusedChanges => ["name", "address", "port", "mtu", "mss", "twice"];

    [Theory]
    [MemberData(nameof(RefusedChanges))]
    public void ARefusedChangeLeavesEverythingRunning(string change)
    {
        using VirtualRoom room = new();
        (Station hub, Station a, Station b) = Connect(room);
        EndpointConfiguration current = hub.Configuration;
        EndpointConfiguration refused = change switch
        {
            "name" => current with { Name = "other" },
            "address" => current with { LocalAddresses = [IpAddress.Parse("198.51.100.99")] },
            "port" => current with { IkePort = 1500 },
            "mtu" => current with { Inner = current.Inner with { Mtu = 1300 } },
            "mss" => current with { Tunnels = [current.Tunnels[0] with { MssClamp = 5 }] },
            _ => current with { Tunnels = [.. current.Tunnels, current.Tunnels[0]] },
        };
        room.Sent.Clear();

        string? error = hub.Reload(refused with { LocalNetworks = [] }).Error;
        room.RunFor(TimeSpan.FromSeconds(2));

        Assert.NotNull(error);
        Assert.EndsWith(".", error, StringComparison.Ordinal);
        Assert.Empty(room.Sent);
        room.AssertCarries(a, hub, "10.1.0.7", "10.0.0.9");
        room.AssertCarries(b, hub, "10.2.0.7", "10.0.0.9");
    }

    [Fact]
    public void AContradictoryConfigurationIsRefusedAtOnce()
    {
        EndpointConfiguration twice = Hub() with { Tunnels = [Hub().Tunnels[0], Hub().Tunnels[0]] };
        ArgumentException refused = Assert.Throws<ArgumentException>(() => new IpsecEndpoint(twice, new Ipsec.Tests.Support.SeededRandomSource(1)));
        Assert.Contains("'a'", refused.Message, StringComparison.Ordinal);
    }

    static (Station Hub, Station A, Station B) Connect(VirtualRoom room)
    {
        Station hub = room.Add(Hub(), 1);
        Station a = room.Add(Branch("203.0.113.1", "10.1.0.0/24"), 2);
        Station b = room.Add(Branch("203.0.113.2", "10.2.0.0/24"), 3);
        room.Start();
        room.RunUntil(() => new[] { a, b }.All(branch => branch.Tunnel("hub").State == TunnelState.Established), TimeSpan.FromSeconds(2),
            "both tunnels are up");
        return (hub, a, b);
    }

    static EndpointConfiguration Hub(Func<ConnectionConfiguration, ConnectionConfiguration>? changeB = null)
    {
        ConnectionConfiguration b = Sites.Connection("b", HubAddress, "203.0.113.2", HubNetwork, "10.2.0.0/24");
        return Sites.Endpoint("hub", [HubAddress], [HubNetwork],
            Sites.Tunnel(Sites.Connection("a", HubAddress, "203.0.113.1", HubNetwork, "10.1.0.0/24"), "10.1.0.0/24"),
            Sites.Tunnel(changeB?.Invoke(b) ?? b, "10.2.0.0/24"));
    }

    static EndpointConfiguration Branch(string address, string network) => Sites.Endpoint("branch", [address], [network],
        Sites.Tunnel(Sites.Connection("hub", address, HubAddress, network, HubNetwork) with { StartAction = StartAction.Start }, HubNetwork));
}
