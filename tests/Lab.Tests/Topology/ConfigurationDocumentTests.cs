using System.Text.RegularExpressions;
using Ipsec.Lab.Topology.Arm;
using Ipsec.Lab.Topology.Schema;

namespace Ipsec.Lab.Tests.Topology;

/// <summary>docs/configuration.md has a table for every mapping of the schema: the same keys, the same values, the same ARM paths.</summary>
public partial class ConfigurationDocumentTests
{
    static readonly ILookup<string, Row> Documented = ReadDocument().ToLookup(row => row.Definition);

    public static TheoryData<string> Definitions =>
        [.. SchemaDocument.Topology.Definitions.Where(definition => !definition.Value.Properties.IsEmpty).Select(definition => definition.Key)];

    [Theory]
    [MemberData(nameof(Definitions))]
    public void DocumentsTheKeysOfTheSchema(string definition) => Assert.Equal(
        SchemaDocument.Topology.Definition(definition).Properties.Select(property => property.Key).Order(StringComparer.Ordinal),
        Documented[definition].Select(row => row.Key).Order(StringComparer.Ordinal));

    [Fact]
    public void DocumentsNothingElse() => Assert.Empty(Documented.Select(group => group.Key).Except(Definitions.Select(row => row.Data)));

    [Theory]
    [MemberData(nameof(Definitions))]
    public void NamesRequiredKeysAndAcceptedValues(string definition)
    {
        SchemaNode schema = SchemaDocument.Topology.Definition(definition);
        foreach (Row row in Documented[definition])
        {
            SchemaNode property = Resolve(schema.FindProperty(row.Key)!);
            Assert.Equal(schema.Required.Contains(row.Key), row.Default == "required");
            if (row.Type.StartsWith('`'))
                Assert.Equal(property.Enum.Order(StringComparer.Ordinal),
                    CodeText().Matches(row.Type).Select(match => match.Groups[1].Value.Trim('"')).Order(StringComparer.Ordinal));
            if (RangeText().Match(row.Type) is { Success: true } range && property.Type == "integer")
                Assert.Equal((property.Minimum, property.Maximum), (decimal.Parse(range.Groups[1].Value), decimal.Parse(range.Groups[2].Value)));
        }
    }

    [Fact]
    public void EveryShorthandKeyHasItsArmPath()
    {
        Dictionary<string, string> definitions = new()
        {
            ["virtualNetwork"] = ArmShorthand.VirtualNetworks,
            ["virtualNetworkPeering"] = ArmShorthand.VirtualNetworkPeerings,
            ["expressRouteCircuit"] = ArmShorthand.ExpressRouteCircuits,
            ["virtualNetworkGateway"] = ArmShorthand.VirtualNetworkGateways,
            ["localNetworkGateway"] = ArmShorthand.LocalNetworkGateways,
            ["connection"] = ArmShorthand.Connections,
        };

        Assert.Equal(
            ArmShorthand.Rows.Select(row => $"{row.ResourceType} {row.Key} {row.ArmPath}").Order(StringComparer.Ordinal),
            definitions.SelectMany(pair => Documented[pair.Key].Select(row => $"{pair.Value} {row.Key} {row.ArmPath}")).Order(StringComparer.Ordinal));
    }

    static SchemaNode Resolve(SchemaNode schema) => schema.Reference is string name ? Resolve(SchemaDocument.Topology.Definition(name)) : schema;

    /// <summary>The rows of every table below a heading that ends in names of definitions.</summary>
    static IEnumerable<Row> ReadDocument()
    {
        string[] definitions = [];
        foreach (string line in File.ReadLines(Path.Combine(Samples.Root, "docs", "configuration.md")))
        {
            if (line.StartsWith('#'))
                definitions = [.. CodeText().Matches(line).Select(match => match.Groups[1].Value)];
            string[] cells = [.. line.Split('|').Select(cell => cell.Trim())];
            if (definitions.Length == 0 || cells.Length < 6 || !cells[1].StartsWith('`'))
                continue;
            foreach (string definition in definitions)
                yield return new Row(definition, cells[1].Trim('`'), cells[2], cells[3], cells.Length > 6 ? cells[5].Trim('`') : "");
        }
    }

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex CodeText();

    [GeneratedRegex("^([0-9]+) to ([0-9]+)$")]
    private static partial Regex RangeText();

    sealed record Row(string Definition, string Key, string Type, string Default, string ArmPath);
}
