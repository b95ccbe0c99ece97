using Ipsec.Esp.Associations;
using Ipsec.Esp.Segmentation;
using Ipsec.Net;

namespace Ipsec.Esp.Workers;

/// <summary>Seals in transport mode (RFC 4303 §3.1.1): what stands behind the IP header; the host writes the header anew, from the path.</summary>
static class TransportEntry
{
    /// <param name="isTooBig">It was not sent, and its sender is to be told.</param>
    public static void Send<TSink>(DataPathWorker worker, SuperPacket packet, in IpPacket parsed, OutboundAssociation association, int mtu, byte trafficClass,
        ref TSink sink, out bool isTooBig) where TSink : IDataPathSink, allows ref struct
    {
        isTooBig = false;
        ref readonly NetworkPath path = ref association.Sa.Path.Path;
        int headerLength = IpPacketWriter.HeaderLength(parsed.IsV6);
        // RFC 4303 §3.3.4: whole datagrams only. Options and extension headers would have to stand before ESP, where we write no header of ours.
        if (parsed.IsFragment || parsed.HeaderLength != headerLength || parsed.Source != path.Local.Address || parsed.Destination != path.Remote.Address)
        {
            worker.Counters.Increment(DataPathCounter.NotForTransport);
            return;
        }
        if (packet.Segmentation != SegmentationKind.None)
        {
            if (!SegmentSeries.TryCreate(parsed, packet.Segmentation, packet.SegmentSize, out SegmentSeries segments))
            {
                worker.Counters.Increment(DataPathCounter.MalformedInner);
                return;
            }
            isTooBig = segments.NextLength > mtu;
            if (!isTooBig)
                Transmit(worker, association, segments, headerLength, parsed.Protocol, trafficClass, ref sink);
            return;
        }
        // RFC 4303 §3.3.4: fragmentation happens behind ESP, where the packet leaves.
        isTooBig = parsed.TotalLength > mtu && parsed.DontFragment;
        if (!isTooBig)
            Transmit(worker, association, new WholePacket(parsed.Bytes), headerLength, parsed.Protocol, trafficClass, ref sink);
    }

    static void Transmit<TSeries, TSink>(DataPathWorker worker, OutboundAssociation association, TSeries packets, int headerLength, byte protocol,
        byte trafficClass, ref TSink sink)
        where TSeries : IPacketSeries, allows ref struct
        where TSink : IDataPathSink, allows ref struct
    {
        byte[] scratch = worker.Buffers.Rent();
        var series = new TransportSeries<TSeries>(packets, headerLength, scratch);
        Transmitter.Transmit(worker, association, ref series, protocol, trafficClass, ref sink);
        worker.Buffers.Return(scratch);
    }
}
