using Ipsec.EndpointHost.Engine;
using Ipsec.EndpointHost.Native;
using Ipsec.EndpointHost.Outer;
using Ipsec.EndpointHost.Telemetry;
using Ipsec.Net;
using Microsoft.Extensions.Logging;

namespace Ipsec.EndpointHost.Hosting;

/// <summary>From an outer socket through the data path to the inner side; IKE messages go to the engine's thread.</summary>
sealed class SocketSource(PacketWorkers workers, OuterSocket socket, PacketThread thread, EngineLoop engine, ILogger logger) : IPacketSource
{
    readonly PacketWorker _worker = thread.Worker;
    readonly ReceiveBatch _batch = thread.Batch;

    public FileDescriptor Descriptor => socket.Descriptor;

    /// <summary>Opens what one system call brings.</summary>
    public TurnOutcome TakeTurn()
    {
        int count = _batch.Receive(socket.Descriptor);
        if (count <= 0)
            return count == 0 ? TurnOutcome.Idle : TurnOutcome.Failed;
        workers.AdvanceTime();
        var sink = new OpenSink(workers, _worker, _batch, engine);
        try
        {
            for (int i = 0; i < count; i++)
            {
                byte trafficClass = _batch.TrafficClass(i, out int segmentSize);
                Open(_batch.Datagram(i), segmentSize, _batch.Sender(i), trafficClass, ref sink);
            }
            _worker.DataPath.Flush(ref sink);
        }
        catch (Exception exception)
        {
            _worker.DataPath.Reset();
            logger.WorkerFault(exception);
        }
        // In any case before the memory is used again: what was opened waits in there.
        _worker.Writer.Flush(_batch.Memory);
        return TurnOutcome.Worked;
    }

    /// <summary>The socket is its owner's.</summary>
    public void Dispose()
    {
    }

    void Open(Span<byte> datagram, int segmentSize, TransportAddress sender, byte trafficClass, ref OpenSink sink)
    {
        if (socket.Encapsulation == PathEncapsulation.Ike)
        {
            engine.Post(datagram, new NetworkPath(socket.Local, sender, PathEncapsulation.Ike));
            return;
        }
        if (socket.Encapsulation == PathEncapsulation.RawEsp)
        {
            sender = sender with { Port = 0 };
            if (!socket.Local.Address.IsV6 && !TryStripHeader(ref datagram, ref trafficClass))
                return;
        }
        _worker.DataPath.Open(datagram, segmentSize, new NetworkPath(socket.Local, sender, socket.Encapsulation), trafficClass, ref sink);
    }

    /// <summary>A raw IPv4 socket hands over the IP header too, a raw IPv6 socket does not (raw(7), RFC 3542 §3).</summary>
    static bool TryStripHeader(ref Span<byte> datagram, ref byte trafficClass)
    {
        if (!IpPacket.TryParse(datagram, out IpPacket packet))
            return false;
        trafficClass = packet.TrafficClass;
        datagram = datagram[packet.HeaderLength..packet.TotalLength];
        return true;
    }
}
