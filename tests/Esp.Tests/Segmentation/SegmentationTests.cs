using System.Buffers.Binary;
using Ipsec.Esp.Tests.Kit;
using Ipsec.Net;

namespace Ipsec.Esp.Tests.Segmentation;

/// <summary>Super-packets come out as what the sender's stack would have sent one by one.</summary>
public class SegmentationTests
{
    const byte Fin = 0x01;
    const byte Push = 0x08;
    const byte Ack = 0x10;
    const byte CongestionWindowReduced = 0x80;

    [Theory]
    [InlineData(SegmentationKind.TcpV4, 20_000, 1200)]
    [InlineData(SegmentationKind.TcpV6, 20_000, 1200)]
    [InlineData(SegmentationKind.TcpV4, 2400, 1200)]
    [InlineData(SegmentationKind.TcpV4, 2401, 1200)]
    [InlineData(SegmentationKind.TcpV4, 1, 1200)]
    [InlineData(SegmentationKind.TcpV4, 0, 1200)]
    [InlineData(SegmentationKind.TcpV4, 60_000, 536)]
    public void CutsTcp(SegmentationKind kind, int payloadLength, int segmentSize)
    {
        bool isV6 = kind == SegmentationKind.TcpV6;
        byte[] options = [1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8];
        byte[] super = TestPackets.Tcp(Ack | Fin | Push | CongestionWindowReduced, options, payloadLength, isV6, sequence: 0xFFFF_F000);
        byte[] whole = TestPackets.Pattern(payloadLength);
        List<byte[]> expected = [];
        for (int offset = 0; offset == 0 || offset < payloadLength; offset += segmentSize)
        {
            byte[] part = whole[offset..Math.Min(payloadLength, offset + segmentSize)];
            byte flags = Ack;
            if (offset == 0)
                flags |= CongestionWindowReduced;
            if (offset + part.Length == payloadLength)
                flags |= Fin | Push;
            expected.Add(TcpSegment(flags, options, part, isV6, unchecked(0xFFFF_F000 + (uint)offset), (ushort)(100 + expected.Count)));
        }
        Assert.Equal(expected, Carry(super, kind, segmentSize));
    }

    [Theory]
    [InlineData(SegmentationKind.UdpV4, 10_000, 1000)]
    [InlineData(SegmentationKind.UdpV6, 10_001, 1000)]
    public void CutsUdp(SegmentationKind kind, int payloadLength, int segmentSize)
    {
        bool isV6 = kind == SegmentationKind.UdpV6;
        byte[] super = isV6 ? TestPackets.UdpV6(payloadLength) : TestPackets.Udp(payloadLength, identification: 0xFFFE);
        List<byte[]> segments = Carry(super, kind, segmentSize);
        int headerLength = isV6 ? 48 : 28;
        Assert.Equal((payloadLength + segmentSize - 1) / segmentSize, segments.Count);
        Assert.Equal(TestPackets.Pattern(payloadLength), segments.SelectMany(segment => segment[headerLength..]));
        Assert.All(segments, segment => Assert.True(TestPackets.HasValidChecksums(segment)));
        Assert.All(segments[..^1], segment => Assert.Equal(headerLength + segmentSize, segment.Length));
        if (!isV6)
            Assert.Equal([0xFFFE, 0xFFFF, 0, 1], segments.Take(4).Select(segment => BinaryPrimitives.ReadUInt16BigEndian(segment.AsSpan(4))));
    }

    [Fact]
    public void HandsRunsOverThatOneSendTakes()
    {
        using var pair = new TunnelPair(Suites.Gcm256);
        var sink = new CollectingSink();
        pair.Left.Seal(new SuperPacket(TestPackets.Tcp(Ack, [], 65_000), SegmentationKind.TcpV4, 1000), ref sink);
        Assert.Equal([60, 5], sink.Sent.Select(run => run.Split().Count()));
        Assert.All(sink.Sent, run => Assert.True(run.Datagrams.Length <= 65_507));
        sink.Clear();
        pair.Left.Seal(new SuperPacket(TestPackets.Tcp(Ack, [], 13_000), SegmentationKind.TcpV4, 100), ref sink);
        Assert.Equal([64, 64, 2], sink.Sent.Select(run => run.Split().Count()));
    }

