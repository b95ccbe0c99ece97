using Ipsec.Crypto;
using Ipsec.Esp.Tests.Kit;
using Ipsec.Net;
using Ipsec.Tests.Support.Packets;

namespace Ipsec.Esp.Tests.Workers;

/// <summary>No packet costs managed memory, whatever happens to it. With more packets: tests/Benchmarks, "allocations".</summary>
public class AllocationTests
{
    const int Packets = 400;
    const int Attempts = 10;

    /// <summary>Code that the compiler does not optimize makes an object for each table of constants that it reads, as the lanes of SHA-256 do: there the suites without.</summary>
    public static TheoryData<int> Measured =>
#if DEBUG
        [.. Enumerable.Range(0, Suites.All.Length).Where(number => !Suites.All[number].Integrity.ToString().StartsWith("HmacSha256", StringComparison.Ordinal))];
#else
        Suites.Numbers;
#endif

    [Theory]
    [MemberData(nameof(Measured))]
    public void EachDirectionOfEachSuiteAllocatesNothing(int suite) => AssertNothingIsAllocated(PacketLoads.OfSuite(Suites.All[suite]));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void WhateverHappensToAPacketAllocatesNothing(bool chains) =>
        AssertNothingIsAllocated(PacketLoads.OfEverySuite(chains ? Suites.Cbc256Sha256 with { Integrity = IntegrityAlgorithm.HmacSha512_256 } : Suites.Gcm256));

    [Fact]
    public void SharingAndShapingAllocatesNothing()
    {
        using var pair = new TunnelPair(Suites.Gcm256, left: sa => sa with { LocalSelectors = [TrafficSelector.AnyV4] },
            right: sa => sa with { RemoteSelectors = [TrafficSelector.AnyV4] });
        pair.Left.SetRoutes(new RouteTable([new Route(IpPrefix.Parse("10.2.0.0/16"), RouteTarget.Into(new TunnelGroup([TunnelPair.Tunnel, 8, 9])))],
            [.. ((int[])[TunnelPair.Tunnel, 8, 9]).Select(tunnel => new TunnelSettings(tunnel, 1350))])
        { Shaper = new ShaperSettings(ShaperSettings.FastestRate, ShaperSettings.DefaultDepth) });
        // Of the flows one is on the only tunnel that is up.
        byte[] packet = Enumerable.Range(1, 64).Select(port => TestPackets.Udp(1000, sourcePort: (ushort)port))
            .First(candidate => pair.Carry([.. candidate]).Count == 1);
        var sink = new CountingSink { Last = new byte[65_536] };
        byte[] copy = new byte[packet.Length];
        ulong before = pair.Left.GetCounter(DataPathCounter.Sealed);
        long fewest = long.MaxValue;
        for (int attempt = 0; attempt < Attempts && fewest > 0; attempt++)
        {
            long bytes = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < Packets; i++)
            {
                packet.CopyTo(copy, 0);
                pair.Left.Seal(new SuperPacket(copy), ref sink);
            }
            fewest = Math.Min(fewest, GC.GetAllocatedBytesForCurrentThread() - bytes);
        }
        Assert.Equal(0, fewest);
        Assert.True(pair.Left.GetCounter(DataPathCounter.Sealed) - before >= Packets);
    }

    static void AssertNothingIsAllocated(IEnumerable<PacketLoad> loads)
    {
        foreach (PacketLoad load in loads)
        {
            using (load)
                Assert.Equal((load.Name, 0L), (load.Name, load.Cost(Packets, Attempts).Bytes));
        }
    }
}
