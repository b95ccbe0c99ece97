using System.Buffers.Binary;
using Ipsec.Net;

namespace Ipsec.Esp.Packets;

/// <summary>What one datagram on a path is.</summary>
enum DatagramKind
{
    Malformed,
    Esp,
    Ike,
    Keepalive,
}

/// <summary>Tells the three kinds of packet on the NAT traversal port apart, RFC 3948 §2.</summary>
static class DatagramClassifier
{
    /// <summary>RFC 3948 §2.2: four zero octets where ESP has its SPI.</summary>
    public const int NonEspMarkerLength = 4;

    const byte KeepaliveOctet = 0xFF;

    public static DatagramKind Classify(ReadOnlySpan<byte> datagram, PathEncapsulation encapsulation) => encapsulation switch
    {
        PathEncapsulation.RawEsp => DatagramKind.Esp,
        PathEncapsulation.UdpEncapsulated => ClassifyUdp(datagram),
        _ => DatagramKind.Malformed,
    };

    static DatagramKind ClassifyUdp(ReadOnlySpan<byte> datagram)
    {
        if (datagram.Length < NonEspMarkerLength)
            return datagram is [KeepaliveOctet] ? DatagramKind.Keepalive : DatagramKind.Malformed;
        return BinaryPrimitives.ReadUInt32BigEndian(datagram) == 0 ? DatagramKind.Ike : DatagramKind.Esp;
    }
}
