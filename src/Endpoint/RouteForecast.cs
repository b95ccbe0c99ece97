using System.Collections.Immutable;
using Ipsec.Endpoint.Routing;
using Ipsec.Esp;
using Ipsec.Net;

namespace Ipsec.Endpoint;

/// <summary>A child SA that is thought to be up.</summary>
public sealed record ForecastChildSa(string Connection, string Child, ImmutableArray<TrafficSelector> RemoteSelectors);

/// <summary>Where an endpoint sends inner packets while exactly these child SAs are up: the table that it would build itself.</summary>
public sealed class RouteForecast
{
    readonly TunnelTable _tunnels;
    readonly RouteTable _table;

    RouteForecast(TunnelTable tunnels, RouteTable table, ImmutableArray<IpPrefix> innerRoutes) =>
        (_tunnels, _table, InnerRoutes) = (tunnels, table, innerRoutes);

    /// <summary>As <see cref="InnerRoutesChanged"/> would tell them.</summary>
    public ImmutableArray<IpPrefix> InnerRoutes { get; }

    public static RouteForecast Of(EndpointConfiguration configuration, IEnumerable<ForecastChildSa> up)
    {
        var tunnels = new TunnelTable(configuration);
        var builder = new RouteBuilder();
        builder.TryRebuild(configuration, tunnels, new Sending(tunnels, up), []);
        return new RouteForecast(tunnels, builder.Table, builder.InnerRoutes);
    }

    /// <summary>What becomes of a packet to an address.</summary>
    /// <param name="tunnels">The connection that it goes into; several of which each flow takes one.</param>
    public RouteKind Lookup(IpAddress destination, out ImmutableArray<string> tunnels)
    {
        tunnels = [];
        if (!_table.TryLookup(destination, out RouteTarget target))
            return RouteKind.Discard;
        if (target.Kind == RouteKind.Tunnel)
            tunnels = [.. (target.Group?.Tunnels ?? [target.Tunnel]).Select(number => _tunnels.TryFind(number, out Tunnel? tunnel) ? tunnel.Name : "")];
        return target.Kind;
    }

    sealed class Sending : ISendingChildSas
    {
        readonly ILookup<int, InstalledChildSa> _byTunnel;

        public Sending(TunnelTable tunnels, IEnumerable<ForecastChildSa> up) => _byTunnel = up
            .Select((sa, index) => (Sa: sa, Tunnel: tunnels.Find(sa.Connection), Id: (ulong)index))
            .Where(one => one.Tunnel is not null)
            .ToLookup(one => one.Tunnel!.Number,
                one => new InstalledChildSa(one.Id, one.Tunnel!.Number, one.Tunnel.Configuration.Routes.IsEmpty, one.Sa.Child, one.Sa.RemoteSelectors));

        public int Version => 0;
        public int UpAndDowns => 0;

        public IReadOnlyCollection<InstalledChildSa> SendingIn(int tunnel) => [.. _byTunnel[tunnel]];
    }
}
