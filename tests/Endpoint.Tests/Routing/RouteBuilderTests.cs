using System.Collections.Immutable;
using Ipsec.Crypto;
using Ipsec.Endpoint.Routing;
using Ipsec.Endpoint.Tests.Room;
using Ipsec.Esp;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;
using Ipsec.Net;
using Ipsec.Tests.Support;

namespace Ipsec.Endpoint.Tests.Routing;

public sealed class RouteBuilderTests
{
    static readonly Instant Now = new(TimeSpan.Zero, DateTimeOffset.UnixEpoch);

    [Fact]
    public void ListsRoutesSortedAndWithoutDuplicates()
    {
        using Fixture fixture = new(["10.0.0.0/24"], StartAction.None, ["10.2.0.0/24", "fd02::/64", "10.1.0.0/16", "10.2.0.0/24", "0.0.0.0/0"]);
        Assert.Equal(["0.0.0.0/0", "10.1.0.0/16", "10.2.0.0/24", "fd02::/64"], fixture.InnerRoutes());
    }

    [Fact]
    public void LocalNetworksWinAgainstTunnelsWithTheSamePrefix()
    {
        using Fixture fixture = new(["10.0.0.0/24"], StartAction.None, ["10.0.0.0/24", "10.0.0.0/8"]);
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
        using Fixture fixture = new(["10.0.0.0/24"], action, []);
        Assert.Equal(expected, string.Join(" ", fixture.InnerRoutes()));
    }

    [Fact]
    public void NegotiatedSelectorsAreTheRoutesOfAPolicyBasedTunnel()
    {
        using Fixture fixture = new(["10.0.0.0/24"], StartAction.Start, []);
        fixture.Install(1, TrafficSelector.From(IpPrefix.Parse("10.2.0.128/25")));
        Assert.Equal(["10.2.0.128/25"], fixture.InnerRoutes());

        fixture.ChildSas.Remove(new ChildSaId(1), TimeSpan.Zero, Now);
        Assert.Equal(["10.2.0.0/24"], fixture.InnerRoutes());
    }

    [Fact]
    public void WherePacketsStartTheTunnelWhatThePeerLeftOutStaysARoute()
    {
        using Fixture fixture = new(["10.0.0.0/24"], StartAction.Traffic, []);
        fixture.Install(1, TrafficSelector.From(IpPrefix.Parse("10.2.0.128/25")));
        Assert.Equal(["10.2.0.0/24", "10.2.0.128/25"], fixture.InnerRoutes());
    }

    [Fact]
    public void ARangeBecomesTheNetworksThatCoverIt()
    {
        using Fixture fixture = new(["10.0.0.0/24"], StartAction.None, []);
        fixture.Install(1, new TrafficSelector(new IpAddressRange(IpAddress.Parse("10.2.0.1"), IpAddress.Parse("10.2.0.4"))));
        Assert.Equal(["10.2.0.1/32", "10.2.0.2/31", "10.2.0.4/32"], fixture.InnerRoutes());
    }

    [Fact]
    public void APeerCannotDrawOurOwnNetworksIntoItsTunnel()
    {
        using Fixture fixture = new(["10.0.0.0/24"], StartAction.None, []);
        fixture.Install(1, TrafficSelector.From(IpPrefix.Parse("10.0.0.9/32")), TrafficSelector.From(IpPrefix.Parse("10.2.0.0/24")));
        Assert.Equal(["10.2.0.0/24"], fixture.InnerRoutes());
        Assert.Equal(RouteTarget.Local, fixture.Lookup("10.0.0.9"));
    }

    [Fact]
    public void APeerCannotFillTheTable()
    {
        using Fixture fixture = new(["10.0.0.0/24"], StartAction.None, []);
        IpAddress last = IpAddress.V6(UInt128.MaxValue - 1);
        TrafficSelector[] selectors = [.. Enumerable.Range(1, 255).Select(i => new TrafficSelector(new IpAddressRange(IpAddress.V6((UInt128)i), last)))];
        fixture.Install(1, selectors);
        Assert.InRange(fixture.InnerRoutes().Length, 1, RouteBuilder.MaximumNegotiatedPrefixes);
    }

