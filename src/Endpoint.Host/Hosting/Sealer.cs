using Ipsec.EndpointHost.Inner;
using Ipsec.EndpointHost.Telemetry;
using Ipsec.Esp;
using Microsoft.Extensions.Logging;

namespace Ipsec.EndpointHost.Hosting;

/// <summary>One thread's way from the inner side into the data path: what it seals in a turn leaves with few system calls.</summary>
sealed class Sealer(PacketWorkers workers, PacketWorker worker, ILogger logger)
{
    /// <summary>Before the first packet that waits.</summary>
    public void BeginTurn() => workers.AdvanceTime();

    /// <param name="packet">As it was read; it may be changed in place.</param>
    /// <param name="hasHeader">A <see cref="SegmentationHeader"/> stands in front.</param>
    public void Seal(Span<byte> packet, bool hasHeader)
    {
        var sink = new SealSink(workers, worker);
        try
        {
            if (!hasHeader)
                worker.DataPath.Seal(new SuperPacket(packet), ref sink);
            else if (SegmentationHeader.TryRead(packet, out SuperPacket super))
                worker.DataPath.Seal(super, ref sink);
        }
        catch (Exception exception)
        {
            worker.DataPath.Reset();
            logger.WorkerFault(exception);
        }
    }

    /// <summary>Nothing more waits, or others have to have their turn.</summary>
    public void EndTurn()
    {
        var sink = new SealSink(workers, worker);
        try
        {
            worker.DataPath.Flush(ref sink);
        }
        catch (Exception exception)
        {
            worker.DataPath.Reset();
            logger.WorkerFault(exception);
        }
    }
}
