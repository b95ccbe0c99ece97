using Ipsec.Net;

namespace Ipsec.Esp.Tests.Kit;

/// <summary>One call of <see cref="IDataPathSink.Transmit"/>.</summary>
sealed record SentRun(NetworkPath Path, byte TrafficClass, byte[] Datagrams, int SegmentSize)
{
    public IEnumerable<byte[]> Split() => Datagrams.Chunk(SegmentSize);
}

/// <summary>Keeps everything that a data path gives out.</summary>
sealed class CollectingSink : IDataPathSink
{
    public List<SentRun> Sent { get; } = [];
    public List<byte[]> Delivered { get; } = [];
    public List<byte[]> IkeMessages { get; } = [];

    /// <summary>The datagrams of all runs in the order of sending.</summary>
    public List<byte[]> Datagrams => [.. Sent.SelectMany(run => run.Split())];

    public void Transmit(in NetworkPath path, byte trafficClass, ReadOnlySpan<byte> datagrams, int segmentSize) =>
        Sent.Add(new SentRun(path, trafficClass, datagrams.ToArray(), segmentSize));

    public void Deliver(Span<byte> innerPacket) => Delivered.Add(innerPacket.ToArray());

    public void Ike(ReadOnlySpan<byte> message, in NetworkPath path) => IkeMessages.Add(message.ToArray());

    public void Clear()
    {
        Sent.Clear();
        Delivered.Clear();
        IkeMessages.Clear();
    }
}
