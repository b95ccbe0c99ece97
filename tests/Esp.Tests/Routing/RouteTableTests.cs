using Ipsec.Net;

namespace Ipsec.Esp.Tests.Routing;

public class RouteTableTests
{
    [Fact]
    public void TakesTheLongestPrefix()
    {
        var table = new RouteTable(
        [
            new Route(IpPrefix.Parse("10.0.0.0/8"), RouteTarget.Into(1)),
            new Route(IpPrefix.Parse("10.1.0.0/16"), RouteTarget.Local),
            new Route(IpPrefix.Parse("10.1.255.255/32"), RouteTarget.Discard),
            new Route(IpPrefix.AnyV6, RouteTarget.Into(2)),
        ]);
        Assert.Equal(RouteTarget.Into(1), Lookup(table, "10.0.255.255"));
        Assert.Equal(RouteTarget.Local, Lookup(table, "10.1.0.0"));
        Assert.Equal(RouteTarget.Discard, Lookup(table, "10.1.255.255"));
        Assert.Equal(RouteTarget.Into(1), Lookup(table, "10.2.0.0"));
        Assert.Equal(new TunnelGroup([2, 1]), RouteTarget.Into(new TunnelGroup([1, 2, 1])).Group);
        Assert.Equal(RouteTarget.Into(3), RouteTarget.Into(new TunnelGroup([3])));
        Assert.Equal(RouteTarget.Into(2), Lookup(table, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"));
        Assert.Null(Lookup(table, "11.0.0.0"));
        Assert.Null(Lookup(table, "9.255.255.255"));
    }

    [Fact]
    public void KnowsNothingWhenEmpty() => Assert.Null(Lookup(RouteTable.Empty, "10.0.0.1"));

    [Fact]
    public void TakesTheLaterOfTwoEqualPrefixes()
    {
        var table = new RouteTable(
        [
            new Route(IpPrefix.Parse("10.1.0.0/16"), RouteTarget.Into(1)),
            new Route(IpPrefix.Parse("10.1.0.0/16"), RouteTarget.Into(2)),
            new Route(IpPrefix.Parse("10.1.2.0/24"), RouteTarget.Into(3)),
        ]);
        Assert.Equal(RouteTarget.Into(2), Lookup(table, "10.1.0.0"));
        Assert.Equal(RouteTarget.Into(2), Lookup(table, "10.1.255.255"));
        Assert.Null(Lookup(table, "10.2.0.0"));
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(false, 2)]
    [InlineData(true, 3)]
    [InlineData(true, 4)]
    public void AgreesWithASearchThroughTheList(bool isV6, int seed)
    {
        var random = new Random(seed);
        List<Route> routes = [.. Enumerable.Range(0, 300).Select(i => new Route(RandomPrefix(random, isV6), RouteTarget.Into(i)))];
        var table = new RouteTable(routes);
        for (int i = 0; i < 3000; i++)
        {
            IpPrefix near = routes[random.Next(routes.Count)].Prefix;
            IpAddress address = random.Next(4) switch
            {
                0 => near.First,
                1 => near.Last,
                2 => near.Last.Plus(1),
                _ => near.First.Plus(UInt128.MaxValue),
            };
            Assert.Equal(Naive(routes, address), table.TryLookup(address, out RouteTarget target) ? target : null);
        }
    }

    [Fact]
    public void HoldsAHundredThousandPrefixes()
    {
        var random = new Random(5);
        HashSet<IpPrefix> prefixes = [];
        while (prefixes.Count < 100_000)
            prefixes.Add(new IpPrefix(IpAddress.V4((uint)random.NextInt64(1L << 32)), random.Next(16, 29)));
        List<Route> routes = [.. prefixes.Select((prefix, i) => new Route(prefix, RouteTarget.Into(i)))];
        var table = new RouteTable(routes);
        for (int i = 0; i < 50; i++)
        {
            IpAddress address = routes[random.Next(routes.Count)].Prefix.First;
            Assert.Equal(Naive(routes, address), Lookup(table, address.ToString()));
        }
    }

    static RouteTarget? Naive(List<Route> routes, IpAddress address)
    {
        Route? best = null;
        foreach (Route route in routes)
        {
            if (route.Prefix.Contains(address) && (best is null || route.Prefix.Length >= best.Value.Prefix.Length))
                best = route;
        }
        return best?.Target;
    }

    // Few distinct high bits, so that prefixes nest.
    static IpPrefix RandomPrefix(Random random, bool isV6)
    {
        int bits = isV6 ? 128 : 32;
        int length = random.Next(0, bits + 1);
        UInt128 high = (UInt128)random.Next(8) << (bits - 4);
        UInt128 value = high | (random.Next(2) == 0 ? 0 : (UInt128)random.NextInt64() << (bits / 4));
        return new IpPrefix(isV6 ? IpAddress.V6(value) : IpAddress.V4((uint)value), length);
    }

    static RouteTarget? Lookup(RouteTable table, string address) =>
        table.TryLookup(IpAddress.Parse(address), out RouteTarget target) ? target : null;
}
