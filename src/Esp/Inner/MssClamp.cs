using System.Buffers.Binary;
using Ipsec.Net;

namespace Ipsec.Esp.Inner;

/// <summary>Lowers the maximum segment size that a TCP SYN names (RFC 9293 §3.7.1), so that full segments fit the tunnel.</summary>
static class MssClamp
{
    const int ChecksumOffset = 16;
    const int FlagsOffset = 13;
    const int DataOffsetOffset = 12;
    const byte SynFlag = 0x02;
    const int MinimumHeaderLength = 20;
    const byte EndOfOptions = 0;
    const byte NoOperation = 1;
    const byte MaximumSegmentSize = 2;

    /// <summary>True if the packet was changed. A SYN without the option keeps its default of 536 (RFC 9293 §3.7.1), which is small.</summary>
    public static bool TryClamp(Span<byte> packet, in IpPacket parsed, int limit)
    {
        if (parsed.Protocol != IpProtocol.Tcp || parsed.FragmentOffset != 0)
            return false;
        Span<byte> tcp = packet[parsed.HeaderLength..parsed.TotalLength];
        if (tcp.Length < MinimumHeaderLength || (tcp[FlagsOffset] & SynFlag) == 0)
            return false;
        int headerLength = (tcp[DataOffsetOffset] >> 4) * 4;
        if (headerLength > tcp.Length)
            return false;
        int position = MinimumHeaderLength;
        while (position < headerLength && tcp[position] != EndOfOptions)
        {
            if (tcp[position] == NoOperation)
            {
                position++;
                continue;
            }
            int length = position + 1 < headerLength ? tcp[position + 1] : 0;
            if (length < 2 || position + length > headerLength)
                return false;
            if (tcp[position] == MaximumSegmentSize && length == 4)
                return TryLower(tcp, position + 2, limit);
            position += length;
        }
        return false;
    }

    static bool TryLower(Span<byte> tcp, int position, int limit)
    {
        ushort before = BinaryPrimitives.ReadUInt16BigEndian(tcp[position..]);
        if (before <= limit)
            return false;
        // An option at an odd offset straddles two checksum words, so both aligned words are taken before and after.
        int aligned = position & ~1;
        ushort firstBefore = BinaryPrimitives.ReadUInt16BigEndian(tcp[aligned..]);
        ushort secondBefore = position == aligned ? (ushort)0 : BinaryPrimitives.ReadUInt16BigEndian(tcp[(aligned + 2)..]);
        BinaryPrimitives.WriteUInt16BigEndian(tcp[position..], (ushort)limit);
        ushort checksum = BinaryPrimitives.ReadUInt16BigEndian(tcp[ChecksumOffset..]);
        checksum = InternetChecksum.Update(checksum, firstBefore, BinaryPrimitives.ReadUInt16BigEndian(tcp[aligned..]));
        if (position != aligned)
            checksum = InternetChecksum.Update(checksum, secondBefore, BinaryPrimitives.ReadUInt16BigEndian(tcp[(aligned + 2)..]));
        BinaryPrimitives.WriteUInt16BigEndian(tcp[ChecksumOffset..], checksum);
        return true;
    }
}
