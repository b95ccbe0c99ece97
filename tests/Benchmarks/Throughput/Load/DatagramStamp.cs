using System.Buffers.Binary;

namespace Ipsec.Benchmarks.Throughput.Load;

/// <summary>
/// The first octets of each datagram of a trial: which trial, which datagram of it, and when it was sent.
/// </summary>
readonly record struct DatagramStamp(uint Trial, uint Number, long SentAt)
{
    public const int EncodedLength = 16;

    //  |  trial (4)  |  number (4)  |  sent at, nanoseconds (8)  |
    const int NumberOffset = 4;
    const int SentAtOffset = 8;

    public void Write(Span<byte> datagram)
    {
        BinaryPrimitives.WriteUInt32BigEndian(datagram, Trial);
        BinaryPrimitives.WriteUInt32BigEndian(datagram[NumberOffset..], Number);
        BinaryPrimitives.WriteInt64BigEndian(datagram[SentAtOffset..], SentAt);
    }

    public static bool TryParse(ReadOnlySpan<byte> datagram, out DatagramStamp stamp)
    {
        stamp = default;
        if (datagram.Length < EncodedLength)
            return false;
        stamp = new DatagramStamp(BinaryPrimitives.ReadUInt32BigEndian(datagram), BinaryPrimitives.ReadUInt32BigEndian(datagram[NumberOffset..]),
            BinaryPrimitives.ReadInt64BigEndian(datagram[SentAtOffset..]));
        return true;
    }
}
