using Ipsec.Crypto;
using Ipsec.Esp.Associations;
using Ipsec.Esp.Packets;
using Ipsec.Esp.Routing;
using Ipsec.Net;

namespace Ipsec.Esp.Workers;

/// <summary>Takes what arrived outside apart: keepalives, IKE, and ESP up to the authenticated payload (RFC 4303 §3.4).</summary>
static class OpenWorker
{
    public static void Open<TSink>(DataPathState state, Span<byte> batch, int segmentSize, in NetworkPath path, byte outerTrafficClass,
        ref TSink sink) where TSink : IDataPathSink, allows ref struct
    {
        RouteSnapshot routes = state.Routes;
        int step = segmentSize > 0 ? segmentSize : Math.Max(batch.Length, 1);
        do
        {
            int length = Math.Min(step, batch.Length);
            OpenDatagram(state, routes, batch[..length], path, outerTrafficClass, ref sink);
            batch = batch[length..];
        }
        while (batch.Length > 0);
    }

    static void OpenDatagram<TSink>(DataPathState state, RouteSnapshot routes, Span<byte> datagram, in NetworkPath path, byte outerTrafficClass,
        ref TSink sink) where TSink : IDataPathSink, allows ref struct
    {
        switch (DatagramClassifier.Classify(datagram, path.Encapsulation))
        {
            case DatagramKind.Esp:
                OpenEsp(state, routes, datagram, path, outerTrafficClass, ref sink);
                break;
            case DatagramKind.Ike:
                state.Counters.Increment(DataPathCounter.IkeMessages);
                sink.Ike(datagram[DatagramClassifier.NonEspMarkerLength..], path);
                break;
            case DatagramKind.Keepalive:
                state.Counters.Increment(DataPathCounter.Keepalives);
                break;
            default:
                state.Counters.Increment(DataPathCounter.MalformedEsp);
                break;
        }
    }

    static void OpenEsp<TSink>(DataPathState state, RouteSnapshot routes, Span<byte> packet, in NetworkPath path, byte outerTrafficClass,
        ref TSink sink) where TSink : IDataPathSink, allows ref struct
    {
        if (!EspHeader.TryParse(packet, out uint spi, out uint sequenceLow))
        {
            state.Counters.Increment(DataPathCounter.MalformedEsp);
            return;
        }
        if (state.Associations.Find(spi) is not InboundAssociation association)
        {
            state.Counters.Increment(DataPathCounter.UnknownSpi);
            state.Reports.UnknownSpi(spi, path);
            return;
        }
        OpenOn(state, routes, association, sequenceLow, packet, path, outerTrafficClass, ref sink);
    }

    /// <summary>The steps of RFC 4303 §3.4 behind the search for the SA.</summary>
    internal static void OpenOn<TSink>(DataPathState state, RouteSnapshot routes, InboundAssociation association, uint sequenceLow,
        Span<byte> packet, in NetworkPath path, byte outerTrafficClass, ref TSink sink) where TSink : IDataPathSink, allows ref struct
    {
        if (association.Sa.IsHardLimitReached)
        {
            state.Counters.Increment(DataPathCounter.HardLimit);
            return;
        }
        InboundCiphers ciphers = association.Ciphers;
        int payloadOffset = EspHeader.Length + ciphers.IvLength;
        int payloadLength = packet.Length - payloadOffset - ciphers.IcvLength;
        if (payloadLength < EspTrailer.FixedLength || payloadLength % ciphers.BlockLength != 0)
        {
            state.Counters.Increment(DataPathCounter.MalformedEsp);
            return;
        }
        if (!association.TryExpect(sequenceLow, out ulong sequence))
        {
            state.Counters.Increment(DataPathCounter.Replay);
            return;
        }
        Span<byte> payload = packet.Slice(payloadOffset, payloadLength);
        if (!TryAuthenticate(state, association, packet, payload, sequence))
            return;
        if (!association.TryAccept(sequence, out bool isNewest))
        {
            state.Counters.Increment(DataPathCounter.Replay);
            return;
        }
        association.Sa.Outbound.Activate();
        state.Reports.FirstInbound(association.Sa);
        // RFC 7296 §2.23: only from authenticated packets; an old one that comes late says nothing about where the peer is now.
        if (isNewest)
            state.Reports.PathChanged(association.Sa, path);
        if (association.Sa.TransportMode is TransportModeAddresses original)
            TransportExit.Receive(state, association, payload, original, outerTrafficClass, ref sink);
        else
            TunnelExit.Receive(state, routes, association, payload, outerTrafficClass, ref sink);
    }

    static bool TryAuthenticate(DataPathState state, InboundAssociation association, Span<byte> packet, Span<byte> payload, ulong sequence)
    {
        InboundCiphers ciphers = association.Ciphers;
        if (ciphers.Rent() is not PacketCipher cipher)
        {
            state.Counters.Increment(DataPathCounter.UnknownSpi);
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
            state.Counters.Increment(DataPathCounter.Integrity);
        return isAuthentic;
    }
}
