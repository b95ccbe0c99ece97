using Ipsec.Net;

namespace Ipsec.Esp.Tests.Kit;

/// <summary>Counts and keeps the last run in a fixed buffer; allocates nothing.</summary>
struct CountingSink : IDataPathSink
{
    public byte[] Last;
    public int LastLength;
    public int LastSegmentSize;
    public int Transmitted;
    public int Delivered;

    public void Transmit(in NetworkPath path, byte trafficClass, ReadOnlySpan<byte> datagrams, int segmentSize)
    {
        Transmitted++;
        datagrams.CopyTo(Last);
        LastLength = datagrams.Length;
        LastSegmentSize = segmentSize;
    }

    public void Deliver(Span<byte> innerPacket) => Delivered++;

    public readonly void Ike(ReadOnlySpan<byte> message, in NetworkPath path)
    {
    }
}
