using Ipsec.Esp.Associations;
using Ipsec.Esp.Segmentation;
using Ipsec.Net;

namespace Ipsec.Esp.Workers;

/// <summary>Seals a series of packets on one SA into one buffer and hands it to the sink in runs.</summary>
static class Transmitter
{
    public static void Transmit<TSeries, TSink>(DataPathState state, OutboundAssociation association, ref TSeries series,
        byte nextHeader, byte trafficClass, ref TSink sink)
        where TSeries : IPacketSeries, allows ref struct
        where TSink : IDataPathSink, allows ref struct
    {
        byte[] buffer = state.Buffers.Rent();
        int count = 0;
        SealOutcome outcome = SealOutcome.Sealed;
        bool isSoftLimitReached;
        try
        {
            // Held until the sink has the run: packets leave in the order of their numbers.
            lock (association.SendLock)
            {
                ref readonly NetworkPath path = ref association.Sa.Path.Path;
                var run = new SealRun(buffer);
                while (series.NextLength is > 0 and int innerLength)
                {
                    int datagramLength = association.DatagramLength(innerLength);
                    if (!run.HasRoomFor(datagramLength))
                    {
                        sink.Transmit(path, trafficClass, run.Datagrams, run.SegmentSize);
                        run.Clear();
                    }
                    Span<byte> datagram = run.Next(datagramLength);
                    series.WriteNext(datagram.Slice(association.PayloadOffset, innerLength));
                    outcome = association.TrySeal(datagram, innerLength, nextHeader);
                    if (outcome != SealOutcome.Sealed)
                        break;
                    run.Commit(datagramLength);
                    count++;
                }
                if (!run.IsEmpty)
                    sink.Transmit(path, trafficClass, run.Datagrams, run.SegmentSize);
                isSoftLimitReached = association.IsSoftLimitReached;
            }
        }
        finally
        {
            state.Buffers.Return(buffer);
        }
        state.Counters.Add(DataPathCounter.Sealed, count);
        if (isSoftLimitReached)
            state.Reports.SoftLimit(association.Sa);
        if (outcome == SealOutcome.Sealed)
            return;
        state.Counters.Increment(outcome == SealOutcome.Exhausted ? DataPathCounter.HardLimit : DataPathCounter.NoSa);
        if (outcome == SealOutcome.Exhausted)
            state.Reports.HardLimit(association.Sa);
    }
}
