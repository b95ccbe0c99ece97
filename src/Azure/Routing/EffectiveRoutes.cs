using System.Collections.Immutable;
using Ipsec.Azure.Resources;
using Ipsec.Net;

namespace Ipsec.Azure.Routing;

/// <summary>
/// The routes of a virtual network's machines: its own address space, peered networks, and what the gateways know, its own or those of a peered network whose
/// gateways it uses. The environment has passed <see cref="Rules.AzureRules"/>.
/// </summary>
/// <remarks>
/// Peering is not transitive, and neither are two networks that use the gateways of a third (the reference, §9). Where a network or a peering carries an address no
/// gateway does, not even for a longer prefix: Azure prefers these system routes to whatever gateways learn (Microsoft's "Virtual network traffic routing").
/// Otherwise the longest prefix counts, and for one prefix the gateways' preference, which is ExpressRoute.
/// </remarks>
public sealed class EffectiveRoutes
{
    readonly PrefixMap<EffectiveRoute> _active;

    EffectiveRoutes(ImmutableArray<EffectiveRoute> all)
    {
        All = all;
        // Of a prefix that has several the first.
        _active = new PrefixMap<EffectiveRoute>(all.Reverse().Where(route => route.State == EffectiveRouteState.Active).Select(route => KeyValuePair.Create(route.Prefix, route)));
    }

    /// <summary>By address and length of the prefix, the active one first.</summary>
    public ImmutableArray<EffectiveRoute> All { get; }

    public static EffectiveRoutes Of(AzureEnvironment environment, string virtualNetwork, GatewayRouteSources sources)
    {
        VirtualNetwork network = environment.FindVirtualNetwork(virtualNetwork)!;
        EffectiveRoute[] system =
        [
            .. network.AddressPrefixes.Select(prefix => System(prefix, RouteNextHopType.VnetLocal, network.Name)),
            .. PeeringRoutes(environment, network),
        ];
        IEnumerable<EffectiveRoute> gateway = GatewayRoutes(environment, network, sources)
            .Select(route => system.Any(one => one.Prefix.Contains(route.Prefix)) ? route with { State = EffectiveRouteState.Invalid } : route);
        return new EffectiveRoutes([.. system.Concat(gateway).OrderBy(route => route.Prefix.Address).ThenBy(route => route.Prefix.Length).ThenBy(route => route.State)]);
    }

    /// <summary>The route that an address takes; null if it has none.</summary>
    public EffectiveRoute? Lookup(IpAddress address) => _active.TryLookup(address, out EffectiveRoute? route) ? route : null;

    static EffectiveRoute System(IpPrefix prefix, RouteNextHopType type, string nextHop) =>
        new(prefix, EffectiveRouteSource.Default, EffectiveRouteState.Active, type, nextHop);

    /// <summary>A peering carries traffic once both directions exist, and blocks it where either does not allow access.</summary>
    static IEnumerable<EffectiveRoute> PeeringRoutes(AzureEnvironment environment, VirtualNetwork network) =>
        from peering in environment.VirtualNetworkPeerings
        where peering.VirtualNetwork == network.Name
        let opposite = environment.FindOpposite(peering)
        where opposite is not null
        let type = peering.AllowVirtualNetworkAccess && opposite.AllowVirtualNetworkAccess ? RouteNextHopType.VNetPeering : RouteNextHopType.None
        from prefix in environment.FindVirtualNetwork(peering.RemoteVirtualNetwork)!.AddressPrefixes
        select System(prefix, type, peering.RemoteVirtualNetwork);

    /// <summary>Of each prefix the routes that the gateways prefer are active.</summary>
    static IEnumerable<EffectiveRoute> GatewayRoutes(AzureEnvironment environment, VirtualNetwork network, GatewayRouteSources sources)
    {
        VirtualNetwork owner = environment.FindTransitNetworkOf(network.Name) ?? network;
        var known = from type in (VirtualNetworkGatewayType[])[VirtualNetworkGatewayType.ExpressRoute, VirtualNetworkGatewayType.Vpn]
                    let gateway = environment.FindGatewayOf(owner.Name, type)
                    where gateway is not null
                    from route in GatewayRoutingTable.Build(environment, gateway, sources).Routes
                    where IsCarriedBy(route, gateway)
                    select (gateway.Name, Route: route);
        foreach (IGrouping<IpPrefix, (string Gateway, GatewayRoute Route)> ofPrefix in known.GroupBy(one => one.Route.Prefix))
        {
            GatewayRoute best = ofPrefix.Select(one => one.Route).Order(Comparer<GatewayRoute>.Create(GatewayRoute.ComparePreference)).First();
            foreach (IGrouping<string, GatewayRoute> ofGateway in ofPrefix.GroupBy(one => one.Gateway, one => one.Route))
            {
                bool isBest = ofGateway.Any(route => GatewayRoute.ComparePreference(route, best) == 0);
                yield return new EffectiveRoute(ofPrefix.Key, EffectiveRouteSource.VirtualNetworkGateway,
                    isBest ? EffectiveRouteState.Active : EffectiveRouteState.Invalid, RouteNextHopType.VirtualNetworkGateway, ofGateway.Key);
            }
        }
    }

    /// <summary>A VPN gateway knows the circuits beside it and does not carry their traffic.</summary>
    static bool IsCarriedBy(GatewayRoute route, VirtualNetworkGateway gateway) => route.NextHop switch
    {
        GatewayNextHop.Circuit circuit => circuit.Gateway == gateway.Name,
        GatewayNextHop.Connection or GatewayNextHop.OtherInstance => true,
        _ => false,
    };
}
