using Ipsec.Azure.Resources;
using Ipsec.Azure.Routing;
using Ipsec.Net;

namespace Ipsec.Azure.Tests.Routing;

public class EffectiveRoutesTests
{
    [Theory]
    [InlineData("hub", "10.1.9.9", "VnetLocal hub")]
    [InlineData("hub", "10.3.9.9", "VNetPeering spoke")]
    [InlineData("hub", "10.4.9.9", "VNetPeering neighbour")]
    [InlineData("hub", "10.2.0.9", "VirtualNetworkGateway hub-er")]
    [InlineData("hub", "10.8.0.9", "VirtualNetworkGateway hub-gw")]
    [InlineData("hub", "10.8.1.9", "VirtualNetworkGateway hub-er")]
    [InlineData("hub", "10.5.0.9", "VirtualNetworkGateway hub-gw")]
    [InlineData("hub", "10.6.0.9", "nowhere")]
    [InlineData("hub", "192.0.2.9", "nowhere")]
    // The spoke uses the hub's gateways; what the hub is peered with is not its own.
    [InlineData("spoke", "10.1.9.9", "VNetPeering hub")]
    [InlineData("spoke", "10.2.0.9", "VirtualNetworkGateway hub-er")]
    [InlineData("spoke", "10.8.0.9", "VirtualNetworkGateway hub-gw")]
    [InlineData("spoke", "10.5.0.9", "VirtualNetworkGateway hub-gw")]
    [InlineData("spoke", "10.4.9.9", "nowhere")]
    // The neighbour does not.
    [InlineData("neighbour", "10.1.9.9", "VNetPeering hub")]
    [InlineData("neighbour", "10.2.0.9", "nowhere")]
    [InlineData("neighbour", "10.3.0.9", "nowhere")]
    [InlineData("neighbour", "10.5.0.9", "nowhere")]
    // Nothing leads back from a gateway whose connection nobody has made.
    [InlineData("far", "10.1.9.9", "nowhere")]
    [InlineData("beyond", "10.1.9.9", "nowhere")]
    public void AMachineSendsThere(string network, string destination, string expected) =>
        Assert.Equal(expected, Lookup(CoexistingGateways.Create(), network, destination, CoexistingGateways.Sources));

    [Theory]
    [InlineData("hub")]
    [InlineData("spoke")]
    public void VpnCarriesAnEqualPrefixWhileTheCircuitIsCut(string network)
    {
        AzureEnvironment environment = CoexistingGateways.Create();
        Assert.Equal("VirtualNetworkGateway hub-er", Lookup(environment, network, "10.2.0.9", CoexistingGateways.Sources));
        Assert.Equal("VirtualNetworkGateway hub-gw", Lookup(environment, network, "10.2.0.9", CoexistingGateways.Cut));
        Assert.Equal("nowhere", Lookup(environment, network, "10.8.1.9", CoexistingGateways.Cut));
        Assert.Equal("VirtualNetworkGateway hub-er", Lookup(environment, network, "10.2.0.9", CoexistingGateways.Sources));
    }

    [Fact]
    public void WhatIsNotUsedIsListedAsInvalid()
    {
        EffectiveRoute[] routes = [.. EffectiveRoutes.Of(CoexistingGateways.Create(), "hub", CoexistingGateways.Sources)
            .All.Where(route => route.Prefix == IpPrefix.Parse("10.2.0.0/24"))];
        Assert.Equal(
        [
            new EffectiveRoute(IpPrefix.Parse("10.2.0.0/24"), EffectiveRouteSource.VirtualNetworkGateway, EffectiveRouteState.Active,
                RouteNextHopType.VirtualNetworkGateway, "hub-er"),
            new EffectiveRoute(IpPrefix.Parse("10.2.0.0/24"), EffectiveRouteSource.VirtualNetworkGateway, EffectiveRouteState.Invalid,
                RouteNextHopType.VirtualNetworkGateway, "hub-gw"),
        ], routes);
    }