    [Fact]
    public void RefusesSuperPacketsThatAreNotWhatTheySay()
    {
        using var pair = new TunnelPair(Suites.Gcm256);
        var sink = new CollectingSink();
        byte[] badOffset = TestPackets.Tcp(Ack, [], 100);
        badOffset[20 + 12] = 0x40;
        byte[] longOffset = TestPackets.Tcp(Ack, [], 0);
        longOffset[20 + 12] = 0xF0;
        pair.Left.Seal(new SuperPacket(TestPackets.Udp(100), SegmentationKind.TcpV4, 50), ref sink);
        pair.Left.Seal(new SuperPacket(TestPackets.Tcp(Ack, [], 100), SegmentationKind.UdpV4, 50), ref sink);
        pair.Left.Seal(new SuperPacket(TestPackets.Tcp(Ack, [], 100), SegmentationKind.TcpV6, 50), ref sink);
        pair.Left.Seal(new SuperPacket(TestPackets.Tcp(Ack, [], 100), SegmentationKind.TcpV4, 0), ref sink);
        pair.Left.Seal(new SuperPacket(badOffset, SegmentationKind.TcpV4, 50), ref sink);
        pair.Left.Seal(new SuperPacket(longOffset, SegmentationKind.TcpV4, 50), ref sink);
        Assert.Empty(sink.Sent);
        Assert.Equal(6UL, pair.Left.GetCounter(DataPathCounter.MalformedInner));
    }

    [Fact]
    public void AnswersSegmentsThatAreTooLongForTheTunnel()
    {
        using var pair = new TunnelPair(Suites.Gcm256);
        var sink = new CollectingSink();
        pair.Left.Seal(new SuperPacket(TestPackets.Tcp(Ack, [], 10_000), SegmentationKind.TcpV4, 1460), ref sink);
        Assert.Empty(sink.Sent);
        Assert.Equal(1UL, pair.Left.GetCounter(DataPathCounter.TooBig));
        Assert.Single(sink.Delivered);
    }

    [Fact]
    public void FinishesAChecksumThatWasLeftToTheCard()
    {
        using var pair = new TunnelPair(Suites.Gcm256);
        byte[] expected = TestPackets.Udp(333);
        byte[] packet = [.. expected];
        uint pseudo = InternetChecksum.PseudoHeader(IpAddress.Parse(TestPackets.LeftV4), IpAddress.Parse(TestPackets.RightV4), 17, 341);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(26), (ushort)~InternetChecksum.Compute([], pseudo));
        var sink = new CollectingSink();
        pair.Left.Seal(new SuperPacket(packet) { ChecksumStart = 20, ChecksumOffset = 6 }, ref sink);
        Assert.Equal([expected], pair.OpenRight(Assert.Single(sink.Datagrams)));
        pair.Left.Seal(new SuperPacket(TestPackets.Udp(10)) { ChecksumStart = 20, ChecksumOffset = 17 }, ref sink);
        Assert.Equal(1UL, pair.Left.GetCounter(DataPathCounter.MalformedInner));
    }

    static List<byte[]> Carry(byte[] super, SegmentationKind kind, int segmentSize)
    {
        using var pair = new TunnelPair(Suites.Gcm256);
        var sink = new CollectingSink();
        pair.Left.Seal(new SuperPacket(super, kind, segmentSize), ref sink);
        var delivered = new CollectingSink();
        foreach (SentRun run in sink.Sent)
            pair.Right.Open(run.Datagrams, run.SegmentSize, pair.RightPath, 0, ref delivered);
        return delivered.Delivered;
    }

    // A segment built on its own, with a checksum computed from nothing but itself.
    static byte[] TcpSegment(byte flags, byte[] options, byte[] payload, bool isV6, uint sequence, ushort identification)
    {
        byte[] packet = TestPackets.Tcp(flags, options, payload.Length, isV6, sequence, identification);
        payload.CopyTo(packet.AsSpan(packet.Length - payload.Length));
        int header = isV6 ? 40 : 20;
        packet.AsSpan(header + 16, 2).Clear();
        Assert.True(IpPacket.TryParse(packet, out IpPacket parsed));
        uint pseudo = InternetChecksum.PseudoHeader(parsed.Source, parsed.Destination, 6, parsed.Payload.Length);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(header + 16), InternetChecksum.Compute(parsed.Payload, pseudo));
        return packet;
    }
}
