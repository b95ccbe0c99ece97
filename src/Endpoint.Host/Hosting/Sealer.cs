using Ipsec.EndpointHost.Inner;
using Ipsec.EndpointHost.Telemetry;
using Ipsec.Esp;
using Microsoft.Extensions.Logging;

namespace Ipsec.EndpointHost.Hosting;

/// <summary>One thread's way from the inner side into the data path: what it seals in a turn leaves with few system calls.</summary>
sealed class Sealer(PacketWorkers workers, DataPathWorker worker, IInnerWriter writer, ILogger logger) : IDisposable
{
    /// <summary>Before the first packet that waits.</summary>
    public void BeginTurn() => workers.AdvanceTime();

    /// <param name="packet">As it was read; it may be changed in place.</param>
    /// <param name="hasHeader">A <see cref="SegmentationHeader"/> stands in front.</param>
    public void Seal(Span<byte> packet, bool hasHeader)
    {
        var sink = new SealSink(workers, worker, writer);
        try
        {
            if (!hasHeader)
                worker.Seal(new SuperPacket(packet), ref sink);
            else if (SegmentationHeader.TryRead(packet, out SuperPacket super))
                worker.Seal(super, ref sink);
        }
        catch (Exception exception)
        {
            worker.Reset();
            logger.WorkerFault(exception);
        }
    }

    /// <summary>Nothing more waits, or others have to have their turn.</summary>
    public void EndTurn()
    {
        var sink = new SealSink(workers, worker, writer);
        try
        {
            worker.Flush(ref sink);
        }
        catch (Exception exception)
        {
            worker.Reset();
            logger.WorkerFault(exception);
        }
    }

    public void Dispose() => writer.Dispose();
}
