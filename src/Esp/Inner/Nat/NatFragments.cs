using Ipsec.Net;

namespace Ipsec.Esp.Inner.Nat;

/// <summary>
/// What the first fragment of an IPv4 packet became, for those behind it, which have no ports. The oldest of a fixed number makes room for a new one; a
/// fragment that comes before the first one is not kept (RFC 4787 §11 leaves that open). Its owner holds a lock.
/// </summary>
sealed class NatFragments
{
    const int Slots = 64;

    // RFC 791 §3.2: the lower bound that it gives for reassembly.
    static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(15);

    readonly Entry[] _entries = new Entry[Slots];
    int _next;

    public void Remember(NatPacket first, IpAddress replacement, TimeSpan now)
    {
        Key key = KeyOf(first);
        int index = Find(key);
        if (index < 0)
        {
            index = _next;
            _next = (_next + 1) % Slots;
        }
        _entries[index] = new Entry(key, replacement, now + Lifetime);
    }

    public bool TryFind(NatPacket later, TimeSpan now, out IpAddress replacement)
    {
        int index = Find(KeyOf(later));
        replacement = index < 0 ? default : _entries[index].Replacement;
        return index >= 0 && now < _entries[index].Until;
    }

    int Find(in Key key)
    {
        for (int index = 0; index < Slots; index++)
        {
            if (_entries[index].Until > TimeSpan.Zero && _entries[index].Key == key)
                return index;
        }
        return -1;
    }

    static Key KeyOf(NatPacket packet) => new(packet.Source, packet.Destination, packet.Protocol, packet.Identification);

    readonly record struct Key(IpAddress Source, IpAddress Destination, byte Protocol, ushort Identification);

    readonly record struct Entry(Key Key, IpAddress Replacement, TimeSpan Until);
}
