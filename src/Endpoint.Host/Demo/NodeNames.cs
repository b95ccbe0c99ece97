using Ipsec.Lab.Run;
using Ipsec.Lab.Topology;
using Ipsec.Net;

namespace Ipsec.EndpointHost.Demo;

/// <summary>Which node an outer address belongs to, and which of two nodes stands on the left of a ladder.</summary>
sealed class NodeNames
{
    readonly SortedDictionary<IpAddress, string> _byAddress = [];
    readonly SortedDictionary<(string, string), string> _left = [];

    public NodeNames(TopologyModel model)
    {
        foreach (NodeDefinition node in model.Nodes)
        {
            string label = model.LabelOf(node);
            _byAddress[node.OuterAddress] = label;
            if (node.NatAddress is IpAddress nat)
                _byAddress[nat] = label;
        }
        Width = _byAddress.Values.Max(label => label.Length);
    }

    /// <summary>Characters of the longest name.</summary>
    public int Width { get; }

    public string Of(IpAddress address) => _byAddress.TryGetValue(address, out string? label) ? label : address.ToString();

    /// <summary>Whoever of the two sent the first message stands left.</summary>
    public (string Left, string Right) Arrange(string sender, string receiver)
    {
        (string, string) pair = string.CompareOrdinal(sender, receiver) < 0 ? (sender, receiver) : (receiver, sender);
        if (!_left.TryGetValue(pair, out string? left))
            _left.Add(pair, left = sender);
        return left == sender ? (sender, receiver) : (receiver, sender);
    }
}
