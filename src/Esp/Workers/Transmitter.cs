using Ipsec.Esp.Associations;
using Ipsec.Esp.Segmentation;

namespace Ipsec.Esp.Workers;

/// <summary>Seals a series of packets on one SA into the worker's batch.</summary>
static class Transmitter
{
    public static void Transmit<TSeries, TSink>(DataPathWorker worker, OutboundAssociation association, ref TSeries series,
        byte nextHeader, byte trafficClass, ref TSink sink)
        where TSeries : IPacketSeries, allows ref struct
        where TSink : IDataPathSink, allows ref struct
    {
        SealBatch batch = worker.Batch;
        batch.Begin(association, trafficClass, ref sink);
        int count = 0;
        SealOutcome outcome = SealOutcome.Sealed;
        while (series.NextLength is > 0 and int innerLength)
        {
            int datagramLength = association.DatagramLength(innerLength);
            Span<byte> datagram = batch.Next(datagramLength, ref sink);
            series.WriteNext(datagram.Slice(association.PayloadOffset, innerLength));
            outcome = association.TryLayOut(datagram, innerLength, nextHeader);
            if (outcome != SealOutcome.Sealed)
                break;
            batch.Commit(datagramLength);
            count++;
        }
        worker.Counters.Add(DataPathCounter.Sealed, count);
        if (association.IsSoftLimitReached)
            worker.Reports.SoftLimit(association.Sa);
        if (outcome == SealOutcome.Sealed)
            return;
        worker.Counters.Increment(outcome == SealOutcome.Exhausted ? DataPathCounter.HardLimit : DataPathCounter.NoSa);
        if (outcome == SealOutcome.Exhausted)
            worker.Reports.HardLimit(association.Sa);
    }
}