    [Fact]
    public void NothingIsRebuiltWithoutAChange()
    {
        using Fixture fixture = new(["10.0.0.0/24"], StartAction.None, ["10.2.0.0/24"]);
        fixture.InnerRoutes();
        RouteTable table = fixture.Builder.Table;
        Assert.False(fixture.Builder.TryRebuild(fixture.Configuration, fixture.Tunnels, fixture.ChildSas, []));
        Assert.Same(table, fixture.Builder.Table);
    }

    [Fact]
    public void ASaInItsInboundGraceIsRemovedWhenTheGraceIsOver()
    {
        using Fixture fixture = new(["10.0.0.0/24"], StartAction.None, []);
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
        using Fixture fixture = new(["10.0.0.0/24"], StartAction.None, []);
        fixture.Install(1, TrafficSelector.From(IpPrefix.Parse("10.2.0.0/24")));

        fixture.ChildSas.Remove(new ChildSaId(1), TimeSpan.FromSeconds(5), Now);
        fixture.ChildSas.Remove(new ChildSaId(1), TimeSpan.Zero, Now);
        // The timer that is still set finds nothing any more.
        fixture.ChildSas.RemoveInbound(1);

        Assert.False(fixture.DataPath.TryGetCounters(1, out _));
    }

    /// <summary>One tunnel of an endpoint, its data path, and nobody at the other end.</summary>
    sealed class Fixture : IDisposable
    {
        public Fixture(string[] localNetworks, StartAction action, string[] routes)
        {
            ConnectionConfiguration connection = Sites.Connection("east", Sites.WestAddress, Sites.EastAddress, "10.0.0.0/24", "10.2.0.0/24") with { StartAction = action };
            Configuration = Sites.Endpoint("west", [Sites.WestAddress], localNetworks, Sites.Tunnel(connection, routes));
            Tunnels = new TunnelTable(Configuration);
            DataPath = new DataPath(new DataPathOptions(), new SeededRandomSource(1));
            ChildSas = new ChildSaTable(DataPath, Timers, null);
        }

        public EndpointConfiguration Configuration { get; }
        public TunnelTable Tunnels { get; }
        public DataPath DataPath { get; }
        public EndpointTimers Timers { get; } = new();
        public ChildSaTable ChildSas { get; }
        public RouteBuilder Builder { get; } = new();

        public string[] InnerRoutes()
        {
            Builder.TryRebuild(Configuration, Tunnels, ChildSas, []);
            return [.. Builder.InnerRoutes.Select(route => route.ToString())];
        }

        public RouteTarget Lookup(string address)
        {
            Builder.TryRebuild(Configuration, Tunnels, ChildSas, []);
            return Builder.Table.TryLookup(IpAddress.Parse(address), out RouteTarget target) ? target : RouteTarget.Discard;
        }

        public uint Install(ulong id, params TrafficSelector[] remoteSelectors)
        {
            Assert.True(DataPath.TryAllocateSpi(out uint spi));
            using Secret key = new(new byte[36]);
            using Secret none = new([]);
            ChildSas.Install(new InstallChildSa
            {
                Id = new ChildSaId(id),
                IkeSa = new IkeSaId(1),
                Connection = "east",
                Child = "net",
                Suite = new EspSuite(new EncryptionTransform(EncryptionAlgorithm.AesGcm16, 256), IntegrityAlgorithm.None, false, KeyExchangeMethod.None),
                InboundSpi = spi,
                OutboundSpi = 0x1000,
                InboundEncryptionKey = key,
                InboundIntegrityKey = none,
                OutboundEncryptionKey = key,
                OutboundIntegrityKey = none,
                LocalSelectors = [TrafficSelector.AnyV4],
                RemoteSelectors = [.. remoteSelectors],
                Path = new NetworkPath(new TransportAddress(IpAddress.Parse(Sites.WestAddress), 0), new TransportAddress(IpAddress.Parse(Sites.EastAddress), 0), PathEncapsulation.RawEsp),
                Activation = OutboundActivation.Immediately,
                ReplayWindow = 1024,
                Lifetime = new Lifetime { RekeyTime = TimeSpan.FromHours(1), HardTime = TimeSpan.FromHours(2) },
            }, Tunnels.All[0]);
            return spi;
        }

        public void Dispose() => DataPath.Dispose();
    }
}
