using Ipsec.EndpointHost.Engine;
using Ipsec.EndpointHost.Outer;
using Ipsec.Esp;
using Ipsec.Net;

namespace Ipsec.EndpointHost.Hosting;

/// <summary>Where packets of the inner side go.</summary>
readonly struct SealSink(PacketWorkers workers, PacketWorker worker) : IDataPathSink
{
    public void Transmit(in NetworkPath path, byte trafficClass, ReadOnlySpan<byte> datagrams, int segmentSize) =>
        workers.Send(worker, path, trafficClass, datagrams, segmentSize);

    /// <summary>An ICMP error of our own: it lies in no receive buffer.</summary>
    public void Deliver(Span<byte> innerPacket) => worker.Writer.Add([], innerPacket);

    /// <summary>Nothing arrives here.</summary>
    public void Ike(ReadOnlySpan<byte> message, in NetworkPath path)
    {
    }
}

/// <summary>Where packets of an outer socket go.</summary>
/// <param name="batch">What they lie in.</param>
readonly struct OpenSink(PacketWorkers workers, PacketWorker worker, ReceiveBatch batch, EngineLoop engine) : IDataPathSink
{
    public void Transmit(in NetworkPath path, byte trafficClass, ReadOnlySpan<byte> datagrams, int segmentSize) =>
        workers.Send(worker, path, trafficClass, datagrams, segmentSize);

    public void Deliver(Span<byte> innerPacket) => worker.Writer.Add(batch.Memory, innerPacket);

    public void Ike(ReadOnlySpan<byte> message, in NetworkPath path) => engine.Post(message, path);
}
