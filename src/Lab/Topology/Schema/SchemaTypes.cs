using System.Text;
using Ipsec.Lab.Topology.Yaml;

namespace Ipsec.Lab.Topology.Schema;

/// <summary>JSON Schema's types over YAML nodes, and the words for them.</summary>
static class SchemaTypes
{
    const int MaximumShown = 60;

    public static bool Matches(Node node, string type) => type switch
    {
        "object" => node is MappingNode,
        "array" => node is SequenceNode,
        "string" => node is ScalarNode { Type: ScalarType.Text },
        "integer" => node is ScalarNode { Type: ScalarType.Integer },
        "number" => node is ScalarNode { Type: ScalarType.Integer or ScalarType.Number },
        "boolean" => node is ScalarNode { Type: ScalarType.Boolean },
        _ => false,
    };

    public static string InWords(string type) => type switch
    {
        "object" => "a mapping",
        "array" => "a list",
        "string" => "text (in quotes where it looks like something else)",
        "integer" => "a whole number",
        "number" => "a number",
        _ => "true or false",
    };

    /// <summary>"A, B or C".</summary>
    public static string Choice(IReadOnlyList<string> values) => values.Count == 1
        ? values[0]
        : $"{string.Join(", ", values.Take(values.Count - 1))} or {values[^1]}";

    /// <summary>What the file has there; text in quotes and short, never with a control character.</summary>
    /// <param name="withText">False for values that may be secrets: only their kind.</param>
    public static string Shown(Node node, bool withText = true)
    {
        if (!withText || node is not ScalarNode { Type: ScalarType.Text } scalar)
            return node is ScalarNode { Type: ScalarType.Integer or ScalarType.Number or ScalarType.Boolean } plain && withText ? plain.Text : node.Kind;
        StringBuilder text = new("'");
        foreach (char character in scalar.Text.AsSpan(0, Math.Min(MaximumShown, scalar.Text.Length)))
            text.Append(char.IsControl(character) ? '?' : character);
        return text.Append(scalar.Text.Length > MaximumShown ? "…'" : "'").ToString();
    }
}
