using Ipsec.Crypto;
using Ipsec.Esp.Tests.Kit;

namespace Ipsec.Esp.Tests.Workers;

/// <summary>What may stand inside an authenticated packet, and what may not.</summary>
public class PayloadTests
{
    static readonly EspTransforms Transforms = Suites.Gcm256;

    [Theory]
    [InlineData(1)]
    [InlineData(300)]
    public void CutsTrafficFlowConfidentialityPaddingOff(int padding)
    {
        using var pair = new TunnelPair(Transforms);
        byte[] packet = TestPackets.Udp();
        Assert.Equal([packet], pair.OpenRight(SealPayload(pair, 1, ReferenceEsp.Payload([.. packet, .. new byte[padding]], 4))));
        Assert.Equal(1UL, pair.Right.GetCounter(DataPathCounter.TfcPadded));
    }

    [Fact]
    public void DropsDummyPacketsAndCountsThemAsSignsOfLife()
    {
        using var pair = new TunnelPair(Transforms);
        Assert.Empty(pair.OpenRight(SealPayload(pair, 1, ReferenceEsp.Payload(TestPackets.Pattern(99), 59))));
        Assert.Empty(pair.OpenRight(SealPayload(pair, 2, [0, 59])));
        Assert.Equal(2UL, pair.Right.GetCounter(DataPathCounter.DummyPackets));
        Assert.Equal(2UL, pair.Right.InboundPackets(TunnelPair.FirstSa));
    }

    [Fact]
    public void AcceptsTheLongestPadding()
    {
        using var pair = new TunnelPair(Transforms);
        byte[] packet = TestPackets.Udp();
        byte[] padding = [.. Enumerable.Range(1, 255).Select(octet => (byte)octet)];
        Assert.Equal([packet], pair.OpenRight(SealPayload(pair, 1, [.. packet, .. padding, 255, 4])));
    }

    [Fact]
    public void RefusesPaddingThatIsNotTheDefaultOne()
    {
        using var pair = new TunnelPair(Transforms);
        byte[] packet = TestPackets.Udp();
        Assert.Empty(pair.OpenRight(SealPayload(pair, 1, [.. packet, 1, 2, 4, 3, 4])));
        Assert.Empty(pair.OpenRight(SealPayload(pair, 2, [.. packet, 0, 0, 2, 4])));
        Assert.Empty(pair.OpenRight(SealPayload(pair, 3, [1, 2, 3, 4, 200, 4])));
        Assert.Equal(3UL, pair.Right.GetCounter(DataPathCounter.Padding));
    }

    [Fact]
    public void RefusesNextHeadersThatTunnelModeDoesNotHave()
    {
        using var pair = new TunnelPair(Transforms);
        ulong sequence = 0;
        foreach (byte nextHeader in (byte[])[0, 1, 6, 17, 43, 50, 58, 60, 255])
            Assert.Empty(pair.OpenRight(SealPayload(pair, ++sequence, ReferenceEsp.Payload(TestPackets.Udp(), nextHeader))));
        Assert.Equal(sequence, pair.Right.GetCounter(DataPathCounter.NextHeader));
    }

    [Fact]
    public void RefusesInnerPacketsThatAreNotWhatTheNextHeaderSays()
    {
        using var pair = new TunnelPair(Transforms);
        byte[] cut = TestPackets.Udp()[..^1];
        Assert.Empty(pair.OpenRight(SealPayload(pair, 1, ReferenceEsp.Payload(TestPackets.Udp(), 41))));
        Assert.Empty(pair.OpenRight(SealPayload(pair, 2, ReferenceEsp.Payload(TestPackets.UdpV6(), 4))));
        Assert.Empty(pair.OpenRight(SealPayload(pair, 3, ReferenceEsp.Payload(cut, 4))));
        Assert.Empty(pair.OpenRight(SealPayload(pair, 4, ReferenceEsp.Payload([], 4))));
        Assert.Equal(4UL, pair.Right.GetCounter(DataPathCounter.MalformedInner));
    }

    [Fact]
    public void AppliesCongestionMarksOfTheOuterHeaderToTheInnerOne()
    {
        using var pair = new TunnelPair(Transforms);
        byte[] datagram = Assert.Single(pair.SealLeft(TestPackets.Udp(trafficClass: 0xB8 | 2)));
        byte[] delivered = Assert.Single(pair.OpenRight(datagram, outerTrafficClass: 0xB8 | 3));
        Assert.Equal(0xB8 | 3, delivered[1]);
        Assert.True(TestPackets.HasValidChecksums(delivered));
        datagram = Assert.Single(pair.SealLeft(TestPackets.UdpV6(trafficClass: 2)));
        delivered = Assert.Single(pair.OpenRight(datagram, outerTrafficClass: 3));
        Assert.Equal(TestPackets.UdpV6(trafficClass: 3), delivered);
    }

    [Fact]
    public void DropsCongestionMarksOnPacketsThatCannotCarryThem()
    {
        using var pair = new TunnelPair(Transforms);
        byte[] datagram = Assert.Single(pair.SealLeft(TestPackets.Udp()));
        Assert.Empty(pair.OpenRight(datagram, outerTrafficClass: 3));
        Assert.Equal(1UL, pair.Right.GetCounter(DataPathCounter.EcnDropped));
    }

    [Theory]
    [InlineData(true, 0xBB)]
    [InlineData(false, 0x03)]
    public void CopiesEcnAndOnRequestDscpOutward(bool copyDscp, byte expected)
    {
        using var pair = new TunnelPair(Transforms, options: new DataPathOptions { CopyDscp = copyDscp });
        var sink = new CollectingSink();
        pair.Left.Seal(new SuperPacket(TestPackets.Udp(trafficClass: 0xBB)), ref sink);
        Assert.Equal(expected, Assert.Single(sink.Sent).TrafficClass);
    }

    static byte[] SealPayload(TunnelPair pair, ulong sequence, byte[] payload) =>
        ReferenceEsp.Seal(Transforms, pair.ForwardKey, pair.ForwardIntegrityKey, pair.LeftToRightSpi, sequence, payload);
}
