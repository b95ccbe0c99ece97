using Ipsec.Endpoint.Routing;
using Ipsec.Esp;
using Ipsec.Ike.Outputs;
using Ipsec.Net;

namespace Ipsec.Endpoint.Tests.Routing;

public sealed class TunnelRoutesTests
{
    const string Network = "10.2.0.0/16";
    const string Address = "10.2.0.9";

    static readonly Instant Now = new(TimeSpan.Zero, DateTimeOffset.UnixEpoch);

    [Fact]
    public void EqualMetricsShareAPrefixAmongTheTunnelsThatAreUp()
    {
        using RouteFixture fixture = new(["10.0.0.0/24"], Tunnel("a", 5), Tunnel("b", 5), Tunnel("c", 5));
        fixture.Install(1, fixture.Tunnels.All[0], TrafficSelector.AnyV4);
        Assert.Equal(RouteTarget.Into(1), fixture.Lookup(Address));

        fixture.Install(3, fixture.Tunnels.All[2], TrafficSelector.AnyV4);
        Assert.Equal(RouteTarget.Into(new TunnelGroup([1, 3])), fixture.Lookup(Address));

        fixture.ChildSas.Remove(new ChildSaId(1), TimeSpan.Zero, Now);
        Assert.Equal(RouteTarget.Into(3), fixture.Lookup(Address));
    }

    [Fact]
    public void TheLowestMetricOfThoseThatAreUpHasThePrefix()
    {
        using RouteFixture fixture = new(["10.0.0.0/24"], Tunnel("backup", 20), Tunnel("main", 10));
        fixture.Install(1, fixture.Tunnels.All[0], TrafficSelector.AnyV4);
        Assert.Equal(RouteTarget.Into(1), fixture.Lookup(Address));

        fixture.Install(2, fixture.Tunnels.All[1], TrafficSelector.AnyV4);
        Assert.Equal(RouteTarget.Into(2), fixture.Lookup(Address));

        fixture.ChildSas.Remove(new ChildSaId(2), TimeSpan.FromSeconds(5), Now);
        Assert.Equal(RouteTarget.Into(1), fixture.Lookup(Address));
    }

    [Fact]
    public void WhileAllAreDownTheFirstOfTheLowestMetricKeepsThePrefix()
    {
        using RouteFixture fixture = new(["10.0.0.0/24"], Tunnel("backup", 20), Tunnel("main", 10), Tunnel("other", 10));
        Assert.Equal(RouteTarget.Into(2), fixture.Lookup(Address));
        Assert.Equal([Network], fixture.InnerRoutes());
    }

    [Fact]
    public void ARekeyedSaDoesNotMoveARoute()
    {
        using RouteFixture fixture = new(["10.0.0.0/24"], Tunnel("a", 0), Tunnel("b", 0));
        fixture.Install(1, fixture.Tunnels.All[0], TrafficSelector.AnyV4);
        fixture.Lookup(Address);
        RouteTable table = fixture.Builder.Table;

        fixture.Install(2, fixture.Tunnels.All[0], TrafficSelector.AnyV4);
        fixture.ChildSas.Remove(new ChildSaId(1), TimeSpan.FromSeconds(5), Now);
        fixture.Lookup(Address);
        Assert.Same(table, fixture.Builder.Table);
    }

    [Fact]
    public void TunnelsWithoutACommonPrefixDoNotRebuildRoutesWhenTheyComeAndGo()
    {
        using RouteFixture fixture = new(["10.0.0.0/24"], Tunnel("a", 0), Tunnel("b", 0) with { Routes = [IpPrefix.Parse("10.3.0.0/16")] });
        fixture.Lookup(Address);
        fixture.Install(1, fixture.Tunnels.All[0], TrafficSelector.AnyV4);
        Assert.False(fixture.Builder.TryRebuild(fixture.Configuration, fixture.Tunnels, fixture.ChildSas, []));
    }

    static TunnelConfiguration Tunnel(string name, int metric) =>
        new() { Connection = RouteFixture.Connection(name), Routes = [new TunnelRoute(IpPrefix.Parse(Network), metric)] };
}
