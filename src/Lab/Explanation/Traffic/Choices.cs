namespace Ipsec.Lab.Explanation.Traffic;

/// <summary>
/// Where a flow's hash chooses among equals, every choice is tried: whoever follows a packet asks here, and follows it anew until all ways have been
/// gone, at most <see cref="MostWays"/>.
/// </summary>
sealed class Choices
{
    public const int MostWays = 64;

    readonly List<(int Taken, int Count)> _taken = [];
    int _position;
    int _ways = 1;

    /// <summary>One of these, another one on each way.</summary>
    public T Take<T>(IReadOnlyList<T> items)
    {
        if (items.Count == 1)
            return items[0];
        if (_position == _taken.Count)
            _taken.Add((0, items.Count));
        return items[_taken[_position++].Taken];
    }

    /// <summary>False once every way has been gone.</summary>
    public bool TryNext()
    {
        _position = 0;
        while (_taken.Count > 0 && _taken[^1].Taken + 1 >= _taken[^1].Count)
            _taken.RemoveAt(_taken.Count - 1);
        if (_taken.Count == 0 || _ways++ >= MostWays)
            return false;
        _taken[^1] = (_taken[^1].Taken + 1, _taken[^1].Count);
        return true;
    }
}
