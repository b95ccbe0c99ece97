using Ipsec.Endpoint.Tests.Room;
using Ipsec.Ike.Configuration;
using Ipsec.Net;

namespace Ipsec.Endpoint.Tests;

/// <summary>From one tunnel into another through a hub, without its local side.</summary>
public sealed class HubTests
{
    const string HubAddress = "198.51.100.10";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void BranchesReachEachOtherAndTheHub(bool defaultRoute)
    {
        using VirtualRoom room = new();
        Station hub = room.Add(Sites.Endpoint("hub", [HubAddress], ["10.0.0.0/24"],
            Sites.Tunnel(Sites.Connection("a", HubAddress, "203.0.113.1", "0.0.0.0/0", "10.1.0.0/24"), "10.1.0.0/24"),
            Sites.Tunnel(Sites.Connection("b", HubAddress, "203.0.113.2", "0.0.0.0/0", "10.2.0.0/24"), "10.2.0.0/24")), 1);
        Station a = room.Add(Branch("203.0.113.1", "10.1.0.0/24", defaultRoute), 2);
        Station b = room.Add(Branch("203.0.113.2", "10.2.0.0/24", defaultRoute), 3);
        room.Start();
        room.RunUntil(() => new[] { a, b }.All(branch => branch.Tunnel("hub").State == TunnelState.Established), TimeSpan.FromSeconds(2),
            "both tunnels are up");

        for (int i = 0; i < 50; i++)
        {
            a.SendInner(InnerPackets.Numbered("10.1.0.7", "10.2.0.7", i));
            b.SendInner(InnerPackets.Numbered("10.2.0.7", "10.1.0.7", i));
        }
        a.SendInner(InnerPackets.Numbered("10.1.0.7", "10.0.0.9", 99));
        room.RunFor(TimeSpan.FromSeconds(1));

        Assert.Equal(Enumerable.Range(0, 50), b.NumbersFrom("10.1.0.7"));
        Assert.Equal(Enumerable.Range(0, 50), a.NumbersFrom("10.2.0.7"));
        Assert.Equal([99], hub.NumbersFrom("10.1.0.7"));
        Assert.Equal(100UL, hub.Status.Counters["esp.forwarded"]);
        Assert.Equal(["10.1.0.0/24", "10.2.0.0/24"], hub.InnerRoutes.Select(route => route.ToString()));
    }

    [Fact]
    public void APolicyBasedTunnelRoutesWhatWasNegotiated()
    {
        using VirtualRoom room = new();
        Station branch = room.Add(Sites.Endpoint("branch", ["203.0.113.1"], ["10.1.0.0/24"], Sites.Tunnel(
            Sites.Connection("hub", "203.0.113.1", HubAddress, "0.0.0.0/0", "0.0.0.0/0") with { StartAction = StartAction.Start })), 1);
        Station hub = room.Add(Sites.Endpoint("hub", [HubAddress], ["10.0.0.0/24"],
            Sites.Tunnel(Sites.Connection("a", HubAddress, "203.0.113.1", "10.0.0.0/24", "10.1.0.0/24"))), 2);
        Assert.Equal(["0.0.0.0/0"], branch.InnerRoutes.Select(route => route.ToString()));
        Assert.Empty(hub.InnerRoutes);

        room.Start();
        room.RunUntil(() => branch.Tunnel("hub").State == TunnelState.Established, TimeSpan.FromSeconds(2), "the tunnel is up");
        room.AssertCarries(branch, hub, "10.1.0.7", "10.0.0.9");
        Assert.Equal(["10.0.0.0/24"], branch.InnerRoutes.Select(route => route.ToString()));
        Assert.Equal(["10.1.0.0/24"], hub.InnerRoutes.Select(route => route.ToString()));

        Assert.True(branch.Command((endpoint, now) => endpoint.Terminate("hub", now)).IsAccepted);
        room.RunFor(TimeSpan.FromSeconds(1));
        Assert.Empty(hub.InnerRoutes);
    }

    [Fact]
    public void ADefaultRouteIntoTheTunnelSparesTheLocalNetworks()
    {
        using VirtualRoom room = new();
        Station branch = room.Add(Branch("203.0.113.1", "10.1.0.0/24", defaultRoute: true), 1);

        Assert.Equal(["0.0.0.0/0"], branch.InnerRoutes.Select(route => route.ToString()));
        branch.SendInner(InnerPackets.Numbered("10.1.0.7", "8.8.8.8", 1));
        Assert.Equal(1UL, branch.Status.Counters["esp.no-sa"]);
        Assert.Empty(room.Sent);
    }

    static EndpointConfiguration Branch(string address, string network, bool defaultRoute)
    {
        ConnectionConfiguration connection = Sites.Connection("hub", address, HubAddress, network, "0.0.0.0/0") with { StartAction = StartAction.Start };
        return Sites.Endpoint("branch", [address], [network],
            defaultRoute ? Sites.Tunnel(connection, "0.0.0.0/0") : Sites.Tunnel(connection, "10.0.0.0/8"));
    }
}
