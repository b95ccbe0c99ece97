using Ipsec.Esp.Associations;
using Ipsec.Esp.Inner;
using Ipsec.Esp.Inner.Nat;
using Ipsec.Esp.Packets;
using Ipsec.Esp.Routing;
using Ipsec.Net;

namespace Ipsec.Esp.Workers;

/// <summary>Where an authenticated payload leaves its tunnel: trailer, selectors, inner stage, route to the local side or into another tunnel.</summary>
static class TunnelExit
{
    public static void Receive<TSink>(DataPathWorker worker, RouteSnapshot routes, InboundAssociation association, Span<byte> payload,
        byte outerTrafficClass, ref TSink sink) where TSink : IDataPathSink, allows ref struct
    {
        DataPathCounter? fault = Parse(payload, out int contentLength, out IpPacket parsed);
        // A limit counts inner packets; the packet itself counts as a sign of life whatever was in it.
        if (!association.TryCount(fault is null ? parsed.TotalLength : 0, out bool isSoftLimitReached))
        {
            worker.Counters.Increment(DataPathCounter.HardLimit);
            worker.Reports.HardLimit(association.Sa);
            return;
        }
        if (isSoftLimitReached)
            worker.Reports.SoftLimit(association.Sa);
        fault ??= association.Sa.AllowsInbound(new Flow(parsed)) ? null : DataPathCounter.SelectorMismatch;
        if (fault is DataPathCounter reason)
        {
            worker.Counters.Increment(reason);
            return;
        }
        worker.Counters.Increment(DataPathCounter.Opened);
        // RFC 4303 §2.7: what is behind the inner packet's own length is TFC padding.
        if (contentLength > parsed.TotalLength)
            worker.Counters.Increment(DataPathCounter.TfcPadded);
        Span<byte> inner = payload[..parsed.TotalLength];
        if (!TryApplyEcn(worker, inner, parsed.TrafficClass, outerTrafficClass))
            return;
        RoutedTunnel? routed = routes.Find(association.Sa.Tunnel);
        if (routed?.Nat is TunnelNat nat && !nat.TryTranslateInbound(inner, parsed, worker.Now))
        {
            worker.Counters.Increment(DataPathCounter.NatDropped);
            return;
        }
        if (routed?.MssClamp is int limit && MssClamp.TryClamp(inner, parsed, limit))
            worker.Counters.Increment(DataPathCounter.MssClamped);
        Route(worker, routes, association.Sa, inner, parsed, ref sink);
    }

    /// <summary>Null if the payload is a whole IP packet of the version that its next header names.</summary>
    static DataPathCounter? Parse(ReadOnlySpan<byte> payload, out int contentLength, out IpPacket parsed)
    {
        parsed = default;
        if (!EspTrailer.TryParse(payload, out contentLength, out byte nextHeader))
            return DataPathCounter.Padding;
        if (nextHeader == IpProtocol.NoNextHeader)
            return DataPathCounter.DummyPackets;
        if (nextHeader is not (IpProtocol.IpInIp or IpProtocol.Ipv6InIp))
            return DataPathCounter.NextHeader;
        bool isIp = IpPacket.TryParse(payload[..contentLength], out parsed) && parsed.IsV6 == (nextHeader == IpProtocol.Ipv6InIp);
        return isIp ? null : DataPathCounter.MalformedInner;
    }

    static bool TryApplyEcn(DataPathWorker worker, Span<byte> inner, byte innerTrafficClass, byte outerTrafficClass)
    {
        EcnOutcome outcome = EcnRules.Decapsulate(innerTrafficClass, outerTrafficClass);
        if (outcome.Drop)
        {
            worker.Counters.Increment(DataPathCounter.EcnDropped);
            return false;
        }
        if (outcome.IsUnexpected)
            worker.Counters.Increment(DataPathCounter.EcnUnexpected);
        if (outcome.Ecn != (innerTrafficClass & EcnRules.Mask))
            InnerHeader.SetEcn(inner, outcome.Ecn);
        return true;
    }

    static void Route<TSink>(DataPathWorker worker, RouteSnapshot routes, TunnelSa from, Span<byte> inner, in IpPacket parsed, ref TSink sink)
        where TSink : IDataPathSink, allows ref struct
    {
        switch (routes.Route(parsed, out int tunnel))
        {
            // What goes on into another tunnel is counted there, once, behind the hop limit.
            case RouteKind.Local when !routes.TryPass(inner.Length, worker.Now):
                worker.Counters.Increment(DataPathCounter.Shaped);
                break;
            case RouteKind.Local:
                worker.Counters.Increment(DataPathCounter.Delivered);
                sink.Deliver(inner);
                break;
            case RouteKind.Tunnel when routes.AllowsTransit:
                Forward(worker, routes, from, inner, parsed, tunnel, ref sink);
                break;
            case RouteKind.Tunnel:
                worker.Counters.Increment(DataPathCounter.TransitDenied);
                break;
            default:
                worker.Counters.Increment(DataPathCounter.NoRoute);
                break;
        }
    }

    static void Forward<TSink>(DataPathWorker worker, RouteSnapshot routes, TunnelSa from, Span<byte> inner, in IpPacket parsed, int tunnel,
        ref TSink sink) where TSink : IDataPathSink, allows ref struct
    {
        // Only here is this endpoint a router on the packet's way: on the inner side the kernel counts hops.
        if (InnerHeader.TryDecrementHopLimit(inner))
        {
            worker.Counters.Increment(DataPathCounter.Forwarded);
            TunnelEntry.Send(worker, routes, new SuperPacket(inner), parsed, tunnel, from, ref sink);
            return;
        }
        worker.Counters.Increment(DataPathCounter.HopLimitExceeded);
        byte[] error = worker.Buffers.Rent();
        int length = IcmpErrors.WriteTimeExceeded(error, parsed, worker.Options);
        ErrorReply.Send(worker, routes, error.AsSpan(0, length), from, ref sink);
        worker.Buffers.Return(error);
    }
}
