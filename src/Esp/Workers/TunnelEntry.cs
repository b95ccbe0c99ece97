using System.Buffers.Binary;
using Ipsec.Esp.Associations;
using Ipsec.Esp.Inner;
using Ipsec.Esp.Inner.Nat;
using Ipsec.Esp.Routing;
using Ipsec.Esp.Segmentation;
using Ipsec.Net;

namespace Ipsec.Esp.Workers;

/// <summary>Where an inner packet enters a tunnel, be it from the inner side or from another tunnel: inner stage, SA, size, sealing.</summary>
static class TunnelEntry
{
    const ushort IkePort = 500;
    const ushort NatTraversalPort = 4500;

    // RFC 8200 §5: every IPv6 path takes this much; what is longer outside is fragmented there (RFC 2473 §7.1).
    const int MinimumV6Mtu = 1280;

    /// <param name="from">The SA that the packet came out of; null for the inner side and for our own ICMP errors.</param>
    public static void Send<TSink>(DataPathWorker worker, RouteSnapshot routes, SuperPacket packet, in IpPacket parsed, int tunnel,
        TunnelSa? from, ref TSink sink) where TSink : IDataPathSink, allows ref struct
    {
        if (!TryFinishChecksum(packet))
        {
            worker.Counters.Increment(DataPathCounter.MalformedInner);
            return;
        }
        // The SA's selectors are about the addresses of the wire.
        RoutedTunnel? routed = routes.Find(tunnel);
        if (routed?.Nat is TunnelNat nat && !nat.TryTranslateOutbound(packet.Packet, parsed, worker.Now))
        {
            worker.Counters.Increment(DataPathCounter.NatDropped);
            return;
        }
        var flow = new Flow(parsed);
        TunnelState tunnelState = routed?.State ?? worker.Associations.Tunnel(tunnel);
        OutboundPolicy policy = tunnelState.Policy;
        if (policy.Select(flow) is not OutboundAssociation association)
        {
            bool isExhausted = policy.IsExhaustedFor(flow);
            worker.Counters.Increment(isExhausted ? DataPathCounter.HardLimit : DataPathCounter.NoSa);
            if (!isExhausted)
                worker.Reports.Acquire(tunnelState, tunnel, flow);
            return;
        }
        ref readonly NetworkPath path = ref association.Sa.Path.Path;
        if (from is not null && from.Tunnel == tunnel && from.Path.Path.Remote == path.Remote)
        {
            worker.Counters.Increment(DataPathCounter.Hairpin);
            return;
        }
        if (IsOwnOuterPacket(flow, path))
        {
            worker.Counters.Increment(DataPathCounter.OwnOuterPacket);
            return;
        }
        if (routed?.MssClamp is int limit && MssClamp.TryClamp(packet.Packet, parsed, limit))
            worker.Counters.Increment(DataPathCounter.MssClamped);
        if (!routes.TryPass(parsed.TotalLength, worker.Now))
        {
            worker.Counters.Increment(DataPathCounter.Shaped);
            return;
        }
        Cut(worker, routes, packet, parsed, association, routed?.Nat, from, ref sink);
    }

    static void Cut<TSink>(DataPathWorker worker, RouteSnapshot routes, SuperPacket packet, in IpPacket parsed,
        OutboundAssociation association, TunnelNat? nat, TunnelSa? from, ref TSink sink) where TSink : IDataPathSink, allows ref struct
    {
        int mtu = LongestInner(worker, association, parsed.IsV6);
        byte nextHeader = parsed.IsV6 ? IpProtocol.Ipv6InIp : IpProtocol.IpInIp;
        if (association.IsTransport)
        {
            TransportEntry.Send(worker, packet, parsed, association, mtu, parsed.TrafficClass, ref sink, out bool isTooBig);
            if (isTooBig)
                TooBig(worker, routes, parsed, mtu, nat, from, ref sink);
            return;
        }
        byte trafficClass = EcnRules.OuterTrafficClass(parsed.TrafficClass, worker.Options.CopyDscp);
        if (packet.Segmentation != SegmentationKind.None)
        {
            if (!SegmentSeries.TryCreate(parsed, packet.Segmentation, packet.SegmentSize, out SegmentSeries segments))
                worker.Counters.Increment(DataPathCounter.MalformedInner);
            else if (segments.NextLength > mtu)
                TooBig(worker, routes, parsed, mtu, nat, from, ref sink);
            else
                Transmitter.Transmit(worker, association, ref segments, nextHeader, trafficClass, ref sink);
            return;
        }
        if (parsed.TotalLength <= mtu)
        {
            var whole = new WholePacket(parsed.Bytes);
            Transmitter.Transmit(worker, association, ref whole, nextHeader, trafficClass, ref sink);
            return;
        }
        if (parsed.DontFragment || !worker.Options.FragmentInner)
        {
            TooBig(worker, routes, parsed, mtu, nat, from, ref sink);
            return;
        }
        worker.Counters.Increment(DataPathCounter.Fragmented);
        var fragments = new FragmentSeries(parsed, mtu);
        Transmitter.Transmit(worker, association, ref fragments, nextHeader, trafficClass, ref sink);
    }

