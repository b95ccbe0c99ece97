namespace Ipsec.Esp.Coalescing;

/// <summary>
/// One packet for the local side that stands for one or more: its headers, and behind them the payloads of all, where they lie. What a TUN device with
/// virtio-net headers takes with one gathering write.
/// </summary>
public readonly ref struct CoalescedPacket
{
    /// <summary>The first packet: whole, where it stands alone, and up to its own last octet otherwise.</summary>
    public required ReadOnlySpan<byte> First { get; init; }

    /// <summary>The payloads of the others, in their order, as offsets into the memory that the coalescer works on.</summary>
    public ReadOnlySpan<PayloadSlice> Others { get; init; }

    /// <summary>How the whole is to be cut again; none for a packet that stands alone.</summary>
    public SegmentationKind Segmentation { get; init; }

    /// <summary>Transport payload octets per segment; 0 for a packet that stands alone.</summary>
    public int SegmentSize { get; init; }

    /// <summary>IP and transport header; 0 for a packet that stands alone.</summary>
    public int HeaderLength { get; init; }

    /// <summary>
    /// IP header only, where the transport checksum begins to cover. The field holds the sum of the pseudo-header then, and whoever takes the packet
    /// finishes it; 0 for a packet that stands alone.
    /// </summary>
    public int ChecksumStart { get; init; }

    /// <summary>Where the checksum field is, counted from <see cref="ChecksumStart"/>.</summary>
    public int ChecksumOffset { get; init; }

    /// <summary>The transport checksum of a packet that stands alone was found right: nobody needs to compute it again.</summary>
    public bool IsChecksumValid { get; init; }
}

/// <summary>Octets in the memory that a <see cref="PacketCoalescer"/> works on.</summary>
/// <param name="Offset">From its first octet.</param>
/// <param name="Length">Above 0.</param>
public readonly record struct PayloadSlice(int Offset, int Length);

/// <summary>Where packets for the local side go.</summary>
public interface ICoalescedSink
{
    /// <summary>The spans end with the call.</summary>
    void Deliver(in CoalescedPacket packet);
}
