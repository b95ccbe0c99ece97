using Ipsec.Esp.Tests.Kit;

namespace Ipsec.Esp.Tests.Workers;

/// <summary>Against ESP written a second time over other implementations of the algorithms.</summary>
public class ReferenceTests
{
    [Theory]
    [MemberData(nameof(Suites.ReferenceNumbers), MemberType = typeof(Suites))]
    public void SealsWhatAnIndependentImplementationOpens(int suite)
    {
        EspTransforms transforms = Suites.All[suite];
        ulong initial = transforms.ExtendedSequenceNumbers ? 0x7_FFFF_FFFEUL : 41;
        using var pair = new TunnelPair(transforms, left: parameters => parameters with { InitialSequenceNumber = initial });
        for (uint i = 1; i <= 3; i++)
        {
            byte[] packet = TestPackets.Udp(200 + (int)i);
            byte[] datagram = Assert.Single(pair.SealLeft([.. packet]));
            Assert.Equal(0, datagram.Length % 4);
            uint high = transforms.ExtendedSequenceNumbers ? (uint)(initial + i >> 32) : 0;
            byte[] payload = ReferenceEsp.Open(transforms, pair.ForwardKey, pair.ForwardIntegrityKey, datagram, high);
            Assert.Equal(packet, payload[..packet.Length]);
            Assert.Equal(4, payload[^1]);
            int padLength = payload[^2];
            Assert.Equal(payload.Length, packet.Length + padLength + 2);
            Assert.Equal(Enumerable.Range(1, padLength).Select(octet => (byte)octet), payload[packet.Length..^2]);
        }
    }

    [Theory]
    [MemberData(nameof(Suites.ReferenceNumbers), MemberType = typeof(Suites))]
    public void OpensWhatAnIndependentImplementationSealed(int suite)
    {
        EspTransforms transforms = Suites.All[suite];
        using var pair = new TunnelPair(transforms);
        byte[] packet = TestPackets.UdpV6(77);
        byte[] datagram = ReferenceEsp.Seal(transforms, pair.ForwardKey, pair.ForwardIntegrityKey, pair.LeftToRightSpi, 1,
            ReferenceEsp.Payload(packet, 41));
        Assert.Equal([packet], pair.OpenRight(datagram));
    }

    [Fact]
    public void WritesTheSequenceNumberAsTheCounterOfGcm()
    {
        using var pair = new TunnelPair(Suites.Gcm256);
        pair.SealLeft(TestPackets.Udp());
        byte[] second = Assert.Single(pair.SealLeft(TestPackets.Udp()));
        Assert.Equal([0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 2], second[4..16]);
    }

    [Fact]
    public void DrawsAnotherVectorForEveryChainedPacket()
    {
        using var pair = new TunnelPair(Suites.Cbc256Sha256);
        HashSet<string> vectors = [.. Enumerable.Range(0, 1000).Select(_ => Convert.ToHexString(pair.SealLeft(TestPackets.Udp())[0], 8, 16))];
        Assert.Equal(1000, vectors.Count);
    }
}
