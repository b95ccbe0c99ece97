using Ipsec.Esp;
using Ipsec.Esp.Coalescing;
using Ipsec.Net;

namespace Ipsec.Tests.Support.Packets;

/// <summary>Copies the last run; counts what is delivered.</summary>
public struct KeepingSink(byte[] buffer) : IDataPathSink
{
    public readonly byte[] Last => buffer;
    public int Length { get; private set; }
    public int SegmentSize { get; private set; }
    public int Delivered { get; private set; }

    public void Transmit(in NetworkPath path, byte trafficClass, ReadOnlySpan<byte> datagrams, int segmentSize)
    {
        datagrams.CopyTo(buffer);
        (Length, SegmentSize) = (datagrams.Length, segmentSize);
    }

    public void Deliver(Span<byte> innerPacket) => Delivered++;

    public readonly void Ike(ReadOnlySpan<byte> message, in NetworkPath path)
    {
    }
}

/// <summary>Counts only: what the data path costs without its environment.</summary>
public struct DiscardingSink : IDataPathSink
{
    public int Transmitted { get; private set; }
    public int Delivered { get; private set; }

    public void Transmit(in NetworkPath path, byte trafficClass, ReadOnlySpan<byte> datagrams, int segmentSize) => Transmitted++;

    public void Deliver(Span<byte> innerPacket) => Delivered++;

    public readonly void Ike(ReadOnlySpan<byte> message, in NetworkPath path)
    {
    }
}

/// <summary>What a TUN device's writer does, without the device.</summary>
public struct CoalescingSink(PacketCoalescer coalescer, byte[] memory) : IDataPathSink
{
    LocalSink _local;

    public readonly void Transmit(in NetworkPath path, byte trafficClass, ReadOnlySpan<byte> datagrams, int segmentSize)
    {
    }

    public void Deliver(Span<byte> innerPacket) => coalescer.Add(memory, innerPacket, ref _local);

    public readonly void Ike(ReadOnlySpan<byte> message, in NetworkPath path)
    {
    }

    /// <summary>Gives away what is held; returns how many packets came out, coalesced or alone.</summary>
    public int Flush()
    {
        coalescer.Flush(memory, ref _local);
        return _local.Count;
    }

    struct LocalSink : ICoalescedSink
    {
        public int Count { get; private set; }

        public void Deliver(in CoalescedPacket packet) => Count++;
    }
}
