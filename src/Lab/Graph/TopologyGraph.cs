using System.Collections.Immutable;
using Ipsec.Azure;
using Ipsec.Azure.Resources;
using Ipsec.Endpoint;
using Ipsec.Lab.Topology;
using Ipsec.Net;

namespace Ipsec.Lab.Graph;

/// <summary>A topology as a drawing: boxes with what is in them, and links. What draws it decides where things stand.</summary>
sealed record TopologyGraph(string Title, ImmutableArray<GraphBox> Boxes, ImmutableArray<GraphLink> Links)
{
    public static TopologyGraph Of(TopologyModel model) =>
        new(model.Name, [.. Networks(model), .. Sites(model)], [.. Tunnels(model), .. Peerings(model), .. Circuits(model)]);

    static IEnumerable<GraphBox> Networks(TopologyModel model)
    {
        AzureEnvironment azure = model.Azure;
        foreach (VirtualNetwork network in azure.VirtualNetworks)
        {
            List<GraphItem> items = [];
            foreach (VirtualNetworkGateway gateway in azure.VirtualNetworkGateways.Where(gateway => gateway.VirtualNetwork == network.Name))
            {
                if (!gateway.IsVpn)
                    items.Add(new GraphItem(GatewayId(gateway.Name, 0), GraphItemKind.Gateway, [gateway.Name, $"ExpressRoute gateway {gateway.Sku}"]));
                for (int instance = 0; gateway.IsVpn && instance < gateway.IpConfigurations.Length; instance++)
                {
                    string name = gateway.IpConfigurations.Length > 1 ? $"{gateway.Name} instance {instance}" : gateway.Name;
                    items.Add(new GraphItem(GatewayId(gateway.Name, instance), GraphItemKind.Gateway,
                        [name, $"VPN gateway {gateway.Sku}", azure.PublicAddressOf(gateway, instance).ToString()]));
                }
            }
            items.AddRange(model.Hosts.Where(host => host.Network.StartsWith($"{network.Name}/", StringComparison.Ordinal)).Select(Host));
            yield return new GraphBox($"vnet-{network.Name}", GraphBoxKind.VirtualNetwork, $"virtual network {network.Name}", Join(network.AddressPrefixes),
                [.. items]);
        }
    }

    static IEnumerable<GraphBox> Sites(TopologyModel model) => model.Nodes.Where(node => node.Kind == NodeKind.Device).Select(node =>
    {
        string address = node.NatAddress is IpAddress nat ? $"{node.OuterAddress} behind {nat}" : $"{node.OuterAddress}";
        var device = new GraphItem(NodeId(node), GraphItemKind.Device, [$"device {node.Profile}", address]);
        return new GraphBox($"site-{node.Name}", GraphBoxKind.Site, $"site {node.Name}", Join(node.InnerNetworks),
            [device, .. model.Hosts.Where(host => host.Network == node.Name).Select(Host)]);
    });

    /// <summary>One link for each pair of endpoints that have a tunnel for each other, or of which one has.</summary>
    static IEnumerable<GraphLink> Tunnels(TopologyModel model)
    {
        HashSet<(string, string)> drawn = [];
        foreach (NodeDefinition node in model.Nodes)
        {
            foreach (TunnelConfiguration tunnel in node.Endpoint.Tunnels)
            {
                NodeDefinition? peer = model.Nodes.FirstOrDefault(other => other != node && IsDialled(model, tunnel, other)
                    && (other.NatAddress is null || HasTunnel(other, tunnel.Connection.Name)));
                if (peer is null)
                    continue;
                (string from, string to) = (NodeId(node), NodeId(peer));
                if (drawn.Contains((to, from)) || !drawn.Add((from, to)))
                    continue;
                yield return new GraphLink(from, to, GraphLinkKind.Tunnel, BaseName(tunnel.Connection.Name));
            }
        }
    }

    static IEnumerable<GraphLink> Peerings(TopologyModel model)
    {
        HashSet<(string, string)> drawn = [];
        foreach (VirtualNetworkPeering peering in model.Azure.VirtualNetworkPeerings)
        {
            if (drawn.Contains((peering.RemoteVirtualNetwork, peering.VirtualNetwork)) || !drawn.Add((peering.VirtualNetwork, peering.RemoteVirtualNetwork)))
                continue;
            VirtualNetworkPeering? opposite = model.Azure.FindOpposite(peering);
            bool isTransit = peering.UseRemoteGateways || opposite is { UseRemoteGateways: true };
            yield return new GraphLink($"vnet-{peering.VirtualNetwork}", $"vnet-{peering.RemoteVirtualNetwork}", GraphLinkKind.Peering, isTransit
                ? "peering, gateway transit" : "peering");
        }
    }

    static IEnumerable<GraphLink> Circuits(TopologyModel model) =>
        from connection in model.Azure.Connections
        where connection.ConnectionType == VirtualNetworkGatewayConnectionType.ExpressRoute
        from node in model.Nodes
        where node.ExpressRouteCircuit is not null && node.ExpressRouteCircuit == connection.Peer
        select new GraphLink(GatewayId(connection.VirtualNetworkGateway1, 0), NodeId(node), GraphLinkKind.Circuit, $"ExpressRoute {connection.Peer}");

    static GraphItem Host(HostDefinition host) => new($"host-{host.Name}", GraphItemKind.Host, [host.Name, host.Address.ToString()]);

    static string GatewayId(string name, int instance) => $"gateway-{name}-{instance}";

    static string NodeId(NodeDefinition node) => node.Kind == NodeKind.AzureGateway ? GatewayId(node.Name, node.Instance) : $"device-{node.Name}";

    static bool IsDialled(TopologyModel model, TunnelConfiguration tunnel, NodeDefinition node) => tunnel.Connection.RemoteName is string name
        ? node.Name == name || model.Names.Any(one => one.Name == name && one.Targets.Contains(node.Name))
        : (node.NatAddress ?? node.OuterAddress) == tunnel.Connection.RemoteAddress;

    static bool HasTunnel(NodeDefinition node, string name) => node.Endpoint.Tunnels.Any(tunnel => BaseName(tunnel.Connection.Name) == BaseName(name));

    /// <summary>A tunnel to the second instance of a gateway has the connection's name with "/1" behind it.</summary>
    static string BaseName(string name) => name.Split('/')[0];

    static string Join(ImmutableArray<IpPrefix> prefixes) => string.Join(", ", prefixes);
}

/// <summary>A virtual network or a site.</summary>
sealed record GraphBox(string Id, GraphBoxKind Kind, string Title, string Subtitle, ImmutableArray<GraphItem> Items);

enum GraphBoxKind
{
    VirtualNetwork,
    Site,
}

/// <summary>Something in a box.</summary>
/// <param name="Lines">At least one.</param>
sealed record GraphItem(string Id, GraphItemKind Kind, ImmutableArray<string> Lines);

enum GraphItemKind
{
    Gateway,
    Device,
    Host,
}

/// <param name="From">The id of an item, or of a box.</param>
sealed record GraphLink(string From, string To, GraphLinkKind Kind, string Label);

enum GraphLinkKind
{
    Tunnel,
    Peering,
    Circuit,
}
