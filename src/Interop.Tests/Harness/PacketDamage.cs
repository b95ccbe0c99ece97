using System.Buffers.Binary;

namespace Ipsec.Interop.Tests.Harness;

/// <summary>Damage that only ESP can see: what the layers below check is made right again.</summary>
static class PacketDamage
{
    const int Ipv4HeaderSize = 20;
    const int Ipv6HeaderSize = 40;
    const int UdpHeaderSize = 8;
    const int UdpChecksumOffset = 6;
    const byte Udp = 17;
    const byte Esp = 50;

    /// <summary>Flips one bit behind the outer header of a packet with ESP or UDP, and corrects the UDP checksum by it; false for any other packet.</summary>
    internal static bool TryFlipOneBit(Span<byte> packet, Random random)
    {
        int header = packet[0] >> 4 == 4 ? Ipv4HeaderSize : Ipv6HeaderSize;
        // Fragments and options are no ESP packets of ours.
        bool isWhole = header == Ipv6HeaderSize || (packet[0] == 0x45 && (BinaryPrimitives.ReadUInt16BigEndian(packet[6..]) & 0x3fff) == 0);
        byte protocol = packet[header == Ipv4HeaderSize ? 9 : 6];
        int start = header + (protocol == Udp ? UdpHeaderSize : 0);
        if (!isWhole || protocol is not (Udp or Esp) || packet.Length <= start)
            return false;
        int position = random.Next(start, packet.Length);
        byte flipped = (byte)(1 << random.Next(8));
        packet[position] ^= flipped;
        if (protocol == Udp)
            CorrectChecksum(packet.Slice(header + UdpChecksumOffset, sizeof(ushort)), packet[position], flipped, (position - header) % 2 == 0);
        return true;
    }

    /// <summary>RFC 1624 §3, equation 3: HC' = ~(~HC + ~m + m').</summary>
    static void CorrectChecksum(Span<byte> field, byte after, byte flipped, bool isHighOctet)
    {
        ushort checksum = BinaryPrimitives.ReadUInt16BigEndian(field);
        // Zero stands for none (RFC 768).
        if (checksum == 0)
            return;
        int shift = isHighOctet ? 8 : 0;
        uint sum = (uint)(ushort)~checksum + (ushort)~((after ^ flipped) << shift) + (uint)(after << shift);
        sum = (sum & 0xffff) + (sum >> 16);
        sum = (sum & 0xffff) + (sum >> 16);
        ushort corrected = (ushort)~sum;
        BinaryPrimitives.WriteUInt16BigEndian(field, corrected == 0 ? ushort.MaxValue : corrected);
    }
}
