namespace Ipsec.Esp.Coalescing;

/// <summary>
/// Puts consecutive segments of a flow together again, so that the local side takes them as one: what a network card's receive offload does. Each packet
/// comes out exactly once; cutting what comes out gives exactly the packets that went in, but for the identification of IPv4 packets with DF, which means nothing
/// (RFC 6864 §4.1); packets of a flow stay in order. One worker's.
/// </summary>
/// <remarks>The packets stay where they are until <see cref="Flush"/>: nothing is copied, and nothing is allocated after construction.</remarks>
public sealed class PacketCoalescer
{
    /// <summary>Segments in one packet: what the kernel takes for UDP (its UDP_MAX_SEGMENTS).</summary>
    public const int MaximumSegments = 64;

    const int Flows = 16;

    readonly HeldFlow[] _flows;
    long _number;

    public PacketCoalescer()
    {
        _flows = new HeldFlow[Flows];
        for (int i = 0; i < Flows; i++)
            _flows[i] = new HeldFlow();
    }

    /// <summary>Takes an inner packet, or gives it on.</summary>
    /// <param name="memory">What all packets until the next <see cref="Flush"/> lie in, always the same.</param>
    /// <param name="packet">One whole inner IP packet; one that does not lie in the memory is given on at once.</param>
    public void Add<TSink>(Span<byte> memory, Span<byte> packet, ref TSink sink) where TSink : ICoalescedSink, allows ref struct
    {
        if (!TransportSegment.HasFlow(packet))
        {
            // It may be a part of any flow: a fragment, or a packet with options.
            Flush(memory, ref sink);
            sink.Deliver(new CoalescedPacket { First = packet });
            return;
        }
        HeldFlow? flow = Find(memory, packet);
        bool isSegment = TransportSegment.TryRead(packet, out TransportSegment segment, out bool isChecksumValid);
        if (isSegment && memory.Overlaps(packet, out int offset))
        {
            if (flow is not null && flow.TryAppend(memory, segment, offset))
                return;
            flow?.Release(memory, ref sink);
            flow ??= Room(memory, ref sink);
            flow.Begin(segment, offset, _number++);
            return;
        }
        // What cannot be held must not overtake what is.
        flow?.Release(memory, ref sink);
        sink.Deliver(new CoalescedPacket { First = packet, IsChecksumValid = isChecksumValid });
    }

    /// <summary>Gives everything on that is held; the memory may be used again then.</summary>
    public void Flush<TSink>(Span<byte> memory, ref TSink sink) where TSink : ICoalescedSink, allows ref struct
    {
        foreach (HeldFlow flow in _flows)
        {
            if (!flow.IsEmpty)
                flow.Release(memory, ref sink);
        }
    }

    HeldFlow? Find(ReadOnlySpan<byte> memory, ReadOnlySpan<byte> packet)
    {
        ReadOnlySpan<byte> key = TransportSegment.FlowKey(packet);
        foreach (HeldFlow flow in _flows)
        {
            if (!flow.IsEmpty && TransportSegment.FlowKey(flow.FirstPacket(memory)).SequenceEqual(key))
                return flow;
        }
        return null;
    }

    /// <summary>A free place; where there is none, that of the flow that has waited longest.</summary>
    HeldFlow Room<TSink>(Span<byte> memory, ref TSink sink) where TSink : ICoalescedSink, allows ref struct
    {
        HeldFlow oldest = _flows[0];
        foreach (HeldFlow flow in _flows)
        {
            if (flow.IsEmpty)
                return flow;
            if (flow.Number < oldest.Number)
                oldest = flow;
        }
        oldest.Release(memory, ref sink);
        return oldest;
    }
}
