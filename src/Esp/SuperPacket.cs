namespace Ipsec.Esp;

/// <summary>How a packet that is longer than the wire allows is to be cut (virtio-net's GSO types).</summary>
public enum SegmentationKind : byte
{
    /// <summary>One packet, sealed as it is.</summary>
    None,
    TcpV4,
    TcpV6,
    UdpV4,
    UdpV6,
}

/// <summary>
/// One inner IP packet, or one that stands for many: the headers once and the payload of several segments behind them, as a
/// TUN device with segmentation offload hands it over. It is cut while it is sealed.
/// </summary>
/// <remarks>The data path may change the packet in place (MSS clamp); the caller does not use it afterwards.</remarks>
public readonly ref struct SuperPacket
{
    /// <param name="packet">From the first octet of the IP header to the last octet of payload.</param>
    /// <param name="segmentation">What kind of packet comes out; TCP and UDP checksums are computed for each segment.</param>
    /// <param name="segmentSize">Transport payload octets per segment; 0 with <see cref="SegmentationKind.None"/>.</param>
    public SuperPacket(Span<byte> packet, SegmentationKind segmentation = SegmentationKind.None, int segmentSize = 0)
    {
        Packet = packet;
        Segmentation = segmentation;
        SegmentSize = segmentSize;
    }

    public Span<byte> Packet { get; }
    public SegmentationKind Segmentation { get; }
    public int SegmentSize { get; }

    /// <summary>
    /// Where the transport checksum starts to cover, if the sender left it unfinished (virtio-net's csum_start); 0 if it is complete.
    /// The field then holds the pseudo-header sum. Only for <see cref="SegmentationKind.None"/>; segments always get a checksum.
    /// </summary>
    public int ChecksumStart { get; init; }

    /// <summary>Where the unfinished checksum is, counted from <see cref="ChecksumStart"/> (csum_offset).</summary>
    public int ChecksumOffset { get; init; }
}
