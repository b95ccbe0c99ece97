using Ipsec.Net;

namespace Ipsec.Esp;

/// <summary>How one data path treats packets; fixed when it is made.</summary>
public sealed record DataPathOptions
{
    /// <summary>Largest inner packet in octets that is sealed, 576 to 65,000.</summary>
    public int Mtu { get; init; } = 1400;

    /// <summary>Answer an oversized packet with DF (and every oversized IPv6 packet) by ICMP; otherwise drop and count.</summary>
    public bool SendPacketTooBig { get; init; } = true;

    /// <summary>Fragment oversized IPv4 packets without DF before sealing; otherwise drop and count.</summary>
    public bool FragmentInner { get; init; } = true;

    /// <summary>Copy the inner DSCP outward (RFC 4301 §5.1.2.1); ECN follows RFC 6040 in any case.</summary>
    public bool CopyDscp { get; init; } = true;

    /// <summary>Inbound SAs at a time, a power of two from 256 to 65,536.</summary>
    public int SpiSlots { get; init; } = 16384;

    /// <summary>Sender of the ICMP errors that this data path makes; null lets the destination of the packet at fault stand in.</summary>
    public IpAddress? IcmpSourceV4 { get; init; }
    public IpAddress? IcmpSourceV6 { get; init; }
}
