using System.Buffers.Binary;
using Ipsec.Lab.Network;
using Ipsec.Net;

namespace Ipsec.Lab.Tests.Support;

/// <summary>Packets for tests, and the loop that lets the virtual time pass.</summary>
static class Packets
{
    /// <summary>A UDP packet whose payload starts with <paramref name="number"/>.</summary>
    public static byte[] Udp(string source, string destination, int number = 0, int payloadLength = 4, bool dontFragment = false,
        bool withChecksum = true)
    {
        byte[] payload = new byte[payloadLength];
        for (int i = 0; i < payload.Length; i++)
            payload[i] = (byte)(i * 7);
        if (payloadLength >= 4)
            BinaryPrimitives.WriteInt32BigEndian(payload, number);
        return IpPacketWriter.Udp(Address(source), Address(destination), payload, dontFragment: dontFragment, withChecksum: withChecksum);
    }

    public static int NumberOf(byte[] udpPacket)
    {
        Assert.True(IpPacket.TryParse(udpPacket, out IpPacket view));
        return BinaryPrimitives.ReadInt32BigEndian(view.Payload[8..]);
    }

    /// <summary>"198.51.100.1:500" or "[2001:db8::1]:500".</summary>
    public static TransportAddress Address(string text)
    {
        int colon = text.LastIndexOf(':');
        return new TransportAddress(IpAddress.Parse(text[..colon].Trim('[', ']')), ushort.Parse(text[(colon + 1)..]));
    }

    public static void AssertUdpChecksumIsRight(byte[] packet)
    {
        Assert.True(IpPacket.TryParse(packet, out IpPacket view));
        Assert.Equal(IpProtocol.Udp, view.Protocol);
        Assert.True(InternetChecksum.IsValid(view.Payload,
            InternetChecksum.PseudoHeader(view.Source, view.Destination, IpProtocol.Udp, view.Payload.Length)));
        if (!view.IsV6)
            Assert.True(InternetChecksum.IsValid(view.Bytes[..view.HeaderLength]));
    }

    public static void RunAll(this Scheduler scheduler)
    {
        int events = 0;
        while (scheduler.TryRunNext(TimeSpan.MaxValue))
            Assert.True(++events < 1_000_000, "The network does not come to rest.");
    }
}
