namespace Ipsec.Net;

/// <summary>IP protocol numbers (IANA "Assigned Internet Protocol Numbers") that this project reads or writes.</summary>
public static class IpProtocol
{
    public const byte HopByHopOptions = 0;
    public const byte Icmp = 1;
    public const byte IpInIp = 4;
    public const byte Tcp = 6;
    public const byte Udp = 17;
    public const byte Dccp = 33;
    public const byte Ipv6InIp = 41;
    public const byte Ipv6Routing = 43;
    public const byte Ipv6Fragment = 44;
    public const byte Esp = 50;
    public const byte Ah = 51;
    public const byte IcmpV6 = 58;

    /// <summary>IPv6 "no next header", and the dummy packets of RFC 4303 §2.6.</summary>
    public const byte NoNextHeader = 59;

    public const byte Ipv6DestinationOptions = 60;
    public const byte Sctp = 132;
    public const byte UdpLite = 136;
}
