using Ipsec.EndpointHost.Inner;
using Ipsec.Esp;
using Ipsec.Esp.Coalescing;

namespace Ipsec.EndpointHost.Tests.Inner;

public sealed class SegmentationHeaderTests
{
    static readonly byte[] V4 = [0x45, .. new byte[59]];
    static readonly byte[] V6 = [0x60, .. new byte[59]];

    /// <summary>linux/virtio_net.h: flags, type, header length, segment size, checksum start and offset.</summary>
    [Fact]
    public void ReadsWhatTheKernelWrites()
    {
        Assert.True(SegmentationHeader.TryRead([1, 1, 52, 0, 0xB0, 0x04, 20, 0, 16, 0, .. V4], out SuperPacket tcp));
        Assert.Equal((SegmentationKind.TcpV4, 1200, 60), (tcp.Segmentation, tcp.SegmentSize, tcp.Packet.Length));

        Assert.True(SegmentationHeader.TryRead([1, 0x84, 0, 0, 0xB0, 0x04, 40, 0, 16, 0, .. V6], out SuperPacket ecn));
        Assert.Equal((SegmentationKind.TcpV6, 1200), (ecn.Segmentation, ecn.SegmentSize));

        Assert.True(SegmentationHeader.TryRead([1, 5, 0, 0, 100, 0, 40, 0, 6, 0, .. V6], out SuperPacket udp));
        Assert.Equal((SegmentationKind.UdpV6, 100), (udp.Segmentation, udp.SegmentSize));

        Assert.True(SegmentationHeader.TryRead([1, 0, 0, 0, 0, 0, 20, 0, 6, 0, .. V4], out SuperPacket unfinished));
        Assert.Equal((SegmentationKind.None, 20, 6), (unfinished.Segmentation, unfinished.ChecksumStart, unfinished.ChecksumOffset));

        Assert.True(SegmentationHeader.TryRead([2, 0, 0, 0, 0, 0, 9, 0, 9, 0, .. V4], out SuperPacket whole));
        Assert.Equal((SegmentationKind.None, 0, 0), (whole.Segmentation, whole.ChecksumStart, whole.ChecksumOffset));
    }

    [Fact]
    public void RefusesWhatWasNeverAskedFor()
    {
        byte[] fragments = [1, 3, 0, 0, 100, 0, 20, 0, 6, 0, .. V4];
        Assert.False(SegmentationHeader.TryRead(fragments, out _));
        for (int length = 0; length <= SegmentationHeader.Length; length++)
            Assert.False(SegmentationHeader.TryRead(fragments.AsSpan(0, length), out _));
    }

    [Theory]
    [InlineData(SegmentationKind.TcpV4)]
    [InlineData(SegmentationKind.TcpV6)]
    [InlineData(SegmentationKind.UdpV4)]
    [InlineData(SegmentationKind.UdpV6)]
    public void ReadsWhatItWrites(SegmentationKind kind)
    {
        byte[] packet = kind is SegmentationKind.TcpV6 or SegmentationKind.UdpV6 ? V6 : V4;
        byte[] buffer = [.. new byte[SegmentationHeader.Length], .. packet];
        SegmentationHeader.Write(buffer, new CoalescedPacket { First = packet, Segmentation = kind, SegmentSize = 1348, HeaderLength = 52, ChecksumStart = 20, ChecksumOffset = 16 });
        Assert.True(SegmentationHeader.TryRead(buffer, out SuperPacket read));
        Assert.Equal((kind, 1348), (read.Segmentation, read.SegmentSize));
        Assert.Equal(packet, read.Packet);
        Assert.Equal([1, 52, 0, 20, 0, 16, 0], (byte[])[buffer[0], .. buffer[2..4], .. buffer[6..10]]);
    }

    [Theory]
    [InlineData(true, 2)]
    [InlineData(false, 0)]
    public void APacketThatStandsAloneHasAnEmptyHeader(bool isChecksumValid, byte flags)
    {
        byte[] header = [.. Enumerable.Repeat((byte)0xFF, SegmentationHeader.Length)];
        SegmentationHeader.Write(header, new CoalescedPacket { First = V4, IsChecksumValid = isChecksumValid });
        Assert.Equal([flags, 0, 0, 0, 0, 0, 0, 0, 0, 0], header);
    }
}
