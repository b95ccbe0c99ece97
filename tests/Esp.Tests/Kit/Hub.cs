using Ipsec.Crypto;
using Ipsec.Net;
using Ipsec.Tests.Support;

namespace Ipsec.Esp.Tests.Kit;

/// <summary>A hub with tunnels 1 and 2 to the spokes 10.1.0.0/16 and 10.2.0.0/16 (and 2001:db8:1 and :2), and 10.9.0.0/16 of its own.</summary>
sealed class Hub : IDisposable
{
    const ulong Sa = 1;

    readonly SeededRandomSource _random = new(5);

    public Hub(DataPathOptions? options = null)
    {
        Center = new DataPath(options ?? new DataPathOptions(), _random);
        Center.SetRoutes(new RouteTable(
        [
            new Route(IpPrefix.Parse("10.1.0.0/16"), RouteTarget.Into(1)),
            new Route(IpPrefix.Parse("2001:db8:1::/48"), RouteTarget.Into(1)),
            new Route(IpPrefix.Parse("10.2.0.0/16"), RouteTarget.Into(2)),
            new Route(IpPrefix.Parse("2001:db8:2::/48"), RouteTarget.Into(2)),
            new Route(IpPrefix.Parse("10.9.0.0/16"), RouteTarget.Local),
            new Route(IpPrefix.Parse("10.8.0.0/16"), RouteTarget.Discard),
        ]));
        First = Connect(1, "10.1.0.0/16", "2001:db8:1::/48");
        Second = Connect(2, "10.2.0.0/16", "2001:db8:2::/48");
    }

    public DataPath Center { get; }
    public DataPath First { get; }
    public DataPath Second { get; }

    /// <summary>From a spoke into the hub; returns all that the hub gave out.</summary>
    public CollectingSink SendFrom(DataPath spoke, byte[] packet)
    {
        var outgoing = new CollectingSink();
        spoke.Seal(new SuperPacket(packet), ref outgoing);
        var sink = new CollectingSink();
        foreach (SentRun run in outgoing.Sent)
            Center.Open([.. run.Datagrams], run.SegmentSize, TunnelPair.Reverse(run.Path), run.TrafficClass, ref sink);
        return sink;
    }

    /// <summary>What a spoke delivers of what the hub sent to it.</summary>
    public static List<byte[]> Receive(DataPath spoke, CollectingSink fromHub)
    {
        var sink = new CollectingSink();
        foreach (SentRun run in fromHub.Sent)
            spoke.Open([.. run.Datagrams], run.SegmentSize, TunnelPair.Reverse(run.Path), run.TrafficClass, ref sink);
        return sink.Delivered;
    }

    public void Dispose()
    {
        Center.Dispose();
        First.Dispose();
        Second.Dispose();
    }

    DataPath Connect(int tunnel, params string[] networks)
    {
        var spoke = new DataPath(new DataPathOptions(), _random);
        spoke.SetRoutes(new RouteTable(
        [
            .. networks.Select(network => new Route(IpPrefix.Parse(network), RouteTarget.Local)),
            new Route(IpPrefix.AnyV4, RouteTarget.Into(tunnel)),
            new Route(IpPrefix.AnyV6, RouteTarget.Into(tunnel)),
        ]));
        Assert.True(Center.TryAllocateSpi(out uint centerSpi));
        Assert.True(spoke.TryAllocateSpi(out uint spokeSpi));
        using Secret towardsSpoke = RandomKey();
        using Secret towardsCenter = RandomKey();
        using var none = new Secret([]);
        var path = new NetworkPath(new TransportAddress(IpAddress.Parse("192.0.2.100"), 4500),
            new TransportAddress(IpAddress.Parse($"192.0.2.{tunnel}"), 4500), PathEncapsulation.UdpEncapsulated);
        var center = new TunnelSaParameters
        {
            Id = (ulong)tunnel * 100 + Sa,
            Tunnel = tunnel,
            Transforms = Suites.Gcm256,
            InboundSpi = centerSpi,
            OutboundSpi = spokeSpi,
            InboundEncryptionKey = towardsCenter,
            InboundIntegrityKey = none,
            OutboundEncryptionKey = towardsSpoke,
            OutboundIntegrityKey = none,
            LocalSelectors = [TrafficSelector.AnyV4, TrafficSelector.AnyV6],
            RemoteSelectors = [.. networks.Select(network => TrafficSelector.From(IpPrefix.Parse(network)))],
            Path = path,
        };
        Center.Install(center);
        spoke.Install(center with
        {
            InboundSpi = spokeSpi,
            OutboundSpi = centerSpi,
            InboundEncryptionKey = towardsSpoke,
            OutboundEncryptionKey = towardsCenter,
            LocalSelectors = center.RemoteSelectors,
            RemoteSelectors = center.LocalSelectors,
            Path = TunnelPair.Reverse(path),
        });
        return spoke;
    }

    Secret RandomKey()
    {
        byte[] octets = new byte[36];
        _random.Fill(octets);
        return new Secret(octets);
    }
}
