using Ipsec.Endpoint.Routing;
using Ipsec.Esp;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;
using Ipsec.Net;

namespace Ipsec.Endpoint.Tests.Routing;

public sealed class RouteBuilderTests
{
    static readonly Instant Now = new(TimeSpan.Zero, DateTimeOffset.UnixEpoch);

    [Fact]
    public void ListsRoutesSortedAndWithoutDuplicates()
    {
        using RouteFixture fixture = new(["10.0.0.0/24"], StartAction.None, ["10.2.0.0/24", "fd02::/64", "10.1.0.0/16", "10.2.0.0/24", "0.0.0.0/0"]);
        Assert.Equal(["0.0.0.0/0", "10.1.0.0/16", "10.2.0.0/24", "fd02::/64"], fixture.InnerRoutes());
    }

    [Fact]
    public void LocalNetworksWinAgainstTunnelsWithTheSamePrefix()
    {
        using RouteFixture fixture = new(["10.0.0.0/24"], StartAction.None, ["10.0.0.0/24", "10.0.0.0/8"]);
        Assert.Equal(["10.0.0.0/8"], fixture.InnerRoutes());
        Assert.Equal(RouteTarget.Local, fixture.Lookup("10.0.0.1"));
        Assert.Equal(RouteKind.Tunnel, fixture.Lookup("10.7.0.1").Kind);
    }

    [Theory]
    [InlineData(StartAction.Start, "10.2.0.0/24")]
    [InlineData(StartAction.Traffic, "10.2.0.0/24")]
    [InlineData(StartAction.None, "")]
    public void APolicyBasedTunnelThatIsDownKeepsItsTrafficIfThisSideStartsIt(StartAction action, string expected)
    {
        using RouteFixture fixture = new(["10.0.0.0/24"], action, []);
        Assert.Equal(expected, string.Join(" ", fixture.InnerRoutes()));
    }

    [Fact]
    public void NegotiatedSelectorsAreTheRoutesOfAPolicyBasedTunnel()
    {
        using RouteFixture fixture = new(["10.0.0.0/24"], StartAction.Start, []);
        fixture.Install(1, TrafficSelector.From(IpPrefix.Parse("10.2.0.128/25")));
        Assert.Equal(["10.2.0.128/25"], fixture.InnerRoutes());

        fixture.ChildSas.Remove(new ChildSaId(1), TimeSpan.Zero, Now);
        Assert.Equal(["10.2.0.0/24"], fixture.InnerRoutes());
    }

    [Fact]
    public void WherePacketsStartTheTunnelWhatThePeerLeftOutStaysARoute()
    {
        using RouteFixture fixture = new(["10.0.0.0/24"], StartAction.Traffic, []);
        fixture.Install(1, TrafficSelector.From(IpPrefix.Parse("10.2.0.128/25")));
        Assert.Equal(["10.2.0.0/24", "10.2.0.128/25"], fixture.InnerRoutes());
    }

    [Fact]
    public void ARangeBecomesTheNetworksThatCoverIt()
    {
        using RouteFixture fixture = new(["10.0.0.0/24"], StartAction.None, []);
        fixture.Install(1, new TrafficSelector(new IpAddressRange(IpAddress.Parse("10.2.0.1"), IpAddress.Parse("10.2.0.4"))));
        Assert.Equal(["10.2.0.1/32", "10.2.0.2/31", "10.2.0.4/32"], fixture.InnerRoutes());
    }

    [Fact]
    public void APeerCannotDrawOurOwnNetworksIntoItsTunnel()
    {
        using RouteFixture fixture = new(["10.0.0.0/24"], StartAction.None, []);
        fixture.Install(1, TrafficSelector.From(IpPrefix.Parse("10.0.0.9/32")), TrafficSelector.From(IpPrefix.Parse("10.2.0.0/24")));
        Assert.Equal(["10.2.0.0/24"], fixture.InnerRoutes());
        Assert.Equal(RouteTarget.Local, fixture.Lookup("10.0.0.9"));
    }

    [Fact]
    public void APeerCannotFillTheTable()
    {
        using RouteFixture fixture = new(["10.0.0.0/24"], StartAction.None, []);
        IpAddress last = IpAddress.V6(UInt128.MaxValue - 1);
        TrafficSelector[] selectors = [.. Enumerable.Range(1, 255).Select(i => new TrafficSelector(new IpAddressRange(IpAddress.V6((UInt128)i), last)))];
        fixture.Install(1, selectors);
        Assert.InRange(fixture.InnerRoutes().Length, 1, RouteBuilder.MaximumNegotiatedPrefixes);
    }

    [Fact]
    public void NothingIsRebuiltWithoutAChange()
    {
        using RouteFixture fixture = new(["10.0.0.0/24"], StartAction.None, ["10.2.0.0/24"]);
        fixture.InnerRoutes();
        RouteTable table = fixture.Builder.Table;
        Assert.False(fixture.Builder.TryRebuild(fixture.Configuration, fixture.Tunnels, fixture.ChildSas, []));
        Assert.Same(table, fixture.Builder.Table);
    }

    [Fact]
    public void ASaInItsInboundGraceIsRemovedWhenTheGraceIsOver()
    {
        using RouteFixture fixture = new(["10.0.0.0/24"], StartAction.None, []);
        uint spi = fixture.Install(1, TrafficSelector.From(IpPrefix.Parse("10.2.0.0/24")));

        fixture.ChildSas.Remove(new ChildSaId(1), TimeSpan.FromSeconds(5), Now);
        Assert.Empty(fixture.InnerRoutes());
        Assert.True(fixture.ChildSas.Contains(1));
        Assert.True(fixture.DataPath.TryGetCounters(1, out _));
        Assert.False(fixture.Timers.TryTakeDue(Now.Plus(TimeSpan.FromSeconds(4.9)), out _));
        Assert.True(fixture.Timers.TryTakeDue(Now.Plus(TimeSpan.FromSeconds(5)), out EndpointTimer timer));
        Assert.Equal(new EndpointTimer(EndpointTimerKind.InboundGraceOver, 1), timer);

        fixture.ChildSas.RemoveInbound(1);
        Assert.False(fixture.ChildSas.Contains(1));
        Assert.False(fixture.DataPath.TryGetCounters(1, out _));
        Assert.NotEqual(0u, spi);
    }

    [Fact]
    public void AnIkeSaThatClosesEndsTheGraceAtOnce()
    {
        using RouteFixture fixture = new(["10.0.0.0/24"], StartAction.None, []);
        fixture.Install(1, TrafficSelector.From(IpPrefix.Parse("10.2.0.0/24")));

        fixture.ChildSas.Remove(new ChildSaId(1), TimeSpan.FromSeconds(5), Now);
        fixture.ChildSas.Remove(new ChildSaId(1), TimeSpan.Zero, Now);
        // The timer that is still set finds nothing any more.
        fixture.ChildSas.RemoveInbound(1);

        Assert.False(fixture.DataPath.TryGetCounters(1, out _));
    }
}
