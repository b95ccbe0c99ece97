using System.Buffers.Binary;

namespace Ipsec.Net;

/// <summary>Writes IPv4, IPv6 and UDP headers for packets that this project itself originates.</summary>
public static class IpPacketWriter
{
    public const byte DefaultHopLimit = 64;

    public static int HeaderLength(bool isV6) => isV6 ? 40 : 20;

    /// <summary>Writes an IP header without options in front of <paramref name="payloadLength"/> octets; returns its length.</summary>
    /// <param name="identification">IPv4 identification; ignored for IPv6.</param>
    public static int WriteHeader(Span<byte> destination, IpAddress source, IpAddress target, byte protocol, int payloadLength,
        byte trafficClass = 0, byte hopLimit = DefaultHopLimit, bool dontFragment = false, ushort identification = 0)
    {
        int length = HeaderLength(source.IsV6);
        Span<byte> header = destination[..length];
        header.Clear();
        if (source.IsV6)
        {
            BinaryPrimitives.WriteUInt32BigEndian(header, 6u << 28 | (uint)trafficClass << 20);
            BinaryPrimitives.WriteUInt16BigEndian(header[4..], checked((ushort)payloadLength));
            header[6] = protocol;
            header[7] = hopLimit;
            source.WriteTo(header[8..]);
            target.WriteTo(header[24..]);
            return length;
        }
        header[0] = 0x45;
        header[1] = trafficClass;
        BinaryPrimitives.WriteUInt16BigEndian(header[2..], checked((ushort)(length + payloadLength)));
        BinaryPrimitives.WriteUInt16BigEndian(header[4..], identification);
        header[6] = dontFragment ? (byte)0x40 : (byte)0;
        header[8] = hopLimit;
        header[9] = protocol;
        source.WriteTo(header[12..]);
        target.WriteTo(header[16..]);
        BinaryPrimitives.WriteUInt16BigEndian(header[10..], InternetChecksum.Compute(header));
        return length;
    }

    /// <summary>
    /// A whole IP/UDP packet. IPv4 carries checksum zero where <paramref name="withChecksum"/> is false, as RFC 3948 §2.1 wants
    /// it for encapsulated ESP; IPv6 always has one.
    /// </summary>
    public static byte[] Udp(TransportAddress source, TransportAddress target, ReadOnlySpan<byte> payload,
        byte trafficClass = 0, byte hopLimit = DefaultHopLimit, bool dontFragment = false, ushort identification = 0, bool withChecksum = true)
    {
        int headerLength = HeaderLength(source.Address.IsV6);
        int udpLength = 8 + payload.Length;
        byte[] packet = new byte[headerLength + udpLength];
        WriteHeader(packet, source.Address, target.Address, IpProtocol.Udp, udpLength, trafficClass, hopLimit, dontFragment, identification);
        Span<byte> udp = packet.AsSpan(headerLength);
        BinaryPrimitives.WriteUInt16BigEndian(udp, source.Port);
        BinaryPrimitives.WriteUInt16BigEndian(udp[2..], target.Port);
        BinaryPrimitives.WriteUInt16BigEndian(udp[4..], checked((ushort)udpLength));
        payload.CopyTo(udp[8..]);
        if (withChecksum || source.Address.IsV6)
        {
            uint pseudo = InternetChecksum.PseudoHeader(source.Address, target.Address, IpProtocol.Udp, udpLength);
            ushort checksum = InternetChecksum.Compute(udp, pseudo);
            BinaryPrimitives.WriteUInt16BigEndian(udp[6..], checksum == 0 ? (ushort)0xFFFF : checksum);
        }
        return packet;
    }

    /// <summary>A whole IP packet around a payload that is complete in itself.</summary>
    public static byte[] Packet(IpAddress source, IpAddress target, byte protocol, ReadOnlySpan<byte> payload,
        byte trafficClass = 0, byte hopLimit = DefaultHopLimit, bool dontFragment = false, ushort identification = 0)
    {
        int headerLength = HeaderLength(source.IsV6);
        byte[] packet = new byte[headerLength + payload.Length];
        WriteHeader(packet, source, target, protocol, payload.Length, trafficClass, hopLimit, dontFragment, identification);
        payload.CopyTo(packet.AsSpan(headerLength));
        return packet;
    }
}
