using System.Collections.Immutable;
using Ipsec.Azure.Resources;
using Ipsec.Azure.Routing;
using Ipsec.Endpoint;
using Ipsec.Net;

namespace Ipsec.Azure.Tests.Routing;

public class GatewayRoutingTableTests
{
    [Fact]
    public void AVpnGatewayKnowsItsNetworksItsConnectionsAndTheCircuitBesideIt()
    {
        Assert.Equal(
        [
            "10.1.0.0/16 ThisNetwork hub Network 32768",
            "10.2.0.0/24 Circuit circuit EBgp 32769",
            "10.2.0.0/24 Connection hub-to-branch Static 32768",
            "10.3.0.0/16 PeeredNetwork spoke Network 32768",
            "10.5.0.0/16 Connection hub-to-far Static 32768",
            "10.8.0.0/15 Circuit circuit EBgp 32769",
            "10.8.0.0/24 Connection hub-to-office Static 32768",
            "10.9.0.0/24 Connection hub-to-office Static 32768",
        ], Build(CoexistingGateways.Create(), CoexistingGateways.Sources).Routes.Select(Describe));
    }

    [Fact]
    public void AnExpressRouteGatewayKnowsNothingOfVpnConnections()
    {
        AzureEnvironment environment = CoexistingGateways.Create();
        var table = GatewayRoutingTable.Build(environment, environment.FindGateway("hub-er")!, CoexistingGateways.Sources);
        Assert.Equal(["10.1.0.0/16", "10.2.0.0/24", "10.3.0.0/16", "10.8.0.0/15"], table.Routes.Select(route => route.Prefix.ToString()));
        Assert.DoesNotContain(table.Routes, route => route.NextHop is GatewayNextHop.Connection);
    }

    [Fact]
    public void ExpressRouteHasAnEqualPrefixAndVpnTakesOverWhileTheCircuitIsCut()
    {
        AzureEnvironment environment = CoexistingGateways.Create();
        foreach ((GatewayRouteSources sources, string expected) in ((GatewayRouteSources, string)[])
            [(CoexistingGateways.Sources, "Circuit circuit"), (CoexistingGateways.Cut, "Connection hub-to-branch"),
                (CoexistingGateways.Sources, "Circuit circuit")])
        {
            GatewayRoute best = Assert.Single(Build(environment, sources).Lookup(IpAddress.Parse("10.2.0.7")));
            Assert.Equal(expected, Describe(best.NextHop));
        }
    }

    [Fact]
    public void TheLongestPrefixComesBeforeTheWeight()
    {
        GatewayRoutingTable table = Build(CoexistingGateways.Create(), CoexistingGateways.Sources);
        Assert.Equal("Connection hub-to-office", Describe(Assert.Single(table.Lookup(IpAddress.Parse("10.8.0.7"))).NextHop));
        Assert.Equal("Circuit circuit", Describe(Assert.Single(table.Lookup(IpAddress.Parse("10.8.1.7"))).NextHop));
        Assert.Empty(table.Lookup(IpAddress.Parse("192.0.2.1")));
        Assert.Empty(table.Best(IpPrefix.Parse("10.8.0.0/16")));
    }

    [Fact]
    public void RoutesOfBgpGoByTheLengthOfTheirPathAndEqualOnesAreShared()
    {
        GatewayRoutingTable table = Build(CoexistingGateways.Create(), new GatewayRouteSources
        {
            Bgp =
            [
                Learned("172.16.0.0/16", "hub-to-branch", 65010, 65020), Learned("172.16.0.0/16", "hub-to-office", 65030),
                    Learned("172.16.0.0/16", "hub-to-far", 65515),
                new BgpAnnouncement("far-gw", Learned("172.17.0.0/16", "far-to-hub", 1).Route),
            ],
        });
        Assert.Equal(["Connection hub-to-office", "Connection hub-to-far"],
            table.Best(IpPrefix.Parse("172.16.0.0/16")).Select(route => Describe(route.NextHop)));
        Assert.Equal(3, table.Routes.Count(route => route.Prefix == IpPrefix.Parse("172.16.0.0/16")));
        Assert.Empty(table.Best(IpPrefix.Parse("172.17.0.0/16")));
        Assert.Equal([0, 0, 1], table.Routes.Where(route => route.Prefix == IpPrefix.Parse("172.16.0.0/16")).Select(table.Rank));
    }

