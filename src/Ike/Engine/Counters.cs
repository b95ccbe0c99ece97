using System.Collections.Immutable;

namespace Ipsec.Ike.Engine;

/// <summary>How often what happened, by name. The names come from our own code only, so their number is bounded.</summary>
sealed class Counters
{
    readonly SortedDictionary<string, ulong> _counts = new(StringComparer.Ordinal);

    public void Add(string name) => _counts[name] = this[name] + 1;

    public ulong this[string name] => _counts.GetValueOrDefault(name);

    public ImmutableSortedDictionary<string, ulong> Snapshot() => _counts.ToImmutableSortedDictionary(StringComparer.Ordinal);
}
