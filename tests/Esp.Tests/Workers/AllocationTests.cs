using Ipsec.Esp.Tests.Kit;
using Ipsec.Net;

namespace Ipsec.Esp.Tests.Workers;

public class AllocationTests
{
    [Theory]
    [MemberData(nameof(Suites.Numbers), MemberType = typeof(Suites))]
    public void SealsAndOpensWithoutAllocating(int suite)
    {
        using var pair = new TunnelPair(Suites.All[suite]);
        byte[] packet = TestPackets.Udp(1000);
        Assert.Equal(0, AllocatedBy(pair, packet, SegmentationKind.None, 0));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void SealsSuperPacketsAndFragmentsWithoutAllocating(bool chains)
    {
        using var pair = new TunnelPair(chains ? Suites.Cbc256Sha256 : Suites.Gcm256, mssClamp: 1350);
        Assert.Equal(0, AllocatedBy(pair, TestPackets.Tcp(0x10, [], 30_000), SegmentationKind.TcpV4, 1000));
        Assert.Equal(0, AllocatedBy(pair, TestPackets.Udp(10_000), SegmentationKind.None, 0));
    }

    [Theory]
    [InlineData(NatKind.Static, "10.9.0.0/16")]
    [InlineData(NatKind.Dynamic, "10.9.0.0/26")]
    public void TranslatesShapesAndSharesWithoutAllocating(NatKind kind, string external)
    {
        using var pair = new TunnelPair(Suites.Gcm256, left: sa => sa with { LocalSelectors = [TrafficSelector.AnyV4] },
            right: sa => sa with { RemoteSelectors = [TrafficSelector.AnyV4] });
        pair.Left.SetRoutes(new RouteTable([new Route(IpPrefix.Parse("10.2.0.0/16"), RouteTarget.Into(new TunnelGroup([TunnelPair.Tunnel, 8, 9])))],
            [.. ((int[])[TunnelPair.Tunnel, 8, 9]).Select(tunnel => new TunnelSettings(tunnel, 1350)
                { Nat = [NatBench.Rule(kind, NatMode.EgressSnat, "10.1.0.0/16", external)] })])
        { Shaper = new ShaperSettings(ShaperSettings.FastestRate, ShaperSettings.DefaultDepth) });
        // Of the flows one is on the only tunnel that is up.
        byte[] packet = Enumerable.Range(1, 64).Select(port => TestPackets.Udp(1000, sourcePort: (ushort)port))
            .First(candidate => pair.Carry([.. candidate]).Count == 1);
        Assert.Equal(0, AllocatedBy(pair, packet, SegmentationKind.None, 0));
        Assert.True(pair.Left.GetNatCounters(TunnelPair.Tunnel)[0].NatedPackets >= 50);
    }

    [Fact]
    public void DropsWithoutAllocating()
    {
        using var pair = new TunnelPair(Suites.Gcm256);
        byte[] unknown = [.. TestPackets.Pattern(100)];
        byte[] forged = pair.SealLeft(TestPackets.Udp(1000))[0];
        forged[^1] ^= 1;
        var sink = new CountingSink { Last = new byte[65_536] };
        Assert.Equal(0, FewestBytes(Drop));

        void Drop()
        {
            pair.Right.Open(unknown, 0, pair.RightPath, 0, ref sink);
            pair.Right.Open(forged, 0, pair.RightPath, 0, ref sink);
        }
    }

    static long AllocatedBy(TunnelPair pair, byte[] packet, SegmentationKind kind, int segmentSize)
    {
        var sink = new CountingSink { Last = new byte[65_536] };
        byte[] batch = new byte[65_536];
        byte[] copy = new byte[packet.Length];
        long allocated = FewestBytes(RoundTrip);
        Assert.True(sink.Delivered >= 50);
        return allocated;

        void RoundTrip()
        {
            packet.CopyTo(copy, 0);
            pair.Left.Seal(new SuperPacket(copy, kind, segmentSize), ref sink);
            Span<byte> run = batch.AsSpan(0, sink.LastLength);
            sink.Last.AsSpan(0, sink.LastLength).CopyTo(run);
            pair.Right.Open(run, sink.LastSegmentSize, pair.RightPath, 0, ref sink);
        }
    }

    /// <summary>
    /// Bytes of fifty rounds, the fewest of several tries: the first ones make buffers and compile, and a collection that another
    /// test causes charges this thread with the unused rest of its allocation window.
    /// </summary>
    static long FewestBytes(Action round)
    {
        long fewest = long.MaxValue;
        for (int attempt = 0; attempt < 10 && fewest > 0; attempt++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 50; i++)
                round();
            fewest = Math.Min(fewest, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        return fewest;
    }
}
