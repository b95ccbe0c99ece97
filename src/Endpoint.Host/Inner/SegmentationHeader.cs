using Ipsec.Esp;
using Ipsec.Esp.Coalescing;

namespace Ipsec.EndpointHost.Inner;

/// <summary>struct virtio_net_hdr (linux/virtio_net.h), which stands in front of each packet of a TUN device with IFF_VNET_HDR, in the processor's order of octets.</summary>
static class SegmentationHeader
{
    public const int Length = 10;

    const byte NeedsChecksum = 1;
    const byte ChecksumIsValid = 2;

    const byte TypeNone = 0;
    const byte TypeTcpV4 = 1;
    const byte TypeTcpV6 = 4;
    const byte TypeUdp = 5;

    /// <summary>A TCP packet with CWR: the segments get it as the RFC says, with or without this flag.</summary>
    const byte TypeEcn = 0x80;

    const int TypeOffset = 1;
    const int HeaderLengthOffset = 2;
    const int SegmentSizeOffset = 4;
    const int ChecksumStartOffset = 6;
    const int ChecksumOffsetOffset = 8;

    /// <param name="buffer">Header and packet, as read.</param>
    /// <param name="packet">What to seal.</param>
    /// <returns>False if there is no packet, or of a kind that was never asked for.</returns>
    public static bool TryRead(Span<byte> buffer, out SuperPacket packet)
    {
        packet = default;
        if (buffer.Length <= Length)
            return false;
        Span<byte> octets = buffer[Length..];
        int type = buffer[TypeOffset] & ~TypeEcn;
        if (type == TypeNone)
        {
            bool needsChecksum = (buffer[0] & NeedsChecksum) != 0;
            packet = new SuperPacket(octets)
            {
                ChecksumStart = needsChecksum ? BitConverter.ToUInt16(buffer[ChecksumStartOffset..]) : 0,
                ChecksumOffset = needsChecksum ? BitConverter.ToUInt16(buffer[ChecksumOffsetOffset..]) : 0,
            };
            return true;
        }
        SegmentationKind kind = type switch
        {
            TypeTcpV4 => SegmentationKind.TcpV4,
            TypeTcpV6 => SegmentationKind.TcpV6,
            TypeUdp => octets[0] >> 4 == 6 ? SegmentationKind.UdpV6 : SegmentationKind.UdpV4,
            _ => SegmentationKind.None,
        };
        packet = new SuperPacket(octets, kind, BitConverter.ToUInt16(buffer[SegmentSizeOffset..]));
        return kind != SegmentationKind.None;
    }

    public static void Write(Span<byte> header, in CoalescedPacket packet)
    {
        header[..Length].Clear();
        if (packet.Segmentation == SegmentationKind.None)
        {
            header[0] = packet.IsChecksumValid ? ChecksumIsValid : (byte)0;
            return;
        }
        header[0] = NeedsChecksum;
        header[TypeOffset] = packet.Segmentation switch
        {
            SegmentationKind.TcpV4 => TypeTcpV4,
            SegmentationKind.TcpV6 => TypeTcpV6,
            _ => TypeUdp,
        };
        BitConverter.TryWriteBytes(header[HeaderLengthOffset..], (ushort)packet.HeaderLength);
        BitConverter.TryWriteBytes(header[SegmentSizeOffset..], (ushort)packet.SegmentSize);
        BitConverter.TryWriteBytes(header[ChecksumStartOffset..], (ushort)packet.ChecksumStart);
        BitConverter.TryWriteBytes(header[ChecksumOffsetOffset..], (ushort)packet.ChecksumOffset);
    }
}
