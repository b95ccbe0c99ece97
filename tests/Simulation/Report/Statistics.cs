using System.Globalization;
using System.Text;

namespace Ipsec.Simulation.Report;

/// <summary>How often what happened.</summary>
sealed class Statistics
{
    readonly long[] _faults = new long[Enum.GetValues<FaultKind>().Length];
    readonly long[] _collisions = new long[Enum.GetValues<CollisionKind>().Length];
    readonly long[] _counts = new long[Enum.GetValues<CountKind>().Length];

    public void Add(FaultKind kind, long count = 1) => _faults[(int)kind] += count;

    public void Add(CollisionKind kind, long count = 1) => _collisions[(int)kind] += count;

    public void Add(CountKind kind, long count = 1) => _counts[(int)kind] += count;

    public long Of(FaultKind kind) => _faults[(int)kind];

    public long Of(CollisionKind kind) => _collisions[(int)kind];

    public long Of(CountKind kind) => _counts[(int)kind];

    public long Faults => _faults.Sum();

    public long Rekeys => Of(CountKind.ChildRekeys) + Of(CountKind.IkeRekeys);

    public void Add(Statistics other)
    {
        for (int i = 0; i < _faults.Length; i++)
            _faults[i] += other._faults[i];
        for (int i = 0; i < _collisions.Length; i++)
            _collisions[i] += other._collisions[i];
        for (int i = 0; i < _counts.Length; i++)
            _counts[i] += other._counts[i];
    }

    /// <summary>As <c>fault.loss=17 collision.simultaneous-child-rekey=3 count.child-rekeys=12</c>.</summary>
    public string ToFields()
    {
        StringBuilder text = new();
        foreach ((string name, long value) in Named())
            text.Append(CultureInfo.InvariantCulture, $" {name}={value}");
        return text.ToString();
    }

    public IEnumerable<(string Name, long Value)> Named()
    {
        foreach (CountKind kind in Enum.GetValues<CountKind>())
            yield return ($"count.{ToKebab(kind.ToString())}", Of(kind));
        foreach (FaultKind kind in Enum.GetValues<FaultKind>())
            yield return ($"fault.{ToKebab(kind.ToString())}", Of(kind));
        foreach (CollisionKind kind in Enum.GetValues<CollisionKind>())
            yield return ($"collision.{ToKebab(kind.ToString())}", Of(kind));
    }

    static string ToKebab(string pascal)
    {
        StringBuilder text = new();
        foreach (char letter in pascal)
        {
            if (char.IsUpper(letter) && text.Length > 0)
                text.Append('-');
            text.Append(char.ToLowerInvariant(letter));
        }
        return text.ToString();
    }
}
