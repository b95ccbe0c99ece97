using System.Collections.Immutable;
using Ipsec.EndpointHost.CommandLine;
using Ipsec.Lab.Topology;

namespace Ipsec.EndpointHost.Lab;

/// <summary>Which program plays which node of a lab.</summary>
static class NodePrograms
{
    /// <summary>The same lab with strongSwan in place of some nodes of ours; a gateway with all its instances.</summary>
    /// <exception cref="UserErrorException">The file has no such node.</exception>
    public static TopologyModel WithStrongSwan(TopologyModel model, IReadOnlyCollection<string> names)
    {
        string[] known = [.. model.Nodes.Select(node => node.Name).Distinct()];
        if (names.FirstOrDefault(name => !known.Contains(name)) is string unknown)
            throw new UserErrorException($"--strongswan names the node {unknown}; the nodes of {model.Name} are {string.Join(", ", known)}.");
        return model with { Nodes = [.. model.Nodes.Select(node => names.Contains(node.Name) ? node with { Program = NodeProgram.StrongSwan } : node)] };
    }

    /// <exception cref="UserErrorException">A node is another program than ours, which needs real networks.</exception>
    public static void RequireOwn(IEnumerable<NodeDefinition> nodes)
    {
        if (nodes.FirstOrDefault(node => node.Program != NodeProgram.Own) is NodeDefinition node)
            throw new UserErrorException($"{node.Name} is of kind strongswan, which runs on lab run --fabric netns and nowhere else.");
    }
}
