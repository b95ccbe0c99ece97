using System.Collections.Concurrent;
using Ipsec.Net;

namespace Ipsec.Esp.Associations;

/// <summary>
/// Selectors whose remote addresses are a prefix, by that prefix: a search asks once for each prefix length that is in use. The control face changes it,
/// workers read it at any time; no array is ever changed.
/// </summary>
sealed class SelectorIndex
{
    const int LengthsV4 = 33;
    const int LengthsV6 = 129;

    readonly ConcurrentDictionary<IpPrefix, OutboundSelector[]> _byPrefix = new();
    readonly int[] _prefixesV4 = new int[LengthsV4];
    readonly int[] _prefixesV6 = new int[LengthsV6];
    byte[] _lengthsV4 = [];
    byte[] _lengthsV6 = [];

    /// <summary>Called by the control face, one call at a time.</summary>
    public void Add(IpPrefix prefix, in OutboundSelector selector)
    {
        OutboundSelector[] others = Find(prefix);
        _byPrefix[prefix] = OutboundSelector.Insert(others, selector);
        if (others.Length == 0)
            Count(prefix, 1);
    }

    /// <summary>Called by the control face, one call at a time.</summary>
    public void Remove(IpPrefix prefix, TunnelSa sa)
    {
        if (!_byPrefix.TryGetValue(prefix, out OutboundSelector[]? selectors))
            return;
        OutboundSelector[] others = OutboundSelector.Without(selectors, sa);
        if (others.Length > 0)
        {
            _byPrefix[prefix] = others;
            return;
        }
        _byPrefix.TryRemove(prefix, out _);
        Count(prefix, -1);
    }

    /// <summary>The prefix lengths in use, the longest first.</summary>
    public ReadOnlySpan<byte> Lengths(bool isV6) => Volatile.Read(ref isV6 ? ref _lengthsV6 : ref _lengthsV4);

    /// <summary>In the order in which they are taken.</summary>
    public OutboundSelector[] Find(IpPrefix prefix) => _byPrefix.TryGetValue(prefix, out OutboundSelector[]? selectors) ? selectors : [];

    void Count(IpPrefix prefix, int change)
    {
        int[] prefixes = prefix.Address.IsV6 ? _prefixesV6 : _prefixesV4;
        prefixes[prefix.Length] += change;
        byte[] lengths = [.. Enumerable.Range(0, prefixes.Length).Reverse().Where(length => prefixes[length] > 0).Select(length => (byte)length)];
        Volatile.Write(ref prefix.Address.IsV6 ? ref _lengthsV6 : ref _lengthsV4, lengths);
    }
}
