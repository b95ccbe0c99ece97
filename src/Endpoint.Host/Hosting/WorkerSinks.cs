using Ipsec.EndpointHost.Engine;
using Ipsec.EndpointHost.Inner;
using Ipsec.EndpointHost.Outer;
using Ipsec.Esp;
using Ipsec.Net;

namespace Ipsec.EndpointHost.Hosting;

/// <summary>Where packets of a worker go that reads from the inner side.</summary>
readonly struct SealSink(PacketWorkers workers, DataPathWorker worker, IInnerWriter writer) : IDataPathSink
{
    public void Transmit(in NetworkPath path, byte trafficClass, ReadOnlySpan<byte> datagrams, int segmentSize) =>
        workers.Send(worker, path, trafficClass, datagrams, segmentSize);

    /// <summary>An ICMP error of our own: it lies in no receive buffer.</summary>
    public void Deliver(Span<byte> innerPacket) => writer.Add([], innerPacket);

    /// <summary>Nothing arrives here.</summary>
    public void Ike(ReadOnlySpan<byte> message, in NetworkPath path)
    {
    }
}

/// <summary>Where packets of a worker go that reads from an outer socket.</summary>
readonly struct OpenSink(PacketWorkers workers, DataPathWorker worker, IInnerWriter writer, EngineLoop engine, ReceiveBatch batch) : IDataPathSink
{
    public void Transmit(in NetworkPath path, byte trafficClass, ReadOnlySpan<byte> datagrams, int segmentSize) =>
        workers.Send(worker, path, trafficClass, datagrams, segmentSize);

    public void Deliver(Span<byte> innerPacket) => writer.Add(batch.Memory, innerPacket);

    public void Ike(ReadOnlySpan<byte> message, in NetworkPath path) => engine.Post(message, path);
}
