using Ipsec.Lab.Topology;

namespace Ipsec.Lab.Run;

/// <summary>How a lab calls its nodes.</summary>
public static class NodeLabels
{
    /// <summary>The node's name, and its instance behind it where its gateway has more than one: "hub-gw", "hub-gw-1".</summary>
    public static string LabelOf(this TopologyModel model, NodeDefinition node) =>
        model.Nodes.Count(other => other.Name == node.Name) == 1 ? node.Name : $"{node.Name}-{node.Instance}";
}
