using System.Collections.Immutable;

namespace Ipsec.Lab.Topology.Yaml;

/// <summary>Where a node begins in the file; both from 1.</summary>
readonly record struct Mark(int Line, int Column);

/// <summary>A YAML value with its place. Aliases are resolved: the same node may stand in several places.</summary>
abstract class Node(Mark mark)
{
    public Mark Mark { get; } = mark;

    /// <summary>"text", "a number" …: what it is, for a message that says what it should have been.</summary>
    public abstract string Kind { get; }
}

sealed class ScalarNode(Mark mark, string text, ScalarType type) : Node(mark)
{
    public string Text { get; } = text;
    public ScalarType Type { get; } = type;

    /// <summary>For a scalar of type <see cref="ScalarType.Boolean"/>.</summary>
    public bool IsTrue => Text.Equals("true", StringComparison.OrdinalIgnoreCase);

    public override string Kind => Type switch
    {
        ScalarType.Null => "nothing",
        ScalarType.Boolean => "true or false",
        ScalarType.Integer or ScalarType.Number => "a number",
        _ => "text",
    };
}

sealed class SequenceNode(Mark mark, ImmutableArray<Node> items) : Node(mark)
{
    public ImmutableArray<Node> Items { get; } = items;

    public override string Kind => "a list";
}

sealed class MappingNode(Mark mark, ImmutableArray<KeyValuePair<ScalarNode, Node>> entries) : Node(mark)
{
    /// <summary>In file order; no key comes twice.</summary>
    public ImmutableArray<KeyValuePair<ScalarNode, Node>> Entries { get; } = entries;

    public override string Kind => "a mapping";

    public Node? this[string key]
    {
        get
        {
            foreach ((ScalarNode candidate, Node value) in Entries)
            {
                if (candidate.Text == key)
                    return value;
            }
            return null;
        }
    }
}
