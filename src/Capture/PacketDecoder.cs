using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Ipsec.Net;

namespace Ipsec.Capture;

/// <summary>Takes captured frames apart: link layer, IPv4 or IPv6, UDP, and what RFC 3948 §2 puts into UDP. Fragments are not put together.</summary>
/// <param name="ikePort">Either side's port makes a datagram IKE.</param>
/// <param name="natTraversalPort">Either side's port makes a datagram IKE behind a marker, ESP or a keepalive.</param>
public sealed class PacketDecoder(ushort ikePort = 500, ushort natTraversalPort = 4500)
{
    const int UdpHeaderLength = 8;
    const ushort EtherTypeIpv4 = 0x0800;
    const ushort EtherTypeIpv6 = 0x86DD;
    const ushort EtherTypeVlan = 0x8100;
    const ushort EtherTypeServiceVlan = 0x88A8;

    /// <summary>False for a frame without a well-formed IP packet (ARP, a cut frame).</summary>
    public bool TryDecode(CapturedPacket captured, [NotNullWhen(true)] out CapturedDatagram? datagram)
    {
        datagram = null;
        if (!TryStripLink(captured, out ReadOnlyMemory<byte> frame) || !IpPacket.TryParse(frame.Span, out IpPacket ip))
            return false;
        ReadOnlyMemory<byte> packet = frame[..ip.TotalLength];
        datagram = Classify(ip, packet, packet[ip.HeaderLength..]);
        return true;
    }

    CapturedDatagram Classify(in IpPacket ip, ReadOnlyMemory<byte> packet, ReadOnlyMemory<byte> payload)
    {
        var plain = new CapturedDatagram(new TransportAddress(ip.Source, 0), new TransportAddress(ip.Destination, 0), DatagramContent.Other,
            PathEncapsulation.Ike, ip.Protocol, payload, packet);
        if (ip.IsFragment)
            return plain with { Content = DatagramContent.Fragment };
        if (ip.Protocol == IpProtocol.Esp)
            return plain with { Content = DatagramContent.Esp, Encapsulation = PathEncapsulation.RawEsp };
        ReadOnlySpan<byte> udp = payload.Span;
        if (ip.Protocol != IpProtocol.Udp || udp.Length < UdpHeaderLength)
            return plain;
        int length = BinaryPrimitives.ReadUInt16BigEndian(udp[4..]);
        if (length < UdpHeaderLength || length > udp.Length)
            return plain;
        CapturedDatagram datagram = plain with
        {
            Source = new TransportAddress(ip.Source, BinaryPrimitives.ReadUInt16BigEndian(udp)),
            Destination = new TransportAddress(ip.Destination, BinaryPrimitives.ReadUInt16BigEndian(udp[2..])),
            Payload = payload[UdpHeaderLength..length],
        };
        if (datagram.Source.Port == natTraversalPort || datagram.Destination.Port == natTraversalPort)
            return InUdp(datagram with { Encapsulation = PathEncapsulation.UdpEncapsulated });
        return datagram.Source.Port == ikePort || datagram.Destination.Port == ikePort ? datagram with { Content = DatagramContent.Ike } : datagram;
    }

    static CapturedDatagram InUdp(CapturedDatagram datagram)
    {
        ReadOnlySpan<byte> payload = datagram.Payload.Span;
        if (payload is [0xFF])
            return datagram with { Content = DatagramContent.NatKeepalive };
        if (payload is [0, 0, 0, 0, ..])
            return datagram with { Content = DatagramContent.Ike, Payload = datagram.Payload[4..] };
        return payload.Length >= 4 ? datagram with { Content = DatagramContent.Esp } : datagram;
    }

    static bool TryStripLink(CapturedPacket captured, out ReadOnlyMemory<byte> packet)
    {
        ReadOnlyMemory<byte> data = captured.Data;
        int headerLength = captured.LinkType switch
        {
            PcapLinkType.RawIp or PcapLinkType.Ipv4 or PcapLinkType.Ipv6 => 0,
            PcapLinkType.Null => 4,
            PcapLinkType.Ethernet => EthernetHeaderLength(data.Span),
            PcapLinkType.LinuxCooked => data.Length >= 16 && IsIp(data.Span[14..]) ? 16 : -1,
            PcapLinkType.LinuxCooked2 => data.Length >= 20 && IsIp(data.Span) ? 20 : -1,
            _ => -1,
        };
        bool isStripped = headerLength >= 0 && headerLength <= data.Length;
        packet = isStripped ? data[headerLength..] : default;
        return isStripped;
    }

    /// <summary>14 octets and 4 for each of up to two VLAN tags; -1 for a frame that carries no IP.</summary>
    static int EthernetHeaderLength(ReadOnlySpan<byte> frame)
    {
        int offset = 12;
        for (int tags = 0; tags <= 2 && offset + 2 <= frame.Length; tags++, offset += 4)
        {
            if (IsIp(frame[offset..]))
                return offset + 2;
            if (BinaryPrimitives.ReadUInt16BigEndian(frame[offset..]) is not (EtherTypeVlan or EtherTypeServiceVlan))
                return -1;
        }
        return -1;
    }

    static bool IsIp(ReadOnlySpan<byte> etherType) => BinaryPrimitives.ReadUInt16BigEndian(etherType) is EtherTypeIpv4 or EtherTypeIpv6;
}
