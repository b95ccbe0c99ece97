using System.Collections.Immutable;
using System.Globalization;
using Ipsec.Lab.Topology.Arm;
using Ipsec.Lab.Topology.Yaml;
using Ipsec.Net;

namespace Ipsec.Lab.Topology.Reading;

/// <summary>
/// Reads the keys of one mapping. The file has passed the schema, so kinds, required keys and formats are known to be right, and a key is
/// either there and valid or not there.
/// </summary>
readonly struct NodeReader(SourcedNode source)
{
    public SourcedNode Source { get; } = source;

    public SourcedNode? Find(string key) => Source.Node is MappingNode mapping && mapping[key] is Node node
        ? new SourcedNode(node, $"{Source.Key}.{key}".TrimStart('.'))
        : null;

    public NodeReader? Child(string key) => Find(key) is SourcedNode child ? new NodeReader(child) : null;

    public string? Text(string key) => Find(key) is { Node: ScalarNode scalar } ? scalar.Text : null;

    public bool? Flag(string key) => Find(key) is { Node: ScalarNode scalar } ? scalar.IsTrue : null;

    public int? Integer(string key) => Text(key) is string text ? int.Parse(text, CultureInfo.InvariantCulture) : null;

    public ulong? Count(string key) => Text(key) is string text ? ulong.Parse(text, CultureInfo.InvariantCulture) : null;

    public ushort? Port(string key) => (ushort?)Integer(key);

    public double? Number(string key) => Text(key) is string text ? double.Parse(text, CultureInfo.InvariantCulture) : null;

    public IpAddress? Address(string key) => Text(key) is string text ? IpAddress.Parse(text) : null;

    public TimeSpan? Duration(string key) => Text(key) is string text && ScalarText.TryDuration(text, out TimeSpan duration) ? duration : null;

    public double? Percent(string key) => Text(key) is string text && ScalarText.TryPercent(text, out double fraction) ? fraction : null;

    public ImmutableArray<IpPrefix>? Prefixes(string key) => Find(key) is null ? null : [.. Items(key).Select(item => IpPrefix.Parse(TextOf(item)))];

    public ImmutableArray<IpAddress> Addresses(string key) => [.. Items(key).Select(item => IpAddress.Parse(TextOf(item)))];

    /// <summary>The elements of a list, or the values of a mapping; none where the key is not there.</summary>
    public IEnumerable<SourcedNode> Items(string key) => Find(key) is SourcedNode node ? node.Children().Select(child => child.Child) : [];

    /// <summary>The entries of a mapping from names; none where the key is not there.</summary>
    public IEnumerable<(string Name, NodeReader Value)> Named(string key) =>
        Find(key) is SourcedNode node ? node.Children().Select(child => (child.Step[1..], new NodeReader(child.Child))) : [];

    public static string TextOf(SourcedNode node) => ((ScalarNode)node.Node).Text;
}
