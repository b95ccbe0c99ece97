using System.Buffers.Binary;
using Ipsec.Net;

namespace Ipsec.Esp.Tests.Kit;

/// <summary>Inner packets from the left side's network to the right side's.</summary>
static class TestPackets
{
    public const string LeftV4 = "10.1.0.4";
    public const string RightV4 = "10.2.0.5";
    public const string LeftV6 = "2001:db8:1::4";
    public const string RightV6 = "2001:db8:2::5";

    public static byte[] Udp(int payloadLength = 32, string source = LeftV4, string destination = RightV4, byte trafficClass = 0,
        byte hopLimit = 64, bool dontFragment = false, ushort identification = 0, ushort sourcePort = 1000, ushort destinationPort = 2000) =>
        IpPacketWriter.Udp(new TransportAddress(IpAddress.Parse(source), sourcePort),
            new TransportAddress(IpAddress.Parse(destination), destinationPort),
            Pattern(payloadLength), trafficClass, hopLimit, dontFragment, identification);

    public static byte[] UdpV6(int payloadLength = 32, byte trafficClass = 0, byte hopLimit = 64) =>
        Udp(payloadLength, LeftV6, RightV6, trafficClass, hopLimit);

    public static byte[] UdpBack(int payloadLength = 32) => Udp(payloadLength, RightV4, LeftV4);

    /// <summary>A TCP segment with a correct checksum.</summary>
    public static byte[] Tcp(byte flags, ReadOnlySpan<byte> options, int payloadLength, bool isV6 = false, uint sequence = 1,
        ushort identification = 100)
    {
        IpAddress source = IpAddress.Parse(isV6 ? LeftV6 : LeftV4);
        IpAddress destination = IpAddress.Parse(isV6 ? RightV6 : RightV4);
        byte[] tcp = new byte[20 + options.Length + payloadLength];
        BinaryPrimitives.WriteUInt16BigEndian(tcp, 40000);
        BinaryPrimitives.WriteUInt16BigEndian(tcp.AsSpan(2), 443);
        BinaryPrimitives.WriteUInt32BigEndian(tcp.AsSpan(4), sequence);
        BinaryPrimitives.WriteUInt32BigEndian(tcp.AsSpan(8), 77);
        tcp[12] = (byte)((20 + options.Length) / 4 << 4);
        tcp[13] = flags;
        BinaryPrimitives.WriteUInt16BigEndian(tcp.AsSpan(14), 64000);
        options.CopyTo(tcp.AsSpan(20));
        Pattern(payloadLength).CopyTo(tcp.AsSpan(20 + options.Length));
        uint pseudo = InternetChecksum.PseudoHeader(source, destination, IpProtocol.Tcp, tcp.Length);
        BinaryPrimitives.WriteUInt16BigEndian(tcp.AsSpan(16), InternetChecksum.Compute(tcp, pseudo));
        return IpPacketWriter.Packet(source, destination, IpProtocol.Tcp, tcp, dontFragment: true, identification: identification);
    }

    /// <summary>Are the IPv4 header checksum and the transport checksum right?</summary>
    public static bool HasValidChecksums(byte[] packet)
    {
        if (!IpPacket.TryParse(packet, out IpPacket parsed))
            return false;
        if (!parsed.IsV6 && !InternetChecksum.IsValid(packet.AsSpan(0, parsed.HeaderLength)))
            return false;
        if (parsed.IsFragment)
            return true;
        uint pseudo = parsed.Protocol == IpProtocol.Icmp
            ? 0
            : InternetChecksum.PseudoHeader(parsed.Source, parsed.Destination, parsed.Protocol, parsed.Payload.Length);
        return InternetChecksum.IsValid(parsed.Payload, pseudo);
    }

    public static byte[] Pattern(int length)
    {
        byte[] octets = new byte[length];
        for (int i = 0; i < length; i++)
            octets[i] = (byte)(i * 7 + i / 256);
        return octets;
    }
}
