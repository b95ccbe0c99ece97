using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Ipsec.Lab.Topology.Schema;

/// <summary>One schema of the document: the keywords of D7, each null or empty where it is not said.</summary>
sealed record SchemaNode
{
    /// <summary>"object", "array", "string", "integer", "number" or "boolean".</summary>
    public string? Type { get; init; }

    /// <summary>Name of a schema in <c>$defs</c>.</summary>
    public string? Reference { get; init; }

    /// <summary>In the document's order.</summary>
    public ImmutableArray<KeyValuePair<string, SchemaNode>> Properties { get; init; } = [];
    public ImmutableArray<string> Required { get; init; } = [];

    /// <summary>False refuses keys that are no property and have no <see cref="AdditionalProperties"/>.</summary>
    public bool AllowsAdditional { get; init; } = true;
    public SchemaNode? AdditionalProperties { get; init; }
    public SchemaNode? Items { get; init; }
    public ImmutableArray<string> Enum { get; init; } = [];

    /// <summary>Text, or "true" or "false" with <see cref="IsBooleanConst"/>.</summary>
    public string? Const { get; init; }
    public bool IsBooleanConst { get; init; }
    public Regex? Pattern { get; init; }
    public string? Format { get; init; }
    public decimal? Minimum { get; init; }
    public decimal? Maximum { get; init; }
    public ImmutableArray<SchemaNode> OneOf { get; init; } = [];

    /// <summary>What a value must be, in words, where the keywords do not say it themselves.</summary>
    public string? Title { get; init; }

    public SchemaNode? FindProperty(string name)
    {
        foreach ((string key, SchemaNode schema) in Properties)
        {
            if (key == name)
                return schema;
        }
        return null;
    }
}
