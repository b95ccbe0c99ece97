using System.Buffers.Binary;
using Ipsec.Net;

namespace Ipsec.Endpoint.Tests.Room;

/// <summary>Inner packets with a number, so that a test can say which ones arrived.</summary>
static class InnerPackets
{
    const ushort Port = 7000;

    public static byte[] Numbered(string from, string to, int number, int payloadLength = 64)
    {
        byte[] payload = new byte[payloadLength];
        BinaryPrimitives.WriteInt32BigEndian(payload, number);
        payload.AsSpan(4).Fill((byte)number);
        return IpPacketWriter.Udp(new TransportAddress(IpAddress.Parse(from), Port), new TransportAddress(IpAddress.Parse(to), Port), payload);
    }

    /// <summary>The numbers of the delivered packets that come from an address, in the order of their arrival.</summary>
    public static List<int> NumbersFrom(this Station station, string from)
    {
        List<int> numbers = [];
        foreach (byte[] octets in station.Delivered)
        {
            if (IpPacket.TryParse(octets, out IpPacket packet) && packet.Protocol == IpProtocol.Udp && packet.Source == IpAddress.Parse(from))
                numbers.Add(BinaryPrimitives.ReadInt32BigEndian(packet.Payload[8..]));
        }
        return numbers;
    }
}
