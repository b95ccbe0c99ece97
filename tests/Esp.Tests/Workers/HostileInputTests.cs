using Ipsec.Esp.Tests.Kit;

namespace Ipsec.Esp.Tests.Workers;

/// <summary>Nothing that arrives throws, and nothing that is not authentic comes out.</summary>
public class HostileInputTests
{
    [Theory]
    [MemberData(nameof(Suites.Numbers), MemberType = typeof(Suites))]
    public void ReleasesNothingOfAPacketCutAtAnyLength(int suite)
    {
        using var pair = new TunnelPair(Suites.All[suite]);
        byte[] datagram = pair.SealLeft(TestPackets.Udp(100))[0];
        for (int length = 0; length < datagram.Length; length++)
            Assert.Empty(pair.OpenRight(datagram[..length]));
        Assert.Empty(pair.OpenRight([.. datagram, 0]));
        Assert.Single(pair.OpenRight(datagram));
    }

    [Fact]
    public void ReleasesNothingOfAHundredThousandMutations()
    {
        int[] suites = [0, 2, 3, 8, 15, 17, 21];
        foreach (int suite in suites)
        {
            using var pair = new TunnelPair(Suites.All[suite]);
            var random = new Random(suite);
            List<byte[]> originals = [.. Enumerable.Range(0, 20).Select(i => pair.SealLeft(TestPackets.Udp(i * 11))[0])];
            HashSet<string> valid = [.. originals.Select(Convert.ToHexString)];
            for (int i = 0; i < 15_000; i++)
            {
                byte[] mutated = Mutate(originals[random.Next(originals.Count)], random);
                if (!valid.Contains(Convert.ToHexString(mutated)))
                    Assert.Empty(pair.OpenRight(mutated));
            }
            Assert.Equal(20, originals.Count(original => pair.OpenRight(original).Count == 1));
        }
    }

    [Fact]
    public void SurvivesAuthenticPacketsWithAnythingInside()
    {
        using var pair = new TunnelPair(Suites.Gcm256, mssClamp: 1000);
        var random = new Random(9);
        byte[][] seeds = [TestPackets.Udp(50), TestPackets.UdpV6(50), TestPackets.Tcp(2, [2, 4, 5, 0xB4, 1, 1, 8, 2], 20)];
        for (uint sequence = 1; sequence <= 20_000; sequence++)
        {
            byte[] inner = Mutate(seeds[random.Next(seeds.Length)], random);
            byte nextHeader = inner.Length > 0 && inner[0] >> 4 == 6 ? (byte)41 : (byte)4;
            byte[] datagram = ReferenceEsp.Seal(Suites.Gcm256, pair.ForwardKey, [], pair.LeftToRightSpi, sequence,
                ReferenceEsp.Payload(inner, nextHeader));
            Assert.All(pair.OpenRight(datagram), delivered => Assert.True(delivered.Length <= inner.Length));
        }
        Assert.Equal(20_000UL, pair.Right.InboundPackets(TunnelPair.FirstSa));
    }

    [Fact]
    public void SurvivesAnythingFromTheInnerSide()
    {
        using var pair = new TunnelPair(Suites.Gcm256, mssClamp: 1000);
        var random = new Random(10);
        byte[][] seeds = [TestPackets.Udp(3000), TestPackets.UdpV6(3000), TestPackets.Tcp(2, [2, 4, 5, 0xB4, 1, 1, 8, 2], 3000)];
        var sink = new CollectingSink();
        for (int i = 0; i < 20_000; i++)
        {
            byte[] packet = Mutate(seeds[random.Next(seeds.Length)], random);
            pair.Left.Seal(new SuperPacket(packet, (SegmentationKind)random.Next(5), random.Next(-1, 2000))
            {
                ChecksumStart = random.Next(-1, 60),
                ChecksumOffset = random.Next(-1, 60),
            }, ref sink);
            Assert.All(sink.Sent, run => Assert.InRange(run.Datagrams.Length, 1, 65_507));
            sink.Clear();
        }
        Assert.True(pair.Left.GetCounter(DataPathCounter.Sealed) > 0);
    }

    static byte[] Mutate(byte[] original, Random random)
    {
        byte[] mutated = [.. original];
        switch (random.Next(5))
        {
            case 0:
                return mutated[..random.Next(mutated.Length)];
            case 1:
                byte[] tail = new byte[random.Next(1, 40)];
                random.NextBytes(tail);
                return [.. mutated, .. tail];
            default:
                for (int i = random.Next(1, 5); i > 0; i--)
                {
                    // Headers are where it hurts most.
                    int position = random.Next(2) == 0 ? random.Next(Math.Min(mutated.Length, 60)) : random.Next(mutated.Length);
                    mutated[position] = (byte)random.Next(256);
                }
                return mutated;
        }
    }
}
