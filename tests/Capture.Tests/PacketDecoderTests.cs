using System.Buffers.Binary;
using Ipsec.Net;
using Ipsec.Tests.Support;

namespace Ipsec.Capture.Tests;

public class PacketDecoderTests
{
    static readonly PacketDecoder Decoder = new();

    [Fact]
    public void TellsIkeEspAndKeepalivesApart()
    {
        CapturedDatagram ike = Decode(PcapLinkType.RawIp, Udp(500, 500, [1, 2, 3]));
        Assert.Equal((DatagramContent.Ike, PathEncapsulation.Ike), (ike.Content, ike.Encapsulation));
        Assert.Equal("203.0.113.5:500", ike.Source.ToString());
        Assert.Equal("198.51.100.10:500", ike.Destination.ToString());
        Assert.Equal([1, 2, 3], ike.Payload.ToArray());

        CapturedDatagram marked = Decode(PcapLinkType.RawIp, Udp(4500, 1024, [0, 0, 0, 0, 9]));
        Assert.Equal((DatagramContent.Ike, PathEncapsulation.UdpEncapsulated), (marked.Content, marked.Encapsulation));
        Assert.Equal([9], marked.Payload.ToArray());

        CapturedDatagram esp = Decode(PcapLinkType.RawIp, Udp(1024, 4500, [0, 0, 1, 0, 9]));
        Assert.Equal((DatagramContent.Esp, PathEncapsulation.UdpEncapsulated), (esp.Content, esp.Encapsulation));
        Assert.Equal(5, esp.Payload.Length);

        Assert.Equal(DatagramContent.NatKeepalive, Decode(PcapLinkType.RawIp, Udp(4500, 4500, [0xFF])).Content);
        Assert.Equal(DatagramContent.Other, Decode(PcapLinkType.RawIp, Udp(4500, 4500, [1, 2])).Content);
        Assert.Equal(DatagramContent.Other, Decode(PcapLinkType.RawIp, Udp(53, 1024, [0, 0, 0, 0])).Content);
    }

    [Fact]
    public void FindsRawEspAndItsPacket()
    {
        byte[] packet = Ip(IpProtocol.Esp, [0, 0, 1, 0, 0, 0, 0, 1]);
        CapturedDatagram esp = Decode(PcapLinkType.Ipv4, [.. packet, 0, 0]);
        Assert.Equal((DatagramContent.Esp, PathEncapsulation.RawEsp, IpProtocol.Esp), (esp.Content, esp.Encapsulation, esp.IpProtocol));
        Assert.Equal(0, esp.Source.Port);
        Assert.Equal(packet, esp.Packet.ToArray());
    }

    [Fact]
    public void DoesNotLookIntoFragments()
    {
        byte[] packet = Udp(500, 500, [1]);
        packet[6] = 0x20;
        Assert.Equal(DatagramContent.Fragment, Decode(PcapLinkType.RawIp, packet).Content);
    }

    [Theory]
    [InlineData(PcapLinkType.Ethernet, "000102030405 060708090a0b 0800")]
    [InlineData(PcapLinkType.Ethernet, "000102030405 060708090a0b 8100 0064 0800")]
    [InlineData(PcapLinkType.Ethernet, "000102030405 060708090a0b 88a8 0001 8100 0064 0800")]
    [InlineData(PcapLinkType.LinuxCooked, "0000 0001 0006 000102030405 0000 0800")]
    [InlineData(PcapLinkType.LinuxCooked2, "0800 0000 00000001 0001 00 06 000102030405 0000")]
    [InlineData(PcapLinkType.Null, "02000000")]
    public void StripsTheLinkLayer(PcapLinkType linkType, string header)
    {
        byte[] packet = Udp(500, 500, [7]);
        Assert.Equal([7], Decode(linkType, [.. HexText.Parse(header), .. packet]).Payload.ToArray());
    }

    [Theory]
    [InlineData("000102030405 060708090a0b 0806")]
    [InlineData("000102030405 060708090a0b 8100 8100 8100 0800")]
    [InlineData("0001")]
    public void RefusesFramesWithoutIp(string header)
    {
        byte[] frame = [.. HexText.Parse(header), .. Udp(500, 500, [7])];
        Assert.False(Decoder.TryDecode(new CapturedPacket(PcapLinkType.Ethernet, null, frame[..Math.Min(frame.Length, 18)], 0), out _));
        Assert.False(Decoder.TryDecode(new CapturedPacket((PcapLinkType)9999, null, frame, 0), out _));
    }

    [Fact]
    public void TakesTheUdpLengthAndNotWhatIsBehindIt()
    {
        byte[] packet = Udp(500, 500, [1, 2, 3, 4]);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(24), 8 + 2);
        Assert.Equal([1, 2], Decode(PcapLinkType.RawIp, packet).Payload.ToArray());
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(24), 100);
        Assert.Equal(DatagramContent.Other, Decode(PcapLinkType.RawIp, packet).Content);
    }

    [Fact]
    public void TruncationNeverThrows()
    {
        byte[] frame = [.. HexText.Parse("000102030405 060708090a0b 0800"), .. Udp(4500, 4500, [0, 0, 0, 0, 1])];
        int decoded = 0;
        for (int length = 0; length <= frame.Length; length++)
        {
            if (Decoder.TryDecode(new CapturedPacket(PcapLinkType.Ethernet, null, frame[..length], 0), out _))
                decoded++;
        }
        Assert.Equal(1, decoded);
    }

    static CapturedDatagram Decode(PcapLinkType linkType, byte[] frame)
    {
        Assert.True(Decoder.TryDecode(new CapturedPacket(linkType, null, frame, (uint)frame.Length), out CapturedDatagram? datagram));
        return datagram;
    }

    static byte[] Udp(ushort source, ushort destination, byte[] payload)
    {
        byte[] header = new byte[8];
        BinaryPrimitives.WriteUInt16BigEndian(header, source);
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(2), destination);
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(4), (ushort)(8 + payload.Length));
        return Ip(IpProtocol.Udp, [.. header, .. payload]);
    }

    static byte[] Ip(byte protocol, byte[] payload)
    {
        byte[] packet = [.. HexText.Parse("4500 0000 0001 0000 40 00 0000 cb007105 c633640a"), .. payload];
        packet[9] = protocol;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)packet.Length);
        return packet;
    }
}
