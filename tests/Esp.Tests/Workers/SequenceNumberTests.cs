using Ipsec.Crypto;
using Ipsec.Esp.Tests.Kit;
using Ipsec.Net;

namespace Ipsec.Esp.Tests.Workers;

public class SequenceNumberTests
{
    static readonly EspTransforms Extended = Suites.Gcm256 with { ExtendedSequenceNumbers = true };

    [Fact]
    public void DropsReplaysAndWhatIsLeftOfTheWindow()
    {
        using var pair = new TunnelPair(Suites.Gcm256, right: parameters => parameters with { ReplayWindow = 64 });
        List<byte[]> datagrams = [.. Enumerable.Range(0, 100).Select(_ => pair.SealLeft(TestPackets.Udp())[0])];
        Assert.Single(pair.OpenRight(datagrams[99]));
        Assert.Empty(pair.OpenRight(datagrams[99]));
        Assert.Empty(pair.OpenRight(datagrams[35]));
        Assert.Single(pair.OpenRight(datagrams[36]));
        Assert.Empty(pair.OpenRight(datagrams[36]));
        Assert.Equal(3UL, pair.Right.GetCounter(DataPathCounter.Replay));
        Assert.Equal(2UL, pair.Right.InboundPackets(TunnelPair.FirstSa));
    }

    [Fact]
    public void MovesTheWindowOnlyForAuthenticPackets()
    {
        using var pair = new TunnelPair(Suites.Gcm256, right: parameters => parameters with { ReplayWindow = 64 });
        byte[] first = pair.SealLeft(TestPackets.Udp())[0];
        byte[] forged = [.. first];
        forged[5] = 0xFF;
        Assert.Empty(pair.OpenRight(forged));
        byte[] damaged = [.. first];
        damaged[^1] ^= 1;
        Assert.Empty(pair.OpenRight(damaged));
        Assert.Equal(2UL, pair.Right.GetCounter(DataPathCounter.Integrity));
        Assert.Single(pair.OpenRight(first));
    }

    [Fact]
    public void AcceptsReplaysWhereTheWindowIsOff()
    {
        using var pair = new TunnelPair(Suites.Gcm256, right: parameters => parameters with { ReplayWindow = 0 });
        byte[] datagram = pair.SealLeft(TestPackets.Udp())[0];
        Assert.Single(pair.OpenRight(datagram));
        Assert.Single(pair.OpenRight(datagram));
    }

    [Theory]
    [InlineData(EncryptionAlgorithm.AesGcm16, IntegrityAlgorithm.None)]
    [InlineData(EncryptionAlgorithm.AesCbc, IntegrityAlgorithm.HmacSha256_128)]
    public void CarriesExtendedNumbersAcrossTheWrapInAnyOrder(EncryptionAlgorithm algorithm, IntegrityAlgorithm integrity)
    {
        var transforms = new EspTransforms(new EncryptionTransform(algorithm, 256), integrity, true);
        using var pair = new TunnelPair(transforms, left: parameters => parameters with { InitialSequenceNumber = 0xFFFF_FFFF - 50 });
        List<byte[]> datagrams = [.. Enumerable.Range(0, 100).Select(_ => pair.SealLeft(TestPackets.Udp())[0])];
        Assert.Equal(0U, System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(datagrams[50].AsSpan(4)));
        int[] order = [.. Enumerable.Range(0, 100)];
        new Random(1).Shuffle(order);
        // The first one comes first: a receiver that starts behind a wrap could not know it.
        foreach (int i in order.Prepend(0).Distinct())
            Assert.Single(pair.OpenRight(datagrams[i]));
        foreach (int i in order)
            Assert.Empty(pair.OpenRight(datagrams[i]));
        Assert.Equal(100UL, pair.Right.GetCounter(DataPathCounter.Replay));
    }

    [Fact]
    public void AuthenticatesTheHighHalf()
    {
        using var pair = new TunnelPair(Extended);
        byte[] datagram = ReferenceEsp.Seal(Extended, pair.ForwardKey, [], pair.LeftToRightSpi, 0x1_0000_0005,
            ReferenceEsp.Payload(TestPackets.Udp(), 4));
        Assert.Empty(pair.OpenRight(datagram));
        Assert.Equal(1UL, pair.Right.GetCounter(DataPathCounter.Integrity));
    }

    [Fact]
    public void StopsForGoodAtTheLastNumber()
    {
        using var pair = new TunnelPair(Suites.Gcm256, left: parameters => parameters with { InitialSequenceNumber = 0xFFFF_FFFD });
        Assert.Single(pair.SealLeft(TestPackets.Udp()));
        Assert.Single(pair.SealLeft(TestPackets.Udp()));
        Assert.Empty(pair.SealLeft(TestPackets.Udp()));
        Assert.Empty(pair.SealLeft(TestPackets.Udp()));
        Assert.Equal(2UL, pair.Left.GetCounter(DataPathCounter.HardLimit));
        Assert.Equal([new DataPathReport.SoftLimit(TunnelPair.FirstSa), new DataPathReport.HardLimit(TunnelPair.FirstSa)],
            TunnelPair.TakeReports(pair.Left));
    }

    [Fact]
    public void AsksForARekeyWhenASixteenthOfTheNumbersIsLeft()
    {
        using var pair = new TunnelPair(Suites.Gcm256, left: parameters => parameters with { InitialSequenceNumber = 0xEFFF_FFFE });
        pair.SealLeft(TestPackets.Udp());
        Assert.Empty(TunnelPair.TakeReports(pair.Left));
        pair.SealLeft(TestPackets.Udp());
        Assert.Equal([new DataPathReport.SoftLimit(TunnelPair.FirstSa)], TunnelPair.TakeReports(pair.Left));
    }
}