    static int LongestInner(DataPathWorker worker, OutboundAssociation association, bool isV6)
    {
        int mtu = worker.Options.Mtu;
        ref readonly NetworkPath path = ref association.Sa.Path.Path;
        if (worker.PathMtus.Find(path.Remote.Address, worker.Now) is int outer)
        {
            int ipHeader = IpPacketWriter.HeaderLength(path.Remote.Address.IsV6);
            int udpHeader = path.Encapsulation == PathEncapsulation.UdpEncapsulated ? TransportHeader.UdpLength : 0;
            int inner = association.LargestInner(outer - ipHeader - udpHeader);
            // In transport mode the IP header stands before ESP and not inside.
            mtu = Math.Min(mtu, association.IsTransport ? inner + ipHeader : inner);
        }
        return isV6 ? Math.Max(mtu, MinimumV6Mtu) : mtu;
    }

    static void TooBig<TSink>(DataPathWorker worker, RouteSnapshot routes, in IpPacket parsed, int mtu, TunnelNat? nat, TunnelSa? from, ref TSink sink)
        where TSink : IDataPathSink, allows ref struct
    {
        worker.Counters.Increment(DataPathCounter.TooBig);
        if (!worker.Options.SendPacketTooBig || !parsed.DontFragment)
            return;
        byte[] error = worker.Buffers.Rent();
        int length = IcmpErrors.WriteTooBig(error, parsed, mtu, worker.Options);
        // It reports about a packet that has been translated already, and goes back to before that.
        if (nat is null || IpPacket.TryParse(error.AsSpan(0, length), out IpPacket own) && nat.TryTranslateInbound(error, own, worker.Now))
            ErrorReply.Send(worker, routes, error.AsSpan(0, length), from, ref sink);
        worker.Buffers.Return(error);
    }

    /// <summary>
    /// Our own ESP or IKE between the two ends of the path would be sealed again and again. Other traffic between the same two
    /// addresses may be what the tunnel is for.
    /// </summary>
    static bool IsOwnOuterPacket(in Flow flow, in NetworkPath path)
    {
        if (flow.Destination != path.Remote.Address || flow.Source != path.Local.Address)
            return false;
        return flow.Protocol == IpProtocol.Esp
            || flow.Protocol == IpProtocol.Udp
            && (flow.SourcePort is IkePort or NatTraversalPort || flow.SourcePort is ushort port && port == path.Local.Port);
    }

    /// <summary>Finishes a checksum that was left to a network card (virtio-net VIRTIO_NET_HDR_F_NEEDS_CSUM).</summary>
    static bool TryFinishChecksum(SuperPacket packet)
    {
        if (packet.ChecksumStart == 0 || packet.Segmentation != SegmentationKind.None)
            return true;
        if (packet.ChecksumStart < 0 || packet.ChecksumOffset < 0
            || (long)packet.ChecksumStart + packet.ChecksumOffset + 2 > packet.Packet.Length)
            return false;
        Span<byte> covered = packet.Packet[packet.ChecksumStart..];
        ushort checksum = InternetChecksum.Compute(covered);
        BinaryPrimitives.WriteUInt16BigEndian(covered[packet.ChecksumOffset..], checksum == 0 ? ushort.MaxValue : checksum);
        return true;
    }
}
