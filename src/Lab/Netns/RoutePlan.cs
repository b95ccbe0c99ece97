using System.Collections.Immutable;
using Ipsec.Azure.Resources;
using Ipsec.Azure.Routing;
using Ipsec.Lab.Run;
using Ipsec.Lab.Topology;
using Ipsec.Net;

namespace Ipsec.Lab.Netns;

/// <summary>
/// Every route of a lab's namespaces at a moment: the kernel's equal of what src/Lab/Inner does packet by packet. Virtual networks follow their effective routes, what
/// comes out of a gateway or a peering goes only where those lead, and of several instances or devices those share the flows that have a tunnel up.
/// </summary>
public static class RoutePlan
{
    /// <summary>Of a node: what comes out of its TUN.</summary>
    public const int InsideTable = 100;

    const int FirstTable = 1000;

    /// <summary>For what comes into a virtual network over a link.</summary>
    internal static int TableOf(PlannedLink link) => FirstTable + link.Number;

    /// <summary>In the order of the plan's namespaces; a prefix is in a table once.</summary>
    public static ImmutableArray<PlannedRoute> Of(TopologyModel model, NamespacePlan plan, FabricState state)
    {
        var routes = new RouteList(plan);
        OuterRoutes(model, plan, state, routes);
        foreach (FabricNode node in state.Nodes)
            NodeRoutes(model, plan, node, routes);
        foreach (string lan in plan.Lans.Keys)
            LanRoutes(model, plan, state, lan, routes);
        foreach (VirtualNetwork network in model.Azure.VirtualNetworks)
            new NetworkRoutes(model, plan, state, network.Name, routes).Add();
        foreach (string circuit in plan.Circuits.Keys)
            CircuitRoutes(model, plan, state, circuit, routes);
        foreach (HostDefinition host in model.Hosts)
            routes.AddDefault(plan.Hosts[host.Name], PlaceOf(plan, host), host.Address.IsV6);
        return routes.ToImmutable();
    }

    internal static PlannedNamespace PlaceOf(NamespacePlan plan, HostDefinition host) =>
        plan.Lans.TryGetValue(host.Network, out PlannedNamespace? lan) ? lan : plan.Networks[host.Network.Split('/')[0]];

    static void OuterRoutes(TopologyModel model, NamespacePlan plan, FabricState state, RouteList routes)
    {
        foreach (FabricNode node in state.Nodes)
        {
            PlannedNamespace machine = plan.Machines[model.LabelOf(node.Definition)][node.Machine];
            PlannedNamespace router = node.Definition.NatAddress is IpAddress nat ? plan.Nats[nat] : plan.Internet;
            foreach (IpAddress address in (IpAddress[])[node.OuterAddress, .. node.Definition.AdditionalAddresses])
                routes.AddOnLink(router, machine, address);
        }
        foreach ((IpAddress address, PlannedNamespace nat) in plan.Nats)
        {
            routes.AddOnLink(plan.Internet, nat, address);
            routes.AddDefault(nat, plan.Internet, address.IsV6);
        }
    }

    static void NodeRoutes(TopologyModel model, NamespacePlan plan, FabricNode node, RouteList routes)
    {
        PlannedNamespace router = node.Definition.NatAddress is IpAddress nat ? plan.Nats[nat] : plan.Internet;
        PlannedNamespace inside = node.Definition.Lan is string lan ? plan.Lans[lan] : plan.Networks[model.Azure.FindGateway(node.Definition.Name)!.VirtualNetwork];
        foreach (PlannedNamespace machine in plan.Machines[model.LabelOf(node.Definition)])
        {
            foreach (bool isV6 in node.Definition.AdditionalAddresses.Append(node.OuterAddress).Select(address => address.IsV6).Distinct())
                routes.AddDefault(machine, router, isV6);
            foreach (IpPrefix local in node.Definition.Endpoint.LocalNetworks.Concat(node.Definition.InnerNetworks).Distinct())
            {
                routes.Add(machine, PlannedRoute.MainTable, local, inside);
                routes.Add(machine, InsideTable, local, inside);
            }
        }
    }

