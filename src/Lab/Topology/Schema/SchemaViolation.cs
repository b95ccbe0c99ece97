using System.Collections.Immutable;
using Ipsec.Lab.Topology.Yaml;

namespace Ipsec.Lab.Topology.Schema;

/// <summary>One place where a file and the schema disagree.</summary>
/// <param name="Path">The steps from the root: keys, and "[0]" for the elements of a list.</param>
/// <param name="Message">Follows the path in one sentence; without a full stop.</param>
sealed record SchemaViolation(Mark Mark, ImmutableArray<string> Path, string Message)
{
    /// <summary>"sites.branch.networks[0]".</summary>
    public string Key => string.Concat(Path.Select((step, index) => index == 0 || step.StartsWith('[') ? step : $".{step}"));
}
