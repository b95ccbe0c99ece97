using System.Collections.Immutable;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Ipsec.Lab.Topology.Schema;

/// <summary>
/// The schema of a file format: <c>docs/topology.schema.json</c> or <c>docs/device-profile.schema.json</c>, which are embedded and are what the parser
/// enforces.
/// </summary>
sealed class SchemaDocument
{
    const string ReferencePrefix = "#/$defs/";

    static readonly Lazy<SchemaDocument> EmbeddedTopology = new(() => Parse(ReadEmbedded("topology.schema.json")));
    static readonly Lazy<SchemaDocument> EmbeddedProfile = new(() => Parse(ReadEmbedded("device-profile.schema.json")));

    readonly Dictionary<string, SchemaNode> _definitions = [];

    SchemaDocument(SchemaNode root) => Root = root;

    public static SchemaDocument Topology => EmbeddedTopology.Value;

    public static SchemaDocument DeviceProfile => EmbeddedProfile.Value;

    public SchemaNode Root { get; }

    /// <summary>By name, from <c>$defs</c>.</summary>
    public IReadOnlyDictionary<string, SchemaNode> Definitions => _definitions;

    public SchemaNode Definition(string name) => _definitions[name];

    /// <exception cref="FormatException">The document uses a keyword that the validator does not know, or a reference that leads nowhere.</exception>
    public static SchemaDocument Parse(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        SchemaDocument result = new(ParseNode(document.RootElement));
        if (document.RootElement.TryGetProperty("$defs", out JsonElement definitions))
        {
            foreach (JsonProperty definition in definitions.EnumerateObject())
                result._definitions.Add(definition.Name, ParseNode(definition.Value));
        }
        foreach (SchemaNode definition in result._definitions.Values.Append(result.Root))
            result.CheckReferences(definition);
        return result;
    }

    static string ReadEmbedded(string name)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!;
        byte[] octets = new byte[stream.Length];
        stream.ReadExactly(octets);
        return Encoding.UTF8.GetString(octets);
    }

    static SchemaNode ParseNode(JsonElement schema)
    {
        SchemaNode node = new();
        foreach (JsonProperty keyword in schema.EnumerateObject())
        {
            JsonElement value = keyword.Value;
            node = keyword.Name switch
            {
                "type" => node with { Type = value.GetString() },
                "$ref" => node with { Reference = ReferenceName(value.GetString()!) },
                "properties" => node with { Properties = ParseProperties(value) },
                "required" => node with { Required = Texts(value) },
                "additionalProperties" when value.ValueKind is JsonValueKind.True or JsonValueKind.False => node with { AllowsAdditional = value.GetBoolean() },
                "additionalProperties" => node with { AdditionalProperties = ParseNode(value) },
                "items" => node with { Items = ParseNode(value) },
                "enum" => node with { Enum = Texts(value) },
                "const" when value.ValueKind is JsonValueKind.True or JsonValueKind.False =>
                    node with { Const = value.GetBoolean() ? "true" : "false", IsBooleanConst = true },
                "const" => node with { Const = value.GetString() },
                "pattern" => node with { Pattern = new Regex(value.GetString()!, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking) },
                "format" => node with { Format = value.GetString() },
                "minimum" => node with { Minimum = value.GetDecimal() },
                "maximum" => node with { Maximum = value.GetDecimal() },
                "oneOf" => node with { OneOf = [.. value.EnumerateArray().Select(ParseNode)] },
                "title" => node with { Title = value.GetString() },
                "$schema" or "$defs" or "description" => node,
                _ => throw new FormatException($"The schema keyword '{keyword.Name}' is not one that the validator knows."),
            };
        }
        return node;
    }

    static ImmutableArray<KeyValuePair<string, SchemaNode>> ParseProperties(JsonElement properties) =>
        [.. properties.EnumerateObject().Select(property => KeyValuePair.Create(property.Name, ParseNode(property.Value)))];

    static ImmutableArray<string> Texts(JsonElement list) => [.. list.EnumerateArray().Select(item => item.GetString()!)];

    static string ReferenceName(string reference) => reference.StartsWith(ReferencePrefix, StringComparison.Ordinal)
        ? reference[ReferencePrefix.Length..]
        : throw new FormatException($"The schema reference '{reference}' does not begin with {ReferencePrefix}.");

    void CheckReferences(SchemaNode node)
    {
        if (node.Reference is string name && !_definitions.ContainsKey(name))
            throw new FormatException($"The schema has no definition '{name}'.");
        foreach (SchemaNode child in Children(node))
            CheckReferences(child);
    }

    static IEnumerable<SchemaNode> Children(SchemaNode node) =>
        node.Properties.Select(property => property.Value)
            .Concat(node.OneOf)
            .Concat(new[] { node.AdditionalProperties, node.Items }.OfType<SchemaNode>());
}
