namespace Ipsec.Capture;

/// <summary>What a captured frame starts with: tcpdump.org's LINKTYPE_ values. Others are kept as numbers.</summary>
public enum PcapLinkType : ushort
{
    /// <summary>BSD loopback: four octets of address family in the capturing machine's byte order.</summary>
    Null = 0,
    Ethernet = 1,

    /// <summary>An IPv4 or IPv6 packet, told apart by its version field.</summary>
    RawIp = 101,

    /// <summary>Linux "cooked" capture: 16 octets, the protocol in the last two.</summary>
    LinuxCooked = 113,
    Ipv4 = 228,
    Ipv6 = 229,

    /// <summary>Linux "cooked" capture, version 2: 20 octets, the protocol in the first two.</summary>
    LinuxCooked2 = 276,
}
