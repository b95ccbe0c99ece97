using Ipsec.Crypto;
using Ipsec.Endpoint.Routing;
using Ipsec.Endpoint.Tests.Room;
using Ipsec.Esp;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;
using Ipsec.Net;
using Ipsec.Tests.Support;

namespace Ipsec.Endpoint.Tests.Routing;

/// <summary>Tunnels of an endpoint, their data path, and nobody at the other ends.</summary>
sealed class RouteFixture : IDisposable
{
    public RouteFixture(string[] localNetworks, StartAction action, string[] routes)
        : this(localNetworks, Sites.Tunnel(Connection("east") with { StartAction = action }, routes))
    {
    }

    public RouteFixture(string[] localNetworks, params TunnelConfiguration[] tunnels)
    {
        Configuration = Sites.Endpoint("west", [Sites.WestAddress], localNetworks, tunnels);
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

    public static ConnectionConfiguration Connection(string name) =>
        Sites.Connection(name, Sites.WestAddress, Sites.EastAddress, "10.0.0.0/24", "10.2.0.0/24");

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

    public uint Install(ulong id, params TrafficSelector[] remoteSelectors) => Install(id, Tunnels.All[0], remoteSelectors);

    public uint Install(ulong id, Tunnel tunnel, params TrafficSelector[] remoteSelectors)
    {
        Assert.True(DataPath.TryAllocateSpi(out uint spi));
        using Secret key = new(new byte[36]);
        using Secret none = new([]);
        ChildSas.Install(new InstallChildSa
        {
            Id = new ChildSaId(id),
            IkeSa = new IkeSaId(1),
            Connection = tunnel.Name,
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
            Path = new NetworkPath(new TransportAddress(IpAddress.Parse(Sites.WestAddress), 0), new TransportAddress(IpAddress.Parse(Sites.EastAddress), 0),
                PathEncapsulation.RawEsp),
            Activation = OutboundActivation.Immediately,
            ReplayWindow = 1024,
            Lifetime = new Lifetime { RekeyTime = TimeSpan.FromHours(1), HardTime = TimeSpan.FromHours(2) },
        }, tunnel);
        return spi;
    }

    public void Dispose() => DataPath.Dispose();
}
