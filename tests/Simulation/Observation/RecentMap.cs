using System.Diagnostics.CodeAnalysis;

namespace Ipsec.Simulation.Observation;

/// <summary>The newest entries only, so that a long run does not remember everything.</summary>
sealed class RecentMap<TKey, TValue>(int kept) where TKey : notnull
{
    readonly Dictionary<TKey, TValue> _entries = [];
    readonly Queue<TKey> _order = new();

    public void Set(TKey key, TValue value)
    {
        if (_entries.TryAdd(key, value))
        {
            _order.Enqueue(key);
            if (_order.Count > kept)
                _entries.Remove(_order.Dequeue());
        }
        else
        {
            _entries[key] = value;
        }
    }

    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value) => _entries.TryGetValue(key, out value);
}
