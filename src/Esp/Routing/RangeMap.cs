using Ipsec.Net;

namespace Ipsec.Esp.Routing;

/// <summary>
/// Longest-prefix match for one address family as one sorted array of disjoint ranges: nested prefixes are flattened when the map
/// is built, so that a lookup is one binary search (18 steps at 100,000 prefixes), whatever prefix lengths are in use.
/// </summary>
sealed class RangeMap
{
    readonly UInt128[] _starts;
    readonly RouteTarget?[] _targets;

    RangeMap(List<UInt128> starts, List<RouteTarget?> targets)
    {
        _starts = [.. starts];
        _targets = [.. targets];
    }

    /// <param name="routes">All of one family; a prefix that stands twice takes the later target.</param>
    public static RangeMap Build(IEnumerable<Route> routes)
    {
        var starts = new List<UInt128>();
        var targets = new List<RouteTarget?>();
        var enclosing = new Stack<Route>();
        // A stable order in which every prefix comes after the ones that contain it.
        foreach (Route route in routes.OrderBy(route => route.Prefix.Address).ThenBy(route => route.Prefix.Length))
        {
            CloseBefore(route.Prefix.First.Bits);
            if (enclosing.Count > 0 && enclosing.Peek().Prefix == route.Prefix)
                enclosing.Pop();
            enclosing.Push(route);
            StartRange(route.Prefix.First.Bits, route.Target);
        }
        CloseBefore(null);
        return new RangeMap(starts, targets);

        void CloseBefore(UInt128? next)
        {
            while (enclosing.Count > 0 && (next is null || enclosing.Peek().Prefix.Last.Bits < next))
            {
                IpAddress last = enclosing.Pop().Prefix.Last;
                bool isEndOfFamily = last.Bits == (last.IsV6 ? UInt128.MaxValue : uint.MaxValue);
                if (!isEndOfFamily)
                    StartRange(last.Bits + 1, enclosing.Count > 0 ? enclosing.Peek().Target : null);
            }
        }

        void StartRange(UInt128 start, RouteTarget? target)
        {
            if (starts.Count > 0 && starts[^1] == start)
            {
                targets[^1] = target;
                return;
            }
            starts.Add(start);
            targets.Add(target);
        }
    }

    public bool TryLookup(UInt128 address, out RouteTarget target)
    {
        target = default;
        int low = 0;
        int high = _starts.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (_starts[middle] <= address)
                low = middle + 1;
            else
                high = middle;
        }
        if (low == 0 || _targets[low - 1] is not RouteTarget found)
            return false;
        target = found;
        return true;
    }
}
