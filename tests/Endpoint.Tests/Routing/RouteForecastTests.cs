using System.Collections.Immutable;
using Ipsec.Endpoint.Tests.Room;
using Ipsec.Esp;
using Ipsec.Ike.Configuration;
using Ipsec.Net;

namespace Ipsec.Endpoint.Tests.Routing;

/// <summary>A forecast says what the endpoint's own table would.</summary>
public sealed class RouteForecastTests
{
    static readonly EndpointConfiguration Shared = Sites.Endpoint("west", [Sites.WestAddress], ["10.1.0.0/24"],
        Sites.Tunnel(RouteFixture.Connection("one"), "10.2.0.0/24", "10.4.0.0/16"), Sites.Tunnel(RouteFixture.Connection("two"), "10.2.0.0/24"));

    [Fact]
    public void SeveralTunnelsShareAPrefixWhileTheyAreUp()
    {
        Assert.Equal((RouteKind.Tunnel, "one two"), Lookup(RouteForecast.Of(Shared, [Up("one"), Up("two")]), "10.2.0.7"));
        Assert.Equal((RouteKind.Tunnel, "two"), Lookup(RouteForecast.Of(Shared, [Up("two")]), "10.2.0.7"));
        Assert.Equal((RouteKind.Tunnel, "one"), Lookup(RouteForecast.Of(Shared, []), "10.2.0.7"));
        Assert.Equal((RouteKind.Tunnel, "one"), Lookup(RouteForecast.Of(Shared, [Up("two")]), "10.4.9.9"));
    }

    [Fact]
    public void LocalNetworksAndUnknownOnesAreNoTunnels()
    {
        var forecast = RouteForecast.Of(Shared, [Up("one"), Up("gone")]);
        Assert.Equal((RouteKind.Local, ""), Lookup(forecast, "10.1.0.9"));
        Assert.Equal((RouteKind.Discard, ""), Lookup(forecast, "10.9.0.1"));
        Assert.Equal(["10.2.0.0/24", "10.4.0.0/16"], forecast.InnerRoutes.Select(route => route.ToString()));
    }

    [Fact]
    public void APolicyBasedTunnelHasTheSelectorsOfItsSas()
    {
        EndpointConfiguration policyBased = Sites.Endpoint("west", [Sites.WestAddress], ["10.1.0.0/24"],
            Sites.Tunnel(RouteFixture.Connection("one") with { StartAction = StartAction.Start }));

        Assert.Equal(["10.2.0.0/24"], RouteForecast.Of(policyBased, []).InnerRoutes.Select(route => route.ToString()));
        Assert.Equal(["10.2.0.128/25"], RouteForecast.Of(policyBased, [new ForecastChildSa("one", "net", [TrafficSelector.From(IpPrefix.Parse("10.2.0.128/25"))])])
            .InnerRoutes.Where(route => route.Length == 25).Select(route => route.ToString()));
    }

    static (RouteKind, string) Lookup(RouteForecast forecast, string address) =>
        (forecast.Lookup(IpAddress.Parse(address), out ImmutableArray<string> tunnels), string.Join(' ', tunnels));

    static ForecastChildSa Up(string connection) => new(connection, "net", [TrafficSelector.AnyV4]);
}
