using Ipsec.Esp.Tests.Kit;
using Ipsec.Tests.Support;

namespace Ipsec.Esp.Tests.Workers;

/// <summary>A batch of datagrams is opened to what its datagrams are opened to one by one.</summary>
public sealed class OpenRunTests
{
    static readonly DataPathCounter[] Counters =
    [
        DataPathCounter.Integrity, DataPathCounter.Replay, DataPathCounter.MalformedEsp, DataPathCounter.UnknownSpi, DataPathCounter.IkeMessages,
        DataPathCounter.Keepalives, DataPathCounter.HardLimit,
    ];

    public static TheoryData<int, bool> Suites
    {
        get
        {
            TheoryData<int, bool> suites = [];
            for (int suite = 0; suite < Kit.Suites.All.Length; suite++)
            {
                suites.Add(suite, false);
                suites.Add(suite, true);
            }
            return suites;
        }
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public void ABatchIsWhatItsDatagramsAreOneByOne(int suite, bool shorterLast)
    {
        EspTransforms transforms = Kit.Suites.All[suite];
        // With extended numbers the low half wraps within a batch.
        ulong initial = transforms.ExtendedSequenceNumbers ? uint.MaxValue - 100 : 41;
        using TunnelPair together = Pair(transforms, initial);
        using TunnelPair oneByOne = Pair(transforms, initial);
        var random = new SeededRandomSource((ulong)suite);
        for (int round = 0; round < 12; round++)
        {
            (List<byte[]> datagrams, int length) = Batch(together, random, 1 + round * 6 % 64, shorterLast);
            var sink = new CollectingSink();
            together.Right.Open([.. datagrams.SelectMany(datagram => datagram)], length, together.RightPath, 0, ref sink);
            var expected = new CollectingSink();
            foreach (byte[] datagram in datagrams)
                oneByOne.Right.Open([.. datagram], 0, oneByOne.RightPath, 0, ref expected);
            Assert.Equal(expected.Delivered, sink.Delivered);
            Assert.Equal(expected.IkeMessages, sink.IkeMessages);
            foreach (DataPathCounter counter in Counters)
                Assert.Equal(oneByOne.Right.GetCounter(counter), together.Right.GetCounter(counter));
        }
        Assert.NotEqual(0ul, together.Right.GetCounter(DataPathCounter.Integrity));
        Assert.NotEqual(0ul, together.Right.GetCounter(DataPathCounter.Replay));
        Assert.NotEqual(0ul, together.Right.GetCounter(DataPathCounter.UnknownSpi));
        Assert.NotEqual(0ul, together.Right.GetCounter(DataPathCounter.IkeMessages));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void APacketThatIsThereTwiceIsDeliveredOnce(bool chains)
    {
        using var pair = new TunnelPair(chains ? Kit.Suites.Cbc256Sha256 : Kit.Suites.Gcm256);
        byte[] datagram = Assert.Single(pair.SealLeft(TestPackets.Udp(100)));
        var sink = new CollectingSink();
        pair.Right.Open([.. Enumerable.Repeat(datagram, 20).SelectMany(octets => octets)], datagram.Length, pair.RightPath, 0, ref sink);
        Assert.Single(sink.Delivered);
        Assert.Equal(19ul, pair.Right.GetCounter(DataPathCounter.Replay));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void AHardLimitHoldsWithinABatch(bool chains)
    {
        using var pair = new TunnelPair(chains ? Kit.Suites.Cbc256Sha256 : Kit.Suites.Gcm256, right: parameters => parameters with { HardPackets = 5 });
        byte[][] datagrams = [.. Enumerable.Range(0, 16).Select(_ => Assert.Single(pair.SealLeft(TestPackets.Udp(100))))];
        var sink = new CollectingSink();
        pair.Right.Open([.. datagrams.SelectMany(octets => octets)], datagrams[0].Length, pair.RightPath, 0, ref sink);
        Assert.Equal(5, sink.Delivered.Count);
    }

    static TunnelPair Pair(EspTransforms transforms, ulong initial) =>
        new(transforms, left: parameters => parameters with { InitialSequenceNumber = initial });

    /// <summary>Datagrams of one length in a row: some of them forged, repeated, another SA's, or IKE; the last one may be shorter.</summary>
    static (List<byte[]> Datagrams, int Length) Batch(TunnelPair pair, SeededRandomSource random, int count, bool shorterLast)
    {
        List<byte[]> datagrams = [];
        byte[] draw = new byte[4];
        for (int i = 0; i < count; i++)
        {
            bool isShorter = shorterLast && i == count - 1;
            byte[] datagram = Assert.Single(pair.SealLeft(TestPackets.Udp(isShorter ? 40 : 200)));
            random.Fill(draw);
            switch (draw[0] % 16)
            {
                case 0:
                    datagram[^(1 + draw[1] % 12)] ^= (byte)(1 << draw[2] % 8);
                    break;
                case 1:
                    datagram[8 + draw[1] % (datagram.Length - 8)] ^= (byte)(1 << draw[2] % 8);
                    break;
                case 2 when datagrams.Count > 0 && !isShorter:
                    datagram = [.. datagrams[draw[1] % datagrams.Count]];
                    break;
                case 3:
                    datagram[draw[1] % 4] ^= 0x40;
                    break;
                case 4:
                    datagram.AsSpan(0, 4).Clear();
                    break;
            }
            datagrams.Add(datagram);
        }
        return (datagrams, datagrams[0].Length);
    }
}
