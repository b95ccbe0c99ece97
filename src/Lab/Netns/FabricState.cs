using System.Collections.Immutable;
using Ipsec.Azure.Routing;
using Ipsec.Lab.Topology;
using Ipsec.Net;

namespace Ipsec.Lab.Netns;

/// <summary>What routes of a lab depend on beside the file.</summary>
/// <param name="Nodes">In the order of the file.</param>
/// <param name="CutCircuits">Circuits whose routes have been withdrawn.</param>
public sealed record FabricState(ImmutableArray<FabricNode> Nodes, ImmutableArray<string> CutCircuits)
{
    /// <summary>Everything runs, nothing is up yet.</summary>
    public static FabricState Initial(TopologyModel model) => new([.. model.Nodes.Select(node => new FabricNode(node, node.OuterAddress, 0, true, []))], []);

    internal GatewayRouteSources Sources(TopologyModel model) => new()
    {
        Circuits = [.. model.Nodes.Where(node => node.ExpressRouteCircuit is not null).Select(node => new CircuitAnnouncement(node.ExpressRouteCircuit!, node.Name, node.InnerNetworks))],
        CutCircuits = CutCircuits,
    };
}

/// <summary>A node at a moment.</summary>
/// <param name="Machine">The index of the machine that serves its address.</param>
/// <param name="Up">Names of connections that have a child SA.</param>
public sealed record FabricNode(NodeDefinition Definition, IpAddress OuterAddress, int Machine, bool IsOn, ImmutableSortedSet<string> Up)
{
    /// <summary>A tunnel for the whole prefix has a child SA.</summary>
    internal bool IsUpFor(IpPrefix prefix) => IsOn && Definition.Endpoint.Tunnels.Any(tunnel => Up.Contains(tunnel.Connection.Name)
        && (tunnel.Routes.IsEmpty || tunnel.Routes.Any(route => route.Prefix.Contains(prefix))));
}
