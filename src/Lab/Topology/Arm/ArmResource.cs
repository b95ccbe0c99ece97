using Ipsec.Lab.Topology.Yaml;

namespace Ipsec.Lab.Topology.Arm;

/// <summary>
/// One ARM resource as a flat map from ARM path to the node in the file that gave it, whichever spelling the file used. The map is what the
/// resource is read from, and what an error's place is looked up in.
/// </summary>
sealed class ArmResource(string type, string name, SourcedNode source)
{
    readonly Dictionary<string, SourcedNode> _values = [];

    /// <summary>"virtualNetworks", without the provider.</summary>
    public string Type { get; } = type;
    public string Name { get; } = name;

    /// <summary>The resource itself in the file.</summary>
    public SourcedNode Source { get; } = source;

    public string ArmPath => $"{ArmShorthand.Provider}{Type}/{Name}";

    /// <summary>Puts a value and everything in it at an ARM path.</summary>
    public void Add(string armPath, SourcedNode value)
    {
        _values[armPath] = value;
        foreach ((string step, SourcedNode child) in value.Children())
            Add(armPath + step, child);
    }

    /// <summary>Puts another resource at an ARM path, as ARM has a child inside its parent.</summary>
    public void AddResource(string armPath, ArmResource child, string name)
    {
        _values[armPath] = child.Source;
        foreach ((string path, SourcedNode value) in child._values)
            _values[$"{armPath}.{path}"] = value;
        _values[$"{armPath}.name"] = child.Source with { Node = new ScalarNode(child.Source.Node.Mark, name, ScalarType.Text) };
    }

    public Node? Find(string armPath) => _values.TryGetValue(armPath, out SourcedNode value) ? value.Node : null;

    public string? Text(string armPath) => (Find(armPath) as ScalarNode)?.Text;

    /// <summary>Length of the list at a path; 0 where there is none.</summary>
    public int Count(string armPath)
    {
        int count = 0;
        while (_values.ContainsKey($"{armPath}[{count}]"))
            count++;
        return count;
    }

    /// <summary>The node that gave this path, or the nearest one above it.</summary>
    public SourcedNode SourceOf(string armPath)
    {
        for (string path = armPath; path.Length > 0; path = Parent(path))
        {
            // A list that the shorthand spells differently has a place where its first element has one.
            if (_values.TryGetValue(path, out SourcedNode value) || _values.TryGetValue($"{path}[0]", out value))
                return value;
        }
        return Source;
    }

    static string Parent(string path) => path[..Math.Max(0, path.LastIndexOfAny(['.', '[']))];
}

/// <summary>A node and the key path in the file under which it stands.</summary>
readonly record struct SourcedNode(Node Node, string Key)
{
    /// <summary>The direct children with the step that leads to them: ".name" or "[0]".</summary>
    public IEnumerable<(string Step, SourcedNode Child)> Children()
    {
        string key = Key;
        return Node switch
        {
            MappingNode mapping => mapping.Entries.Select(entry =>
                ($".{entry.Key.Text}", new SourcedNode(entry.Value, $"{key}.{entry.Key.Text}"))),
            SequenceNode sequence => sequence.Items.Select((item, index) => ($"[{index}]", new SourcedNode(item, $"{key}[{index}]"))),
            _ => [],
        };
    }
}
