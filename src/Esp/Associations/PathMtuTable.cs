using System.Collections.Immutable;
using Ipsec.Net;

namespace Ipsec.Esp.Associations;

/// <summary>
/// What outer paths carry where it is less than expected, by the peer's address. It is learned from ICMP that nobody has authenticated (RFC 4301 §8.1), so that
/// it is bounded below and forgotten after a while; whoever is wrong about it then makes packets smaller than need be, and no more.
/// </summary>
sealed class PathMtuTable
{
    /// <summary>RFC 1191 §6.3 and RFC 8201 §4: after this long it is tried again.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    /// <summary>What is known for less than this is not written down again.</summary>
    static readonly TimeSpan Refresh = TimeSpan.FromSeconds(1);

    /// <summary>RFC 791 §3.1: every host takes this much in one piece or in pieces; nobody needs to believe in less.</summary>
    public const int LeastV4 = 576;

    /// <summary>RFC 8200 §5.</summary>
    public const int LeastV6 = 1280;

    const int Capacity = 4096;

    ImmutableDictionary<IpAddress, Entry> _entries = ImmutableDictionary<IpAddress, Entry>.Empty;

    /// <summary>Called by any worker. False if it was known already.</summary>
    public bool Learn(IpAddress remote, int mtu, TimeSpan now)
    {
        mtu = Math.Max(mtu, remote.IsV6 ? LeastV6 : LeastV4);
        bool isKnown = _entries.TryGetValue(remote, out Entry entry) && entry.Until > now && entry.Mtu == mtu;
        // Where nothing smaller can be sent (IPv6 inside), every run teaches it again.
        if (!isKnown || entry.Until < now + Lifetime - Refresh)
            Write(remote, new Entry(mtu, now + Lifetime), now);
        return !isKnown;
    }

    void Write(IpAddress remote, Entry entry, TimeSpan now) => ImmutableInterlocked.Update(ref _entries,
        entries => (entries.Count < Capacity ? entries : Current(entries, now)).SetItem(remote, entry));

    /// <summary>Octets of the longest outer IP packet; null where nothing is known.</summary>
    public int? Find(IpAddress remote, TimeSpan now)
    {
        ImmutableDictionary<IpAddress, Entry> entries = _entries;
        return !entries.IsEmpty && entries.TryGetValue(remote, out Entry entry) && entry.Until > now ? entry.Mtu : null;
    }

    /// <summary>Of too many, those that are still true; if that is all of them, none.</summary>
    static ImmutableDictionary<IpAddress, Entry> Current(ImmutableDictionary<IpAddress, Entry> entries, TimeSpan now)
    {
        entries = entries.RemoveRange(entries.Where(pair => pair.Value.Until <= now).Select(pair => pair.Key));
        return entries.Count < Capacity ? entries : ImmutableDictionary<IpAddress, Entry>.Empty;
    }

    readonly record struct Entry(int Mtu, TimeSpan Until);
}
