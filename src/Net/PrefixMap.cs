using System.Diagnostics.CodeAnalysis;
using System.Numerics;

namespace Ipsec.Net;

/// <summary>
/// Longest-prefix match over both address families. Per family one sorted array of disjoint ranges: nested prefixes are flattened when the map is built, so
/// that a lookup is one binary search (18 steps at 100,000 prefixes), whatever prefix lengths are in use, and allocates nothing. Immutable.
/// </summary>
/// <typeparam name="TValue">What a prefix leads to.</typeparam>
public sealed class PrefixMap<TValue> where TValue : notnull
{
    // Four octets for an IPv4 address and not sixteen: the larger the map, the more of it has to be in the processor's cache.
    readonly Ranges<uint> _v4;
    readonly Ranges<UInt128> _v6;

    /// <param name="entries">In any order; a prefix that stands twice takes the later value.</param>
    public PrefixMap(IEnumerable<KeyValuePair<IpPrefix, TValue>> entries)
    {
        // A stable order in which every prefix comes after the ones that contain it.
        KeyValuePair<IpPrefix, TValue>[] sorted = [.. entries.OrderBy(entry => entry.Key.Address).ThenBy(entry => entry.Key.Length)];
        _v4 = Ranges<uint>.Build(sorted.Where(entry => entry.Key.Address.IsV4));
        _v6 = Ranges<UInt128>.Build(sorted.Where(entry => entry.Key.Address.IsV6));
    }

    /// <summary>The value of the longest prefix that contains the address; false if there is none.</summary>
    public bool TryLookup(IpAddress address, [MaybeNullWhen(false)] out TValue value) =>
        address.IsV6 ? _v6.TryLookup(address.Bits, out value) : _v4.TryLookup((uint)address.Bits, out value);

    /// <summary>Of one family; each range begins where its start says and ends before the next one.</summary>
    sealed class Ranges<TAddress>(TAddress[] starts, (bool HasValue, TValue? Value)[] values) where TAddress : IBinaryInteger<TAddress>, IMinMaxValue<TAddress>
    {
        public static Ranges<TAddress> Build(IEnumerable<KeyValuePair<IpPrefix, TValue>> sorted)
        {
            var starts = new List<TAddress>();
            var values = new List<(bool, TValue?)>();
            var enclosing = new Stack<KeyValuePair<IpPrefix, TValue>>();
            foreach (KeyValuePair<IpPrefix, TValue> entry in sorted)
            {
                TAddress first = Number(entry.Key.First);
                CloseBefore(first, isEnd: false);
                if (enclosing.Count > 0 && enclosing.Peek().Key == entry.Key)
                    enclosing.Pop();
                enclosing.Push(entry);
                StartRange(first, (true, entry.Value));
            }
            CloseBefore(TAddress.MaxValue, isEnd: true);
            return new Ranges<TAddress>([.. starts], [.. values]);

            void CloseBefore(TAddress next, bool isEnd)
            {
                while (enclosing.Count > 0 && (isEnd || Number(enclosing.Peek().Key.Last) < next))
                {
                    TAddress last = Number(enclosing.Pop().Key.Last);
                    if (last != TAddress.MaxValue)
                        StartRange(last + TAddress.One, enclosing.Count > 0 ? (true, enclosing.Peek().Value) : default);
                }
            }

            void StartRange(TAddress start, (bool, TValue?) value)
            {
                if (starts.Count > 0 && starts[^1] == start)
                {
                    values[^1] = value;
                    return;
                }
                starts.Add(start);
                values.Add(value);
            }
        }

        public bool TryLookup(TAddress address, [MaybeNullWhen(false)] out TValue value)
        {
            int low = 0;
            int high = starts.Length;
            while (low < high)
            {
                int middle = (low + high) >>> 1;
                if (starts[middle] <= address)
                    low = middle + 1;
                else
                    high = middle;
            }
            (bool hasValue, value) = low == 0 ? default : values[low - 1];
            return hasValue;
        }

        static TAddress Number(IpAddress address) => TAddress.CreateTruncating(address.Bits);
    }
}