    /// <summary>Two networks that are peered and connected by gateways: the tunnel stays empty, also for a longer prefix.</summary>
    [Theory]
    [InlineData("10.5.0.0/16")]
    [InlineData("10.5.7.0/24")]
    public void WherePeeringCarriesItNoGatewayDoes(string learned)
    {
        AzureEnvironment environment = CoexistingGateways.Create();
        environment = environment with { VirtualNetworkPeerings = environment.VirtualNetworkPeerings.AddRange(CoexistingGateways.Peering("hub", "far")) };
        var sources = new GatewayRouteSources
        {
            Bgp = [new BgpAnnouncement("hub-gw", new GatewayRoute(IpPrefix.Parse(learned), new GatewayNextHop.Connection("hub-to-far"),
                GatewayRouteOrigin.EBgp, GatewayRoute.VpnWeight, [65515], "10.5.255.30"))],
        };
        Assert.Equal("VNetPeering far", Lookup(environment, "hub", "10.5.7.9", sources));
        Assert.All(EffectiveRoutes.Of(environment, "hub", sources)
            .All.Where(route => route.NextHop == "hub-gw" && route.Prefix.Address == IpAddress.Parse("10.5.0.0")),
            route => Assert.Equal(EffectiveRouteState.Invalid, route.State));
    }

    [Fact]
    public void APeeringOfOneDirectionCarriesNothingAndOneWithoutAccessBlocks()
    {
        AzureEnvironment environment = CoexistingGateways.Create();
        AzureEnvironment oneWay = environment with
        {
            VirtualNetworkPeerings = [.. environment.VirtualNetworkPeerings.Where(peering =>
            peering.VirtualNetwork != "neighbour")]
        };
        Assert.Equal("nowhere", Lookup(oneWay, "hub", "10.4.0.9", CoexistingGateways.Sources));

        AzureEnvironment blocked = environment with
        {
            VirtualNetworkPeerings = [.. environment.VirtualNetworkPeerings.Select(peering =>
                peering with { AllowVirtualNetworkAccess = peering.VirtualNetwork != "neighbour" })],
        };
        Assert.Equal("None neighbour", Lookup(blocked, "hub", "10.4.0.9", CoexistingGateways.Sources));
        Assert.Equal("None hub", Lookup(blocked, "neighbour", "10.1.0.9", CoexistingGateways.Sources));
        Assert.Equal("VNetPeering spoke", Lookup(blocked, "hub", "10.3.0.9", CoexistingGateways.Sources));
    }

    [Fact]
    public void WithoutAllowGatewayTransitTheSpokeHasNoGateway()
    {
        AzureEnvironment environment = CoexistingGateways.Create();
        environment = environment with
        {
            VirtualNetworkPeerings = [.. environment.VirtualNetworkPeerings.Select(peering =>
            peering with { AllowGatewayTransit = false })]
        };
        Assert.Equal("nowhere", Lookup(environment, "spoke", "10.2.0.9", CoexistingGateways.Sources));
        Assert.Equal("VNetPeering hub", Lookup(environment, "spoke", "10.1.0.9", CoexistingGateways.Sources));
    }

    /// <summary>Forced tunnelling: what has no other route goes to the default site.</summary>
    [Fact]
    public void TheDefaultSiteGetsEverythingElse()
    {
        AzureEnvironment environment = CoexistingGateways.Create();
        environment = environment with
        {
            VirtualNetworkGateways = [.. environment.VirtualNetworkGateways.Select(gateway => gateway.Name == "hub-gw"
                ? gateway with { GatewayDefaultSite = "branch" } : gateway)],
        };
        Assert.Equal("VirtualNetworkGateway hub-gw", Lookup(environment, "hub", "192.0.2.9", CoexistingGateways.Sources));
        Assert.Equal("VirtualNetworkGateway hub-gw", Lookup(environment, "spoke", "192.0.2.9", CoexistingGateways.Sources));
        Assert.Equal("VNetPeering neighbour", Lookup(environment, "hub", "10.4.0.9", CoexistingGateways.Sources));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void LookupAgreesWithASearchThroughTheList(bool isCut)
    {
        AzureEnvironment environment = CoexistingGateways.Create();
        GatewayRouteSources sources = isCut ? CoexistingGateways.Cut : CoexistingGateways.Sources;
        foreach (VirtualNetwork network in environment.VirtualNetworks)
        {
            var routes = EffectiveRoutes.Of(environment, network.Name, sources);
            foreach (IpAddress address in routes.All.SelectMany(route => (IpAddress[])[route.Prefix.First, route.Prefix.Last, route.Prefix.Last.Plus(1)]))
            {
                Assert.Equal(routes.All.Where(route => route.State == EffectiveRouteState.Active && route.Prefix.Contains(address))
                    .MaxBy(route => route.Prefix.Length),
                    routes.Lookup(address));
            }
        }
    }

    static string Lookup(AzureEnvironment environment, string network, string destination, GatewayRouteSources sources) =>
        EffectiveRoutes.Of(environment, network, sources).Lookup(IpAddress.Parse(destination)) is EffectiveRoute route
            ? $"{route.NextHopType} {route.NextHop}" : "nowhere";
}
