using System.Collections.Immutable;
using Ipsec.Azure.Resources;
using Ipsec.Azure.Routing;
using Ipsec.Lab.Run;
using Ipsec.Lab.Topology;
using Ipsec.Net;

namespace Ipsec.Lab.Netns;

/// <summary>The routes of one virtual network's router: for its own hosts the effective routes, for what comes from elsewhere what that may reach.</summary>
sealed class NetworkRoutes
{
    readonly TopologyModel _model;
    readonly NamespacePlan _plan;
    readonly FabricState _state;
    readonly string _network;
    readonly RouteList _routes;
    readonly PlannedNamespace _router;
    readonly GatewayRouteSources _sources;

    public NetworkRoutes(TopologyModel model, NamespacePlan plan, FabricState state, string network, RouteList routes)
    {
        (_model, _plan, _state, _network, _routes) = (model, plan, state, network, routes);
        _router = plan.Networks[network];
        _sources = state.Sources(model);
    }

    public void Add()
    {
        AddHosts(PlannedRoute.MainTable);
        AddEffective(PlannedRoute.MainTable, _network);
        foreach (VirtualNetwork peer in _model.Azure.VirtualNetworks.Where(other => IsPeered(other.Name)))
            AddFromPeer(peer.Name);
        foreach (VirtualNetworkGateway gateway in _model.Azure.VirtualNetworkGateways.Where(gateway => gateway.VirtualNetwork == _network))
            AddFromGateway(gateway);
    }

    void AddHosts(int table)
    {
        foreach (HostDefinition host in _model.Hosts.Where(host => RoutePlan.PlaceOf(_plan, host) == _router))
            _routes.AddOnLink(_router, _plan.Hosts[host.Name], host.Address, table);
    }

    /// <summary>What a network's own hosts reach; of another network only what its routes give to a gateway here.</summary>
    void AddEffective(int table, string network)
    {
        foreach (EffectiveRoute route in EffectiveRoutes.Of(_model.Azure, network, _sources).All.Where(route => route.State == EffectiveRouteState.Active))
        {
            switch (route)
            {
                case { NextHopType: RouteNextHopType.VirtualNetworkGateway, NextHop: string gateway } when _model.Azure.FindGateway(gateway)!.VirtualNetwork == _network:
                    AddToGateway(table, gateway, route.Prefix);
                    break;
                case { NextHopType: RouteNextHopType.VirtualNetworkGateway, NextHop: string gateway } when network == _network:
                    _routes.Add(_router, table, route.Prefix, _plan.Networks[_model.Azure.FindGateway(gateway)!.VirtualNetwork]);
                    break;
                case { NextHopType: RouteNextHopType.VNetPeering, NextHop: string peer } when network == _network:
                    _routes.Add(_router, table, route.Prefix, _plan.Networks[peer]);
                    break;
                case not null when network == _network:
                    _routes.Add(_router, table, route.Prefix);
                    break;
            }
        }
    }

    void AddFromPeer(string peer)
    {
        int table = TableOf(_plan.Networks[peer]);
        AddHosts(table);
        if (_model.Azure.FindTransitNetworkOf(peer)?.Name == _network)
            AddEffective(table, peer);
    }

    /// <summary>What comes out of a gateway's tunnels or circuits goes to hosts here, and to peered networks that use the gateway; to nothing else, there is no transit.</summary>
    void AddFromGateway(VirtualNetworkGateway gateway)
    {
        GatewayRoutingTable known = GatewayRoutingTable.Build(_model.Azure, gateway, _sources);
        foreach (int table in SourcesOf(gateway).Select(TableOf))
        {
            AddHosts(table);
            foreach (IpPrefix prefix in known.Routes.Select(route => route.Prefix).Distinct())
            {
                if (known.Best(prefix).FirstOrDefault()?.NextHop is GatewayNextHop.PeeredNetwork peered)
                    _routes.Add(_router, table, prefix, _plan.Networks[peered.VirtualNetwork]);
                else
                    _routes.Add(_router, table, prefix);
            }
        }
    }

    IEnumerable<PlannedNamespace> SourcesOf(VirtualNetworkGateway gateway) => gateway.IsVpn
        ? _model.Nodes.Where(node => node.Kind == NodeKind.AzureGateway && node.Name == gateway.Name).SelectMany(node => _plan.Machines[_model.LabelOf(node)])
        : _plan.Circuits.Where(circuit => NamespacePlanner.CircuitGateways(_model, circuit.Key).Contains(gateway.Name)).Select(circuit => circuit.Value);

    /// <summary>Into a circuit, or to the instances of the VPN gateway (the reference, §5).</summary>
    void AddToGateway(int table, string gateway, IpPrefix prefix)
    {
        ImmutableArray<GatewayRoute> best = GatewayRoutingTable.Build(_model.Azure, _model.Azure.FindGateway(gateway)!, _sources).Best(prefix);
        if (best.FirstOrDefault()?.NextHop is GatewayNextHop.Circuit circuit)
        {
            _routes.Add(_router, table, prefix, _plan.Circuits[circuit.Name]);
            return;
        }
        IEnumerable<FabricNode> instances = _state.Nodes.Where(node => node.Definition.Kind == NodeKind.AzureGateway && node.Definition.Name == gateway);
        _routes.Add(_router, table, prefix, [.. RoutePlan.Able(instances, prefix).Select(node => _plan.Machines[_model.LabelOf(node.Definition)][node.Machine])]);
    }

    bool IsPeered(string other) => _model.Azure.VirtualNetworkPeerings.Any(peering =>
        peering.VirtualNetwork == _network && peering.RemoteVirtualNetwork == other && _model.Azure.FindOpposite(peering) is not null);

    int TableOf(PlannedNamespace from) => RoutePlan.TableOf(_plan.Links.First(link =>
        (link.Upper.Namespace == _router.Name && link.Lower.Namespace == from.Name) || (link.Lower.Namespace == _router.Name && link.Upper.Namespace == from.Name)));
}
