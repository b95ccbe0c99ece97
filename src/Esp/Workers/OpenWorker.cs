using Ipsec.Crypto;
using Ipsec.Esp.Associations;
using Ipsec.Esp.Packets;
using Ipsec.Esp.Routing;
using Ipsec.Net;

namespace Ipsec.Esp.Workers;

/// <summary>Takes what arrived outside apart: keepalives, IKE, and ESP up to the authenticated payload (RFC 4303 §3.4).</summary>
static class OpenWorker
{
    public static void Open<TSink>(DataPathWorker worker, Span<byte> batch, int segmentSize, in NetworkPath path, byte outerTrafficClass,
        ref TSink sink) where TSink : IDataPathSink, allows ref struct
    {
        RouteSnapshot routes = worker.Routes;
        int step = segmentSize > 0 ? segmentSize : Math.Max(batch.Length, 1);
        do
        {
            int length = Math.Min(step, batch.Length);
            OpenDatagram(worker, routes, batch[..length], path, outerTrafficClass, ref sink);
            batch = batch[length..];
        }
        while (batch.Length > 0);
    }

    static void OpenDatagram<TSink>(DataPathWorker worker, RouteSnapshot routes, Span<byte> datagram, in NetworkPath path, byte outerTrafficClass,
        ref TSink sink) where TSink : IDataPathSink, allows ref struct
    {
        switch (DatagramClassifier.Classify(datagram, path.Encapsulation))
        {
            case DatagramKind.Esp:
                OpenEsp(worker, routes, datagram, path, outerTrafficClass, ref sink);
                break;
            case DatagramKind.Ike:
                worker.Counters.Increment(DataPathCounter.IkeMessages);
                sink.Ike(datagram[DatagramClassifier.NonEspMarkerLength..], path);
                break;
            case DatagramKind.Keepalive:
                worker.Counters.Increment(DataPathCounter.Keepalives);
                break;
            default:
                worker.Counters.Increment(DataPathCounter.MalformedEsp);
                break;
        }
    }

    static void OpenEsp<TSink>(DataPathWorker worker, RouteSnapshot routes, Span<byte> packet, in NetworkPath path, byte outerTrafficClass,
        ref TSink sink) where TSink : IDataPathSink, allows ref struct
    {
        if (!EspHeader.TryParse(packet, out uint spi, out uint sequenceLow))
        {
            worker.Counters.Increment(DataPathCounter.MalformedEsp);
            return;
        }
        if (worker.Associations.Find(spi) is not InboundAssociation association)
        {
            worker.Counters.Increment(DataPathCounter.UnknownSpi);
            worker.Reports.UnknownSpi(spi, path);
            return;
        }
        OpenOn(worker, routes, association, sequenceLow, packet, path, outerTrafficClass, ref sink);
    }

    /// <summary>The steps of RFC 4303 §3.4 behind the search for the SA.</summary>
    internal static void OpenOn<TSink>(DataPathWorker worker, RouteSnapshot routes, InboundAssociation association, uint sequenceLow,
        Span<byte> packet, in NetworkPath path, byte outerTrafficClass, ref TSink sink) where TSink : IDataPathSink, allows ref struct
    {
        if (association.Sa.IsHardLimitReached)
        {
            worker.Counters.Increment(DataPathCounter.HardLimit);
            return;
        }
        InboundCiphers ciphers = association.Ciphers;
        int payloadOffset = EspHeader.Length + ciphers.IvLength;
        int payloadLength = packet.Length - payloadOffset - ciphers.IcvLength;
        if (payloadLength < EspTrailer.FixedLength || payloadLength % ciphers.BlockLength != 0)
        {
            worker.Counters.Increment(DataPathCounter.MalformedEsp);
            return;
        }
        if (!association.TryExpect(sequenceLow, out ulong sequence))
        {
            worker.Counters.Increment(DataPathCounter.Replay);
            return;
        }
        Span<byte> payload = packet.Slice(payloadOffset, payloadLength);
        if (!TryAuthenticate(worker, association, packet, payload, sequence))
            return;
        if (!association.TryAccept(sequence, out bool isNewest))
        {
            worker.Counters.Increment(DataPathCounter.Replay);
            return;
        }
        association.Sa.Outbound.Activate();
        worker.Reports.FirstInbound(association.Sa);
        // RFC 7296 §2.23: only from authenticated packets; an old one that comes late says nothing about where the peer is now.
        if (isNewest)
            worker.Reports.PathChanged(association.Sa, path);
        if (association.Sa.TransportMode is TransportModeAddresses original)
            TransportExit.Receive(worker, association, payload, original, outerTrafficClass, ref sink);
        else
            TunnelExit.Receive(worker, routes, association, payload, outerTrafficClass, ref sink);
    }

    static bool TryAuthenticate(DataPathWorker worker, InboundAssociation association, Span<byte> packet, Span<byte> payload, ulong sequence)
    {
        InboundCiphers ciphers = association.Ciphers;
        if (ciphers.Rent() is not PacketCipher cipher)
        {
            worker.Counters.Increment(DataPathCounter.UnknownSpi);
            return false;
        }
        bool isAuthentic;
        try
        {
            uint? sequenceHigh = association.IsExtended ? (uint)(sequence >> 32) : null;
            isAuthentic = cipher.TryOpen(packet[..EspHeader.Length], sequenceHigh, packet.Slice(EspHeader.Length, ciphers.IvLength),
                payload, packet[^ciphers.IcvLength..]);
        }
        finally
        {
            ciphers.Return(cipher);
        }
        if (!isAuthentic)
            worker.Counters.Increment(DataPathCounter.Integrity);
        return isAuthentic;
    }
}
