namespace Ipsec.Net;

/// <summary>
/// One traffic selector (RFC 7296 §3.13.1, RFC 4301 §4.4.1.1): an address range, an IP protocol and a port range.
/// For ICMP and ICMPv6 the "port" is type in the high and code in the low octet.
/// </summary>
/// <param name="Addresses">First to last address.</param>
/// <param name="Protocol">IP protocol number; 0 is any.</param>
/// <param name="FirstPort">0 to 65535.</param>
/// <param name="LastPort">0 to 65535. FirstPort 65535 with LastPort 0 is OPAQUE: only packets whose ports cannot be seen.</param>
public readonly record struct TrafficSelector(IpAddressRange Addresses, byte Protocol = 0, ushort FirstPort = 0, ushort LastPort = ushort.MaxValue)
{
    public static TrafficSelector AnyV4 => new(IpPrefix.AnyV4.Range);
    public static TrafficSelector AnyV6 => new(IpPrefix.AnyV6.Range);

    public bool IsAnyPort => FirstPort == 0 && LastPort == ushort.MaxValue;
    public bool IsOpaquePort => FirstPort == ushort.MaxValue && LastPort == 0;

    public static TrafficSelector From(IpPrefix prefix) => new(prefix.Range);

    /// <summary>True if every packet that <paramref name="other"/> selects is selected by this one.</summary>
    public bool Contains(TrafficSelector other) => TryIntersect(other, out TrafficSelector common) && common == other;

    /// <summary>Does a packet's (address, protocol, port) fall into this selector? A null port is a port that cannot be seen.</summary>
    public bool Matches(IpAddress address, byte protocol, ushort? port) =>
        Addresses.Contains(address) && (Protocol == 0 || Protocol == protocol)
        && (IsAnyPort || (port is ushort visible ? visible >= FirstPort && visible <= LastPort : IsOpaquePort));

    /// <summary>The narrowing of RFC 7296 §2.9: what both selectors allow.</summary>
    public bool TryIntersect(TrafficSelector other, out TrafficSelector common)
    {
        common = this;
        if (!Addresses.TryIntersect(other.Addresses, out IpAddressRange addresses))
            return false;
        if (Protocol != other.Protocol && Protocol != 0 && other.Protocol != 0)
            return false;
        byte protocol = Protocol != 0 ? Protocol : other.Protocol;
        if (IsOpaquePort || other.IsOpaquePort)
        {
            bool bothAllowOpaque = (IsOpaquePort || IsAnyPort) && (other.IsOpaquePort || other.IsAnyPort);
            common = new TrafficSelector(addresses, protocol, ushort.MaxValue, 0);
            return bothAllowOpaque;
        }
        ushort first = Math.Max(FirstPort, other.FirstPort);
        ushort last = Math.Min(LastPort, other.LastPort);
        common = new TrafficSelector(addresses, protocol, first, last);
        return first <= last;
    }

    public override string ToString()
    {
        if (Protocol == 0 && IsAnyPort)
            return Addresses.ToString();
        string ports = IsAnyPort ? "" : IsOpaquePort ? "/opaque" : FirstPort == LastPort ? $"/{FirstPort}" : $"/{FirstPort}-{LastPort}";
        return $"{Addresses}[{Protocol}{ports}]";
    }
}