    /// <summary>Microsoft's FAQ: what equals a prefix of the network, or lies inside it, is not taken; what contains it is.</summary>
    [Theory]
    [InlineData("10.1.0.0/16", false)]
    [InlineData("10.1.7.0/24", false)]
    [InlineData("10.3.0.0/24", false)]
    [InlineData("10.4.0.0/16", true)]
    [InlineData("10.0.0.0/8", true)]
    [InlineData("0.0.0.0/0", true)]
    public void NobodyTakesPrefixesOfTheNetworkAway(string prefix, bool isTaken)
    {
        AzureEnvironment environment = CoexistingGateways.Create();
        var sources = new GatewayRouteSources { Bgp = [Learned(prefix, "hub-to-branch", 65010)] };
        Assert.Equal(isTaken, Build(environment, sources).Routes.Any(route => route.Origin == GatewayRouteOrigin.EBgp));
        Assert.Equal("ThisNetwork hub", Describe(Assert.Single(Build(environment, sources).Lookup(IpAddress.Parse("10.1.7.9"))).NextHop));
    }

    [Fact]
    public void OfTwoCircuitsTheRoutingWeightOfTheConnectionDecides()
    {
        AzureEnvironment environment = CoexistingGateways.Create();
        GatewayConnection second = environment.FindConnection("hub-circuit")! with { Name = "hub-second", Peer = "second", RoutingWeight = 10 };
        GatewayRoutingTable table = Build(environment with { Connections = environment.Connections.Add(second) }, CoexistingGateways.Sources with
        {
            Circuits = CoexistingGateways.Sources.Circuits.Add(new CircuitAnnouncement("second", "branch", [IpPrefix.Parse("10.2.0.0/24")])),
        });
        Assert.Equal("Circuit second", Describe(Assert.Single(table.Best(IpPrefix.Parse("10.2.0.0/24"))).NextHop));
    }

    [Fact]
    public void LearnedRoutesHaveTheShapeOfTheRestApi()
    {
        var bgp = new GatewayRouteSources { Bgp = [Learned("172.16.0.0/16", "hub-to-branch", 12076, 65020)] };
        ImmutableArray<GatewayRoute> routes = Build(CoexistingGateways.Create(), bgp).Routes;
        IpAddress local = IpAddress.Parse("10.1.255.30");
        Assert.Equal(new LearnedRoute("10.1.255.30", "10.1.0.0/16", "", "10.1.255.30", "Network", "", 32768), routes[0].ToLearnedRoute(local));
        Assert.Equal(new LearnedRoute("10.1.255.30", "172.16.0.0/16", "10.2.0.254", "10.2.0.254", "EBgp", "12076-65020", 32768),
            routes[^1].ToLearnedRoute(local));
    }

    [Fact]
    public void AnEndpointGetsTheRoutesOfTheTable()
    {
        AzureEnvironment environment = CoexistingGateways.Create();
        environment = environment with
        {
            PublicIpAddresses = environment.PublicIpAddresses.Add(new PublicIpAddress("far-ip", IpAddress.Parse("198.51.100.20"))),
            VirtualNetworkGateways = [.. environment.VirtualNetworkGateways.Select(gateway => gateway.Name == "far-gw"
                ? gateway with { IpConfigurations = [gateway.IpConfigurations[0] with { PublicIpAddress = "far-ip" }] }
                : gateway)],
        };
        EndpointConfiguration endpoint = AzureExpansion.Expand(environment, CoexistingGateways.Vpn, 0);
        Assert.Equal([IpPrefix.Parse("10.1.0.0/16"), IpPrefix.Parse("10.3.0.0/16")], endpoint.LocalNetworks);
        Assert.Equal(["hub-to-branch 10.2.0.0/24", "hub-to-office 10.8.0.0/24 10.9.0.0/24", "hub-to-far 10.5.0.0/16"],
            endpoint.Tunnels.Select(tunnel => $"{tunnel.Connection.Name} {string.Join(' ', tunnel.Routes.Select(route => route.Prefix))}"));
        Assert.All(endpoint.Tunnels, tunnel => Assert.All(tunnel.Routes, route => Assert.Equal(0, route.Metric)));
    }

    static BgpAnnouncement Learned(string prefix, string connection, params uint[] path) => new("hub-gw",
        new GatewayRoute(IpPrefix.Parse(prefix), new GatewayNextHop.Connection(connection), GatewayRouteOrigin.EBgp, GatewayRoute.VpnWeight, [.. path],
            "10.2.0.254"));

    static GatewayRoutingTable Build(AzureEnvironment environment, GatewayRouteSources sources) =>
        GatewayRoutingTable.Build(environment, CoexistingGateways.Vpn, sources);

    static string Describe(GatewayRoute route) => $"{route.Prefix} {Describe(route.NextHop)} {route.Origin} {route.Weight}";

    static string Describe(GatewayNextHop nextHop) => nextHop switch
    {
        GatewayNextHop.ThisNetwork own => $"ThisNetwork {own.VirtualNetwork}",
        GatewayNextHop.PeeredNetwork peered => $"PeeredNetwork {peered.VirtualNetwork}",
        GatewayNextHop.Connection connection => $"Connection {connection.Name}",
        GatewayNextHop.Circuit circuit => $"Circuit {circuit.Name}",
        _ => nextHop.ToString(),
    };
}
