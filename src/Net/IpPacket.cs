using System.Buffers.Binary;

namespace Ipsec.Net;

/// <summary>
/// A view over one IPv4 (RFC 791) or IPv6 (RFC 8200) packet. After <see cref="TryParse"/> no accessor can fail: the header
/// is complete, the length field lies within the buffer, and the IPv6 extension headers up to the transport header are walked.
/// </summary>
public readonly ref struct IpPacket
{
    const int MaximumExtensionHeaders = 8;

    readonly ReadOnlySpan<byte> _packet;

    IpPacket(ReadOnlySpan<byte> packet, int headerLength, byte protocol, bool isFragment, int fragmentOffset)
    {
        _packet = packet;
        HeaderLength = headerLength;
        Protocol = protocol;
        IsFragment = isFragment;
        FragmentOffset = fragmentOffset;
    }

    /// <summary>The packet without anything behind its own length field (link-layer or ESP padding).</summary>
    public ReadOnlySpan<byte> Bytes => _packet;

    public bool IsV6 => _packet[0] >> 4 == 6;

    /// <summary>Octets before the payload, IPv4 options and IPv6 extension headers included.</summary>
    public int HeaderLength { get; }

    public int TotalLength => _packet.Length;

    /// <summary>The transport protocol (behind IPv6 extension headers).</summary>
    public byte Protocol { get; }

    /// <summary>True for every fragment, the first one too.</summary>
    public bool IsFragment { get; }

    /// <summary>In octets; above 0 the transport header is not in this packet.</summary>
    public int FragmentOffset { get; }

    public IpAddress Source => IpAddress.FromBytes(IsV6 ? _packet[8..24] : _packet[12..16]);
    public IpAddress Destination => IpAddress.FromBytes(IsV6 ? _packet[24..40] : _packet[16..20]);

    /// <summary>IPv4 TOS octet or IPv6 traffic class: DSCP in the high six bits, ECN in the low two.</summary>
    public byte TrafficClass => IsV6 ? (byte)(BinaryPrimitives.ReadUInt16BigEndian(_packet) >> 4) : _packet[1];

    /// <summary>TTL or hop limit.</summary>
    public byte HopLimit => IsV6 ? _packet[7] : _packet[8];

    /// <summary>IPv4 DF bit. IPv6 packets are never fragmented on the way, so it is true for them.</summary>
    public bool DontFragment => IsV6 || (_packet[6] & 0x40) != 0;

    public ReadOnlySpan<byte> Payload => _packet[HeaderLength..];

    public static bool TryParse(ReadOnlySpan<byte> buffer, out IpPacket packet)
    {
        packet = default;
        if (buffer.Length < 20)
            return false;
        return (buffer[0] >> 4) switch
        {
            4 => TryParseV4(buffer, out packet),
            6 => TryParseV6(buffer, out packet),
            _ => false,
        };
    }

    /// <summary>Ports of TCP, UDP and the like; for ICMP type and code as RFC 7296 §3.13.1 puts them into a selector.</summary>
    public bool TryGetPorts(out ushort source, out ushort destination)
    {
        source = destination = 0;
        ReadOnlySpan<byte> payload = Payload;
        if (FragmentOffset != 0 || payload.Length < 4)
            return false;
        switch (Protocol)
        {
            case IpProtocol.Tcp or IpProtocol.Udp or IpProtocol.Dccp or IpProtocol.Sctp or IpProtocol.UdpLite:
                source = BinaryPrimitives.ReadUInt16BigEndian(payload);
                destination = BinaryPrimitives.ReadUInt16BigEndian(payload[2..]);
                return true;
            case IpProtocol.Icmp or IpProtocol.IcmpV6:
                source = destination = BinaryPrimitives.ReadUInt16BigEndian(payload);
                return true;
            default:
                return false;
        }
    }

    static bool TryParseV4(ReadOnlySpan<byte> buffer, out IpPacket packet)
    {
        packet = default;
        int headerLength = (buffer[0] & 0x0F) * 4;
        int totalLength = BinaryPrimitives.ReadUInt16BigEndian(buffer[2..]);
        if (headerLength < 20 || totalLength < headerLength || totalLength > buffer.Length)
            return false;
        int flagsAndOffset = BinaryPrimitives.ReadUInt16BigEndian(buffer[6..]);
        packet = new IpPacket(buffer[..totalLength], headerLength, buffer[9],
            isFragment: (flagsAndOffset & 0x3FFF) != 0, fragmentOffset: (flagsAndOffset & 0x1FFF) * 8);
        return true;
    }

    static bool TryParseV6(ReadOnlySpan<byte> buffer, out IpPacket packet)
    {
        packet = default;
        if (buffer.Length < 40)
            return false;
        int totalLength = 40 + BinaryPrimitives.ReadUInt16BigEndian(buffer[4..]);
        if (totalLength > buffer.Length)
            return false;
        buffer = buffer[..totalLength];
        byte next = buffer[6];
        int offset = 40;
        bool isFragment = false;
        int fragmentOffset = 0;
        for (int i = 0; i < MaximumExtensionHeaders && IsExtensionHeader(next) && fragmentOffset == 0; i++)
        {
            if (offset + 8 > buffer.Length)
                return false;
            int length = 8;
            if (next == IpProtocol.Ipv6Fragment)
            {
                isFragment = true;
                fragmentOffset = BinaryPrimitives.ReadUInt16BigEndian(buffer[(offset + 2)..]) & 0xFFF8;
            }
            else
            {
                length = (buffer[offset + 1] + 1) * 8;
            }
            if (offset + length > buffer.Length)
                return false;
            next = buffer[offset];
            offset += length;
        }
        packet = new IpPacket(buffer, offset, next, isFragment, fragmentOffset);
        return true;
    }

    static bool IsExtensionHeader(byte protocol) => protocol is IpProtocol.HopByHopOptions or IpProtocol.Ipv6Routing
        or IpProtocol.Ipv6Fragment or IpProtocol.Ipv6DestinationOptions;
}