    /// <summary>Everything that is not here goes to the devices, longer prefixes to those with a tunnel up for them; with a circuit the longest prefix counts, and for one prefix the circuit.</summary>
    static void LanRoutes(TopologyModel model, NamespacePlan plan, FabricState state, string lan, RouteList routes)
    {
        PlannedNamespace router = plan.Lans[lan];
        foreach (HostDefinition host in model.Hosts.Where(host => host.Network == lan))
            routes.AddOnLink(router, plan.Hosts[host.Name], host.Address);
        ImmutableArray<FabricNode> devices = [.. state.Nodes.Where(node => node.Definition.Lan == lan)];
        IpPrefix[] remote = [.. devices.SelectMany(device => device.Definition.Endpoint.Tunnels).SelectMany(tunnel => tunnel.Routes).Select(route => route.Prefix).Distinct()];
        (string Circuit, IpPrefix Prefix)[] announced =
        [
            .. from device in devices
               where device.Definition.ExpressRouteCircuit is not null
               from prefix in AnnouncedToSite(model, state, device.Definition.ExpressRouteCircuit!)
               select (device.Definition.ExpressRouteCircuit!, prefix),
        ];
        foreach (IpPrefix prefix in remote.Concat(announced.Select(one => one.Prefix)).Append(IpPrefix.AnyV4).Append(IpPrefix.AnyV6).Distinct())
        {
            if (prefix.Address.IsV6 && !plan.UsesV6)
                continue;
            int byDevice = remote.Where(one => one.Contains(prefix)).Select(one => one.Length).DefaultIfEmpty(-1).Max();
            (string? Circuit, IpPrefix Prefix) best = announced.Where(one => one.Prefix.Contains(prefix)).OrderByDescending(one => one.Prefix.Length).FirstOrDefault();
            if (best.Circuit is not null && best.Prefix.Length >= byDevice)
                routes.Add(router, PlannedRoute.MainTable, prefix, plan.Circuits[best.Circuit]);
            else
                routes.Add(router, PlannedRoute.MainTable, prefix, [.. Able(devices, prefix).Select(device => plan.Machines[model.LabelOf(device.Definition)][device.Machine])]);
        }
    }

    /// <summary>Those that have a tunnel up for it; where none has, those that run, so that a packet is counted where it would go.</summary>
    internal static IEnumerable<FabricNode> Able(IEnumerable<FabricNode> nodes, IpPrefix prefix)
    {
        FabricNode[] up = [.. nodes.Where(node => node.IsUpFor(prefix))];
        return up.Length > 0 ? up : nodes.Where(node => node.IsOn);
    }

    static void CircuitRoutes(TopologyModel model, NamespacePlan plan, FabricState state, string circuit, RouteList routes)
    {
        PlannedNamespace router = plan.Circuits[circuit];
        if (model.Nodes.FirstOrDefault(node => node.ExpressRouteCircuit == circuit) is NodeDefinition { Lan: string lan } site)
        {
            foreach (IpPrefix prefix in site.InnerNetworks)
                routes.Add(router, PlannedRoute.MainTable, prefix, plan.Lans[lan]);
        }
        foreach ((string network, IpPrefix prefix) in AzurePrefixes(model, state, circuit))
            routes.Add(router, PlannedRoute.MainTable, prefix, plan.Networks[network]);
    }

    static IEnumerable<IpPrefix> AnnouncedToSite(TopologyModel model, FabricState state, string circuit) =>
        state.CutCircuits.Contains(circuit) ? [] : AzurePrefixes(model, state, circuit).Select(one => one.Prefix);

    /// <summary>The prefixes of the virtual networks at its other end, and through which network they are reached.</summary>
    static IEnumerable<(string Network, IpPrefix Prefix)> AzurePrefixes(TopologyModel model, FabricState state, string circuit) =>
        from name in NamespacePlanner.CircuitGateways(model, circuit)
        let gateway = model.Azure.FindGateway(name)!
        from route in GatewayRoutingTable.Build(model.Azure, gateway, state.Sources(model)).Routes
        where route.IsOfAzure
        select (gateway.VirtualNetwork, route.Prefix);
}
