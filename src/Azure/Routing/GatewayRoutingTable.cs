using System.Collections.Immutable;
using Ipsec.Azure.Resources;
using Ipsec.Net;

namespace Ipsec.Azure.Routing;

/// <summary>
/// Every route of one gateway, and which of them it uses: the longest prefix, of one prefix the preferred route, of equals all (ECMP). The environment has passed
/// <see cref="Rules.AzureRules"/>.
/// </summary>
/// <remarks>
/// A VPN gateway lists the circuits of the ExpressRoute gateway beside it, as Azure does; an ExpressRoute gateway knows nothing of VPN connections: between the two there
/// is no transit without a Route Server (the reference, §10).
/// </remarks>
public sealed class GatewayRoutingTable
{
    readonly PrefixMap<ImmutableArray<GatewayRoute>> _best;

    GatewayRoutingTable(string gateway, ImmutableArray<GatewayRoute> routes)
    {
        Gateway = gateway;
        Routes = routes;
        _best = new PrefixMap<ImmutableArray<GatewayRoute>>(routes.GroupBy(route => route.Prefix).Select(ofPrefix => KeyValuePair.Create(ofPrefix.Key, Best(ofPrefix))));
    }

    public string Gateway { get; }

    /// <summary>By address and length of the prefix, the preferred one first.</summary>
    public ImmutableArray<GatewayRoute> Routes { get; }

    public static GatewayRoutingTable Build(AzureEnvironment environment, VirtualNetworkGateway gateway, GatewayRouteSources sources)
    {
        GatewayRoute[] own = [.. OwnRoutes(environment, gateway)];
        IEnumerable<GatewayRoute> others = StaticRoutes(environment, gateway)
            .Concat(CircuitRoutes(environment, gateway, sources))
            .Concat(sources.Bgp.Where(announcement => announcement.Gateway == gateway.Name).Select(announcement => announcement.Route));
        return new GatewayRoutingTable(gateway.Name,
        [
            // The reference, §6: what lies within Azure's own networks is not taken from outside; what contains them is.
            .. own.Concat(others.Where(route => !own.Any(network => network.Prefix.Contains(route.Prefix))))
                .OrderBy(route => route.Prefix.Address).ThenBy(route => route.Prefix.Length)
                .ThenBy(route => route, Comparer<GatewayRoute>.Create(GatewayRoute.ComparePreference)),
        ]);
    }

    /// <summary>The routes that are used for a prefix: one, or several equals; empty where there is none for exactly this prefix.</summary>
    public ImmutableArray<GatewayRoute> Best(IpPrefix prefix) => Best(Routes.Where(route => route.Prefix == prefix));

    /// <summary>The routes that are used for an address: one, or several equals; empty where there is none.</summary>
    public ImmutableArray<GatewayRoute> Lookup(IpAddress address) => _best.TryLookup(address, out ImmutableArray<GatewayRoute> best) ? best : [];

    /// <summary>How far behind the preferred ones a route of this table stands among those of its prefix that are of the same kind: 0 for the preferred ones.</summary>
    internal int Rank(GatewayRoute route) => Routes
        .Where(other => other.Prefix == route.Prefix && other.NextHop is GatewayNextHop.Connection && GatewayRoute.ComparePreference(other, route) < 0)
        .Select(other => (other.Weight, other.AsPath.Length)).Distinct().Count();

    static ImmutableArray<GatewayRoute> Best(IEnumerable<GatewayRoute> routes)
    {
        // In order of preference, as the table is.
        GatewayRoute[] candidates = [.. routes];
        return [.. candidates.TakeWhile(route => GatewayRoute.ComparePreference(candidates[0], route) == 0)];
    }

    static IEnumerable<GatewayRoute> OwnRoutes(AzureEnvironment environment, VirtualNetworkGateway gateway)
    {
        VirtualNetwork network = environment.FindVirtualNetwork(gateway.VirtualNetwork)!;
        foreach (IpPrefix prefix in network.AddressPrefixes)
            yield return Own(prefix, new GatewayNextHop.ThisNetwork(network.Name), network);
        foreach (VirtualNetwork spoke in environment.VirtualNetworks.Where(spoke => environment.FindTransitNetworkOf(spoke.Name)?.Name == network.Name))
        {
            foreach (IpPrefix prefix in spoke.AddressPrefixes)
                yield return Own(prefix, new GatewayNextHop.PeeredNetwork(spoke.Name), spoke);
        }

        static GatewayRoute Own(IpPrefix prefix, GatewayNextHop nextHop, VirtualNetwork network) =>
            new(prefix, nextHop, GatewayRouteOrigin.Network, GatewayRoute.VpnWeight, [], network.Name);
    }

    static IEnumerable<GatewayRoute> StaticRoutes(AzureEnvironment environment, VirtualNetworkGateway gateway) =>
        from connection in environment.ConnectionsOf(gateway)
        where connection.IsIpsec
        from prefix in ConnectionPrefixes.Of(environment, connection)
        select new GatewayRoute(prefix, new GatewayNextHop.Connection(connection.Name), GatewayRouteOrigin.Static, GatewayRoute.VpnWeight, [],
            connection.LocalNetworkGateway2 ?? connection.VirtualNetworkGateway2 ?? connection.Name);

    static IEnumerable<GatewayRoute> CircuitRoutes(AzureEnvironment environment, VirtualNetworkGateway gateway, GatewayRouteSources sources) =>
        environment.FindGatewayOf(gateway.VirtualNetwork, VirtualNetworkGatewayType.ExpressRoute) is not VirtualNetworkGateway expressRoute
            ? []
            : from connection in environment.ConnectionsOf(expressRoute)
              from announcement in sources.Circuits
              where connection.Peer == announcement.Circuit && !sources.CutCircuits.Contains(announcement.Circuit)
              from prefix in announcement.Prefixes
              select new GatewayRoute(prefix, new GatewayNextHop.Circuit(expressRoute.Name, announcement.Circuit), GatewayRouteOrigin.EBgp,
                  GatewayRoute.ExpressRouteWeight, announcement.AsPath, announcement.Site)
              {
                  RoutingWeight = connection.RoutingWeight,
              };
}
