using System.Text.RegularExpressions;
using Ipsec.Lab.Topology.Schema;
using Ipsec.Lab.Topology.Yaml;

namespace Ipsec.Lab.Topology.Arm;

/// <summary>
/// What a template computes when it is deployed, such as <c>[resourceId(…)]</c>: this format has values only, and says so before the place is
/// judged by what it should hold. One that nothing reads (the location, what a resource depends on) may stay.
/// </summary>
static partial class ArmExpressions
{
    static readonly string[] Unread = ["apiVersion", "id", "location", "tags", "dependsOn", "sku", "zones"];

    /// <summary>Every expression of the resources that are in full spelling, in the order of the file.</summary>
    public static IEnumerable<SchemaViolation> In(MappingNode root)
    {
        if (root["azure"] is not MappingNode azure || azure["resources"] is not SequenceNode resources)
            return [];
        return from resource in resources.Items.OfType<MappingNode>().Select((item, index) => (Item: item, Index: index))
               from entry in resource.Item.Entries
               where !Unread.Contains(entry.Key.Text)
               from violation in In(entry.Value, ["azure", "resources", $"[{resource.Index}]", entry.Key.Text])
               select violation;
    }

    static IEnumerable<SchemaViolation> In(Node node, string[] path) => node switch
    {
        MappingNode mapping => mapping.Entries.SelectMany(entry => In(entry.Value, [.. path, entry.Key.Text])),
        SequenceNode sequence => sequence.Items.SelectMany((item, index) => In(item, [.. path, $"[{index}]"])),
        ScalarNode { Type: ScalarType.Text } scalar when Expression().IsMatch(scalar.Text) =>
            [new SchemaViolation(scalar.Mark, [.. path], $"is an expression of an ARM template, which nothing evaluates here: {Instead(scalar.Text)}")],
        _ => [],
    };

    static string Instead(string expression) => expression.StartsWith("[resourceId(", StringComparison.OrdinalIgnoreCase)
        ? "write the resource's name, of a subnet NETWORK/SUBNET"
        : "write its value";

    /// <summary>A function's name and a parenthesis behind the bracket; ARM itself reads "[[" as a bracket and nothing more.</summary>
    [GeneratedRegex(@"^\[[A-Za-z][A-Za-z0-9_.]*\(.*\)[^\[\]]*\]\z", RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex Expression();
}
