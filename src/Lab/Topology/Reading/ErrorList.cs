using System.Collections.Immutable;
using Ipsec.Lab.Topology.Arm;
using Ipsec.Lab.Topology.Yaml;

namespace Ipsec.Lab.Topology.Reading;

/// <summary>Collects what is wrong with one file.</summary>
sealed class ErrorList(string file)
{
    readonly List<TopologyError> _errors = [];
    readonly List<TopologyError> _warnings = [];

    public bool IsEmpty => _errors.Count == 0;

    public void Add(SourcedNode source, string message, string? armPath = null) => Add(source.Node.Mark, source.Key, message, armPath);

    /// <param name="key">Empty for the file as a whole.</param>
    /// <param name="message">Follows the key, or "The file"; its full stop is added.</param>
    public void Add(Mark mark, string key, string message, string? armPath = null) => _errors.Add(Of(mark, key, message, armPath));

    /// <summary>What the file may say and should not; said once.</summary>
    public void Warn(SourcedNode source, string message, string? armPath = null)
    {
        TopologyError warning = Of(source.Node.Mark, source.Key, message, armPath);
        if (!_warnings.Contains(warning))
            _warnings.Add(warning);
    }

    TopologyError Of(Mark mark, string key, string message, string? armPath) => new(file, mark.Line, mark.Column, Printable(key),
        armPath is null ? null : Printable(armPath), Printable($"{(key.Length == 0 ? "The file " : "")}{message}."));

    // Names out of the file end up on a terminal; an escape sequence among them would not stay text.
    static string Printable(string text) => text.Any(char.IsControl) ? string.Concat(text.Select(character => char.IsControl(character) ? '?' : character))
        : text;

    /// <summary>In the order of the file.</summary>
    public ImmutableArray<TopologyError> ToImmutable() => InOrder(_errors);

    /// <summary>In the order of the file.</summary>
    public ImmutableArray<TopologyError> Warnings => InOrder(_warnings);

    static ImmutableArray<TopologyError> InOrder(List<TopologyError> list) => [.. list.OrderBy(error => error.Line).ThenBy(error => error.Column)];
}
