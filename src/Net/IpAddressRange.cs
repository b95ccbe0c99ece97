namespace Ipsec.Net;

/// <summary>First to last address of one family, both included. Never empty.</summary>
public readonly record struct IpAddressRange
{
    /// <exception cref="ArgumentException">The families differ or the last address is below the first.</exception>
    public IpAddressRange(IpAddress first, IpAddress last)
    {
        if (first.IsV6 != last.IsV6 || last < first)
            throw new ArgumentException("An address range runs upwards within one address family.", nameof(last));
        (First, Last) = (first, last);
    }

    public IpAddress First { get; }
    public IpAddress Last { get; }

    public bool IsV6 => First.IsV6;

    public bool Contains(IpAddress address) => address >= First && address <= Last;

    public bool Contains(IpAddressRange other) => Contains(other.First) && Contains(other.Last);

    public bool TryIntersect(IpAddressRange other, out IpAddressRange intersection)
    {
        intersection = this;
        if (IsV6 != other.IsV6)
            return false;
        IpAddress first = First > other.First ? First : other.First;
        IpAddress last = Last < other.Last ? Last : other.Last;
        if (last < first)
            return false;
        intersection = new IpAddressRange(first, last);
        return true;
    }

    /// <summary>The prefix that is exactly this range, if there is one.</summary>
    public bool TryGetPrefix(out IpPrefix prefix)
    {
        int bits = First.BitLength;
        UInt128 difference = First.Bits ^ Last.Bits;
        int length = bits - (128 - (int)UInt128.LeadingZeroCount(difference));
        prefix = new IpPrefix(First, length);
        return prefix.First == First && prefix.Last == Last;
    }

    /// <summary>The smallest set of prefixes that covers this range exactly, in ascending order.</summary>
    public IEnumerable<IpPrefix> ToPrefixes()
    {
        int bits = First.BitLength;
        UInt128 last = Last.Bits;
        IpAddress next = First;
        while (true)
        {
            int length = bits - Math.Min(bits, (int)UInt128.TrailingZeroCount(next.Bits));
            while (new IpPrefix(next, length).Last.Bits > last)
                length++;
            var prefix = new IpPrefix(next, length);
            yield return prefix;
            if (prefix.Last.Bits == last)
                yield break;
            next = prefix.Last.Plus(1);
        }
    }

    /// <summary>CIDR where the range is one network, "first-last" otherwise.</summary>
    public override string ToString() => TryGetPrefix(out IpPrefix prefix) ? prefix.ToString() : $"{First}-{Last}";
}
