using System.Buffers.Binary;
using Ipsec.Net;

namespace Ipsec.Lab.Hosts;

/// <summary>ICMP errors as a host reads and sends them (RFC 792, RFC 1191, RFC 4443).</summary>
static class IcmpError
{
    const int HeaderLength = 8;
    const byte DestinationUnreachableV4 = 3;
    const byte FragmentationNeeded = 4;
    const byte PortUnreachableV4 = 3;
    const byte DestinationUnreachableV6 = 1;
    const byte PortUnreachableV6 = 4;
    const byte PacketTooBigV6 = 2;
    const int QuotedV4 = 8;
    const int MinimumMtuV6 = 1280;

    /// <summary>"Fragmentation needed" (RFC 1191 §4) or "packet too big" (RFC 4443 §3.2): the next hop's MTU, and to whom the packet went.</summary>
    public static bool TryReadTooBig(IpPacket packet, out IpAddress destination, out int mtu)
    {
        destination = default;
        mtu = 0;
        ReadOnlySpan<byte> message = packet.Payload;
        if (message.Length < HeaderLength || !EchoMessage.HasValidChecksum(packet))
            return false;
        bool isTooBig = packet.IsV6 ? message[0] == PacketTooBigV6 : message[0] == DestinationUnreachableV4 && message[1] == FragmentationNeeded;
        if (!isTooBig)
            return false;
        mtu = packet.IsV6 ? (int)Math.Min(BinaryPrimitives.ReadUInt32BigEndian(message[4..]), ushort.MaxValue)
            : BinaryPrimitives.ReadUInt16BigEndian(message[6..]);
        // The quoted packet is cut off, so it is no packet to parse; its addresses are at fixed places.
        ReadOnlySpan<byte> quoted = message[HeaderLength..];
        if (quoted.Length < (packet.IsV6 ? 40 : 20) || quoted[0] >> 4 != (packet.IsV6 ? 6 : 4))
            return false;
        destination = IpAddress.FromBytes(packet.IsV6 ? quoted[24..40] : quoted[16..20]);
        return true;
    }

    /// <summary>The answer to UDP for a port on which nobody listens (RFC 1122 §4.1.3.1, RFC 4443 §3.1).</summary>
    public static byte[] PortUnreachable(IpPacket refused)
    {
        int quoted = refused.IsV6 ? Math.Min(refused.TotalLength, MinimumMtuV6 - 40 - HeaderLength)
            : Math.Min(refused.TotalLength, refused.HeaderLength + QuotedV4);
        byte[] message = new byte[HeaderLength + quoted];
        message[0] = refused.IsV6 ? DestinationUnreachableV6 : DestinationUnreachableV4;
        message[1] = refused.IsV6 ? PortUnreachableV6 : PortUnreachableV4;
        refused.Bytes[..quoted].CopyTo(message.AsSpan(HeaderLength));
        EchoMessage.WriteChecksum(message, refused.Destination, refused.Source);
        return message;
    }
}
