using System.Buffers.Binary;

namespace Ipsec.Esp.Packets;

/// <summary>The clear start of an ESP packet, RFC 4303 §2.</summary>
static class EspHeader
{
    //  |        Security Parameters Index (SPI)        |
    //  |                Sequence Number                |   the low half with extended sequence numbers
    const int SequenceOffset = 4;
    public const int Length = 8;

    public static void Write(Span<byte> packet, uint spi, uint sequenceLow)
    {
        BinaryPrimitives.WriteUInt32BigEndian(packet, spi);
        BinaryPrimitives.WriteUInt32BigEndian(packet[SequenceOffset..], sequenceLow);
    }

    public static bool TryParse(ReadOnlySpan<byte> packet, out uint spi, out uint sequenceLow)
    {
        spi = sequenceLow = 0;
        if (packet.Length < Length)
            return false;
        spi = BinaryPrimitives.ReadUInt32BigEndian(packet);
        sequenceLow = BinaryPrimitives.ReadUInt32BigEndian(packet[SequenceOffset..]);
        return true;
    }
}
