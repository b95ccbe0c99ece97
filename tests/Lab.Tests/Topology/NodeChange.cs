using Ipsec.Lab.Topology.Yaml;

namespace Ipsec.Lab.Tests.Topology;

/// <summary>Changes one place of a tree: takes a key away, adds one, or puts another value there.</summary>
static class NodeChange
{
    /// <summary>Steps from the root: indices of entries and items.</summary>
    public sealed record Place(Node Node, int[] Steps);

    /// <summary>Values that are right in one place of the format and wrong in others.</summary>
    static readonly (string Text, ScalarType Type)[] Scalars =
    [
        ("", ScalarType.Null), ("true", ScalarType.Boolean), ("false", ScalarType.Boolean), ("0", ScalarType.Integer), ("-1", ScalarType.Integer),
        ("9", ScalarType.Integer), ("70000", ScalarType.Integer), ("99999999999", ScalarType.Integer), ("1.5", ScalarType.Number), ("", ScalarType.Text),
        ("x", ScalarType.Text), ("a b", ScalarType.Text), ("any", ScalarType.Text), ("10.1.0.0/16", ScalarType.Text), ("10.1.0.1/16", ScalarType.Text),
        ("10.1.0.0/33", ScalarType.Text), ("10.1.0.1", ScalarType.Text), ("010.1.0.1", ScalarType.Text), ("10.1.1", ScalarType.Text),
        ("0.0.0.0", ScalarType.Text), ("fd00::1", ScalarType.Text), ("fd00::/64", ScalarType.Text), ("fd00::1/64", ScalarType.Text),
            ("::ffff:10.1.0.1", ScalarType.Text),
        ("10.1.0.0-10.1.0.9", ScalarType.Text), ("10.1.0.9-10.1.0.0", ScalarType.Text), ("10.2.0.0/24[tcp/443]", ScalarType.Text), ("5s", ScalarType.Text),
            ("5", ScalarType.Text),
        ("1.5h", ScalarType.Text), ("5 s", ScalarType.Text), ("20%", ScalarType.Text), ("101%", ScalarType.Text), ("VpnGw1", ScalarType.Text),
            ("Default", ScalarType.Text),
        ("IKEv2", ScalarType.Text), ("yes", ScalarType.Text), ("start", ScalarType.Text), ("keep", ScalarType.Text), ("hub/GatewaySubnet", ScalarType.Text),
        ("ping a -> b", ScalarType.Text), ("ping a -> b count 0", ScalarType.Text), ("tunnel a is down", ScalarType.Text),
            ("tunnel a fails no-proposal-chosen", ScalarType.Text),
    ];

    public static IEnumerable<Place> Places(Node root) => Walk(root, []);

    public static Node Apply(Node root, Place place, Random random) => Replace(root, place.Steps, 0, node => Changed(node, random));

    static IEnumerable<Place> Walk(Node node, int[] steps)
    {
        yield return new Place(node, steps);
        Node[] children = node switch
        {
            MappingNode mapping => [.. mapping.Entries.Select(entry => entry.Value)],
            SequenceNode sequence => [.. sequence.Items],
            _ => [],
        };
        for (int index = 0; index < children.Length; index++)
        {
            foreach (Place place in Walk(children[index], [.. steps, index]))
                yield return place;
        }
    }

    static Node Replace(Node node, int[] steps, int depth, Func<Node, Node> change)
    {
        if (depth == steps.Length)
            return change(node);
        int index = steps[depth];
        return node switch
        {
            MappingNode mapping => new MappingNode(node.Mark, mapping.Entries.SetItem(index,
                KeyValuePair.Create(mapping.Entries[index].Key, Replace(mapping.Entries[index].Value, steps, depth + 1, change)))),
            SequenceNode sequence => new SequenceNode(node.Mark, sequence.Items.SetItem(index, Replace(sequence.Items[index], steps, depth + 1, change))),
            _ => node,
        };
    }

    static Node Changed(Node node, Random random)
    {
        (string text, ScalarType type) = Scalars[random.Next(Scalars.Length)];
        ScalarNode scalar = new(node.Mark, text, type);
        return node switch
        {
            // The root stays a mapping: anything else is no topology before the schema is asked.
            MappingNode { Entries.Length: > 0 } mapping => random.Next(2) == 0
                ? new MappingNode(node.Mark, mapping.Entries.RemoveAt(random.Next(mapping.Entries.Length)))
                : new MappingNode(node.Mark, mapping.Entries.Add(KeyValuePair.Create(new ScalarNode(node.Mark, "other", ScalarType.Text), (Node)scalar))),
            SequenceNode sequence when random.Next(2) == 0 => new SequenceNode(node.Mark, sequence.Items.Add(scalar)),
            _ => random.Next(6) switch
            {
                0 => new SequenceNode(node.Mark, [scalar]),
                1 => new MappingNode(node.Mark, [KeyValuePair.Create(new ScalarNode(node.Mark, "other", ScalarType.Text), (Node)scalar)]),
                _ => scalar,
            },
        };
    }
}
