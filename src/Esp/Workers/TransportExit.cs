using Ipsec.Esp.Associations;
using Ipsec.Esp.Inner;
using Ipsec.Esp.Packets;
using Ipsec.Net;

namespace Ipsec.Esp.Workers;

/// <summary>
/// Where an authenticated payload leaves a transport mode SA (RFC 4303 §3.1.1): it gets an IP header with the addresses of the path, its checksum is
/// made to fit them, and it goes to the local side if it lies inside the selectors.
/// </summary>
static class TransportExit
{
    public static void Receive<TSink>(DataPathWorker worker, InboundAssociation association, ReadOnlySpan<byte> payload, in TransportModeAddresses original,
        byte trafficClass, ref TSink sink) where TSink : IDataPathSink, allows ref struct
    {
        bool hasTrailer = EspTrailer.TryParse(payload, out int length, out byte nextHeader);
        bool isDummy = hasTrailer && nextHeader == IpProtocol.NoNextHeader;
        if (!association.TryCount(hasTrailer && !isDummy ? length : 0, out bool isSoftLimitReached))
        {
            worker.Counters.Increment(DataPathCounter.HardLimit);
            worker.Reports.HardLimit(association.Sa);
            return;
        }
        if (isSoftLimitReached)
            worker.Reports.SoftLimit(association.Sa);
        if (!hasTrailer || isDummy)
        {
            worker.Counters.Increment(hasTrailer ? DataPathCounter.DummyPackets : DataPathCounter.Padding);
            return;
        }
        byte[] buffer = worker.Buffers.Rent();
        Deliver(worker, association.Sa, payload[..length], nextHeader, original, trafficClass, buffer, ref sink);
        worker.Buffers.Return(buffer);
    }

    static void Deliver<TSink>(DataPathWorker worker, TunnelSa sa, ReadOnlySpan<byte> content, byte protocol, in TransportModeAddresses original,
        byte trafficClass, Span<byte> buffer, ref TSink sink) where TSink : IDataPathSink, allows ref struct
    {
        ref readonly NetworkPath path = ref sa.Path.Path;
        int headerLength = IpPacketWriter.HeaderLength(path.Local.Address.IsV6);
        if (headerLength + content.Length > buffer.Length)
        {
            worker.Counters.Increment(DataPathCounter.MalformedInner);
            return;
        }
        IpPacketWriter.WriteHeader(buffer, path.Remote.Address, path.Local.Address, protocol, content.Length, trafficClass);
        Span<byte> packet = buffer[..(headerLength + content.Length)];
        content.CopyTo(packet[headerLength..]);
        // RFC 4303 §3.3.4: no fragments in transport mode.
        if (!IpPacket.TryParse(packet, out IpPacket parsed) || parsed.IsFragment)
        {
            worker.Counters.Increment(DataPathCounter.MalformedInner);
            return;
        }
        if (!sa.AllowsInbound(new Flow(parsed)))
        {
            worker.Counters.Increment(DataPathCounter.SelectorMismatch);
            return;
        }
        // RFC 3948 §3.1.2: what NATs did to the addresses is done to the checksum.
        Span<byte> transport = packet[parsed.HeaderLength..];
        if (original.Remote != path.Remote.Address)
            TransportFields.AddressChanged(transport, parsed.Protocol, original.Remote, path.Remote.Address);
        if (original.Local != path.Local.Address)
            TransportFields.AddressChanged(transport, parsed.Protocol, original.Local, path.Local.Address);
        worker.Counters.Increment(DataPathCounter.Opened);
        worker.Counters.Increment(DataPathCounter.Delivered);
        sink.Deliver(packet);
    }
}
