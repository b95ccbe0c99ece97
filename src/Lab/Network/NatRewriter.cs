using System.Buffers.Binary;
using Ipsec.Net;

namespace Ipsec.Lab.Network;

/// <summary>Replaces an address and a port in a UDP packet and carries the change into both checksums (RFC 1624, RFC 3022 §4.2).</summary>
static class NatRewriter
{
    public static void RewriteSource(Span<byte> packet, Span<byte> udp, TransportAddress source) =>
        Rewrite(packet, udp, source, isSource: true);

    public static void RewriteDestination(Span<byte> packet, Span<byte> udp, TransportAddress destination) =>
        Rewrite(packet, udp, destination, isSource: false);

    static void Rewrite(Span<byte> packet, Span<byte> udp, TransportAddress value, bool isSource)
    {
        bool isV6 = packet[0] >> 4 == 6;
        int length = value.Address.ByteLength;
        int offset = isV6 ? (isSource ? 8 : 24) : (isSource ? 12 : 16);
        Span<byte> octets = stackalloc byte[length + 2];
        value.Address.WriteTo(octets);
        BinaryPrimitives.WriteUInt16BigEndian(octets[length..], value.Port);

        // RFC 768: zero says that the sender made no checksum; it stays zero.
        bool hasChecksum = udp[6] != 0 || udp[7] != 0;
        for (int i = 0; i < length; i += 2)
            ReplaceWord(packet[(offset + i)..], octets[i..], udp, hasChecksum);
        ReplaceWord(udp[(isSource ? 0 : 2)..], octets[length..], udp, hasChecksum);
        if (hasChecksum && udp[6] == 0 && udp[7] == 0)
            udp[6..8].Fill(0xFF); // RFC 768: a computed zero is sent as all ones
        if (!isV6)
            Ipv4Header.WriteChecksum(packet[..((packet[0] & 0x0F) * 4)]);
    }

    static void ReplaceWord(Span<byte> at, ReadOnlySpan<byte> value, Span<byte> udp, bool hasChecksum)
    {
        ushort newWord = BinaryPrimitives.ReadUInt16BigEndian(value);
        if (hasChecksum)
        {
            ushort oldWord = BinaryPrimitives.ReadUInt16BigEndian(at);
            ushort checksum = InternetChecksum.Update(BinaryPrimitives.ReadUInt16BigEndian(udp[6..]), oldWord, newWord);
            BinaryPrimitives.WriteUInt16BigEndian(udp[6..], checksum);
        }
        BinaryPrimitives.WriteUInt16BigEndian(at, newWord);
    }
}
