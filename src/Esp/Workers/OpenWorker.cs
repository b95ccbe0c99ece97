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
            Span<byte> datagram = batch[..Math.Min(step, batch.Length)];
            batch = batch[Open(worker, routes, batch, datagram, path, outerTrafficClass, ref sink)..];
        }
        while (batch.Length > 0);
    }

    /// <summary>Returns how many octets of the batch are done: a datagram, or several that one SA opens together.</summary>
    /// <param name="datagram">The first of the batch.</param>
    static int Open<TSink>(DataPathWorker worker, RouteSnapshot routes, Span<byte> batch, Span<byte> datagram, in NetworkPath path, byte outerTrafficClass,
        ref TSink sink) where TSink : IDataPathSink, allows ref struct
    {
        switch (DatagramClassifier.Classify(datagram, path.Encapsulation))
        {
            case DatagramKind.Esp:
                return OpenEsp(worker, routes, batch, datagram, path, outerTrafficClass, ref sink);
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
        return datagram.Length;
    }

    static int OpenEsp<TSink>(DataPathWorker worker, RouteSnapshot routes, Span<byte> batch, Span<byte> packet, in NetworkPath path, byte outerTrafficClass,
        ref TSink sink) where TSink : IDataPathSink, allows ref struct
    {
        if (!EspHeader.TryParse(packet, out uint spi, out uint sequenceLow))
        {
            worker.Counters.Increment(DataPathCounter.MalformedEsp);
            return packet.Length;
        }
        if (worker.Associations.Find(spi) is not InboundAssociation association)
        {
            worker.Counters.Increment(DataPathCounter.UnknownSpi);
            worker.Reports.UnknownSpi(spi, path);
            return packet.Length;
        }
        if (association.Ciphers.PreferredRun > 1)
            return RunOpener.Open(worker, routes, association, batch, packet.Length, path, outerTrafficClass, ref sink);
        OpenOn(worker, routes, association, sequenceLow, packet, path, outerTrafficClass, ref sink);
        return packet.Length;
    }

    /// <summary>The steps of RFC 4303 §3.4 behind the search for the SA.</summary>
    internal static void OpenOn<TSink>(DataPathWorker worker, RouteSnapshot routes, InboundAssociation association, uint sequenceLow,
        Span<byte> packet, in NetworkPath path, byte outerTrafficClass, ref TSink sink) where TSink : IDataPathSink, allows ref struct
    {
        if (TryAdmit(worker, association, packet, sequenceLow, out ulong sequence) && TryAuthenticate(worker, association, packet, sequence))
            Receive(worker, routes, association, sequence, packet, path, outerTrafficClass, ref sink);
    }

    /// <summary>What can be said before the ICV; what is not worth the work is counted.</summary>
    internal static bool TryAdmit(DataPathWorker worker, InboundAssociation association, ReadOnlySpan<byte> packet, uint sequenceLow, out ulong sequence)
    {
        sequence = 0;
        if (association.Sa.IsHardLimitReached)
        {
            worker.Counters.Increment(DataPathCounter.HardLimit);
            return false;
        }
        InboundCiphers ciphers = association.Ciphers;
        int payloadLength = packet.Length - ciphers.PayloadOffset - ciphers.IcvLength;
        if (payloadLength < EspTrailer.FixedLength || payloadLength % ciphers.BlockLength != 0)
        {
            worker.Counters.Increment(DataPathCounter.MalformedEsp);
            return false;
        }
        if (association.TryExpect(sequenceLow, out sequence))
            return true;
        worker.Counters.Increment(DataPathCounter.Replay);
        return false;
    }

    /// <summary>What an authentic packet leads to.</summary>
    internal static void Receive<TSink>(DataPathWorker worker, RouteSnapshot routes, InboundAssociation association, ulong sequence,
        Span<byte> packet, in NetworkPath path, byte outerTrafficClass, ref TSink sink) where TSink : IDataPathSink, allows ref struct
    {
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
        Span<byte> payload = packet[association.Ciphers.PayloadOffset..^association.Ciphers.IcvLength];
        if (association.Sa.TransportMode is TransportModeAddresses original)
            TransportExit.Receive(worker, association, payload, original, outerTrafficClass, ref sink);
        else
            TunnelExit.Receive(worker, routes, association, payload, outerTrafficClass, ref sink);
    }

    static bool TryAuthenticate(DataPathWorker worker, InboundAssociation association, Span<byte> packet, ulong sequence)
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
            isAuthentic = cipher.TryOpen(packet[..EspHeader.Length], sequenceHigh, packet[EspHeader.Length..ciphers.PayloadOffset],
                packet[ciphers.PayloadOffset..^ciphers.IcvLength], packet[^ciphers.IcvLength..]);
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
