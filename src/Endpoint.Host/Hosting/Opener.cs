using Ipsec.EndpointHost.Engine;
using Ipsec.EndpointHost.Inner;
using Ipsec.EndpointHost.Outer;
using Ipsec.EndpointHost.Telemetry;
using Ipsec.Esp;
using Ipsec.Net;
using Microsoft.Extensions.Logging;

namespace Ipsec.EndpointHost.Hosting;

/// <summary>One thread's way from an outer socket through the data path to the inner side; IKE messages go to the engine's thread.</summary>
sealed class Opener(PacketWorkers workers, OuterSocket socket, DataPathWorker worker, IInnerWriter writer, EngineLoop engine, ILogger logger)
{
    /// <summary>Opens what one system call brought.</summary>
    public void Open(ReceiveBatch batch, int count)
    {
        var sink = new OpenSink(workers, worker, writer, engine, batch);
        try
        {
            for (int i = 0; i < count; i++)
            {
                byte trafficClass = batch.TrafficClass(i, out int segmentSize);
                Open(batch.Datagram(i), segmentSize, batch.Sender(i), trafficClass, ref sink);
            }
            worker.Flush(ref sink);
        }
        catch (Exception exception)
        {
            worker.Reset();
            logger.WorkerFault(exception);
        }
        // In any case before the memory is used again: what was opened waits in there.
        writer.Flush(batch.Memory);
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
        worker.Open(datagram, segmentSize, new NetworkPath(socket.Local, sender, socket.Encapsulation), trafficClass, ref sink);
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
