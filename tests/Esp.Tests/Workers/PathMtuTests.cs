using Ipsec.Esp.Associations;
using Ipsec.Esp.Tests.Kit;
using Ipsec.Net;

namespace Ipsec.Esp.Tests.Workers;

/// <summary>RFC 4301 §8: an outer path that carries less than expected makes inner packets smaller, for a while, and never absurdly small.</summary>
public sealed class PathMtuTests
{
    static readonly IpAddress Peer = IpAddress.Parse("192.0.2.2");

    [Theory]
    [InlineData(PathEncapsulation.UdpEncapsulated, 8)]
    [InlineData(PathEncapsulation.RawEsp, 0)]
    public void TheLongestPacketThatPassesFillsThePath(PathEncapsulation encapsulation, int udpHeader)
    {
        foreach (int suite in Suites.Numbers.Select(row => (int)row.Data))
        {
            using var pair = new TunnelPair(Suites.All[suite], encapsulation: encapsulation);
            DataPathWorker worker = pair.Left.CreateWorker();
            worker.LearnPathMtu(Peer, 1280);
            int longest = Enumerable.Range(1000, 300).Last(length => Seal(pair, length, dontFragment: true).Count == 1);
            int outer = 20 + udpHeader + Seal(pair, longest, dontFragment: true)[0].Length;
            Assert.InRange(outer, 1280 - 16, 1280);
            Assert.DoesNotContain(Seal(pair, longest + 1, dontFragment: true), datagram => 20 + udpHeader + datagram.Length > 1280);
        }
    }

    [Fact]
    public void WhatMayBeCutIsCutAndWhatMayNotIsAnswered()
    {
        using var pair = new TunnelPair(Suites.Gcm256, options: new DataPathOptions { SendPacketTooBig = true });
        DataPathWorker worker = pair.Left.CreateWorker();
        worker.LearnPathMtu(Peer, 1000);
        Assert.Equal(2, Seal(pair, 1200, dontFragment: false).Count);

        var sink = new CollectingSink();
        pair.Left.Seal(new SuperPacket(TestPackets.Udp(1172, dontFragment: true)), ref sink);
        Assert.Empty(sink.Datagrams);
        Assert.Equal(1, (int)pair.Left.GetCounter(DataPathCounter.TooBig));
        // RFC 1191 §4: the next hop's MTU is in the error's last 16 bits of header. 1000 octets hold an inner packet of 938.
        byte[] error = Assert.Single(sink.Delivered);
        Assert.Equal(938, error[26] << 8 | error[27]);
    }

    [Fact]
    public void OtherPeersAreNotMeant()
    {
        using var pair = new TunnelPair(Suites.Gcm256);
        pair.Left.CreateWorker().LearnPathMtu(IpAddress.Parse("192.0.2.99"), 600);
        Assert.Single(Seal(pair, 1400, dontFragment: true));
    }

    [Fact]
    public void ItIsForgottenAfterAWhile()
    {
        using var pair = new TunnelPair(Suites.Gcm256);
        DataPathWorker worker = pair.Left.CreateWorker();
        pair.Left.AdvanceTo(TimeSpan.FromHours(1));
        worker.LearnPathMtu(Peer, 1000);
        pair.Left.AdvanceTo(TimeSpan.FromHours(1) + PathMtuTable.Lifetime - TimeSpan.FromTicks(1));
        Assert.Empty(Seal(pair, 1400, dontFragment: true));
        pair.Left.AdvanceTo(TimeSpan.FromHours(1) + PathMtuTable.Lifetime);
        Assert.Single(Seal(pair, 1400, dontFragment: true));
        Assert.Equal(1ul, pair.Left.GetCounter(DataPathCounter.PathMtusLearned));
    }

    [Fact]
    public void NobodyMakesPacketsAbsurdlySmall()
    {
        using var pair = new TunnelPair(Suites.Gcm256);
        DataPathWorker worker = pair.Left.CreateWorker();
        worker.LearnPathMtu(Peer, 68);
        Assert.Single(Seal(pair, 500, dontFragment: true));
        // RFC 8200 §5: an inner IPv6 packet of 1280 octets always passes.
        Assert.Single(pair.SealLeft(TestPackets.UdpV6(1232)));
        Assert.Empty(pair.SealLeft(TestPackets.UdpV6(1233)));
    }

    /// <summary>IPv6 packets of 1280 octets are sent in fragments where a path carries less, and each run of them says so again.</summary>
    [Fact]
    public void WhatIsKnownIsWrittenDownOnceASecond()
    {
        var table = new PathMtuTable();
        IpAddress peer = IpAddress.Parse("192.0.2.7");
        Assert.True(table.Learn(peer, 1300, TimeSpan.Zero));
        Assert.False(table.Learn(peer, 1300, TimeSpan.FromMilliseconds(999)));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int run = 0; run < 100; run++)
            table.Learn(peer, 1300, TimeSpan.FromMilliseconds(999));
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.NotNull(table.Find(peer, PathMtuTable.Lifetime - TimeSpan.FromTicks(1)));
        Assert.Null(table.Find(peer, PathMtuTable.Lifetime));

        Assert.True(table.Learn(peer, 1200, TimeSpan.FromMilliseconds(999)));
        Assert.False(table.Learn(peer, 1200, TimeSpan.FromSeconds(2)));
        Assert.Equal(1200, table.Find(peer, PathMtuTable.Lifetime + TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void ManyPeersAreBounded()
    {
        var table = new PathMtuTable();
        for (uint peer = 0; peer < 10_000; peer++)
            table.Learn(IpAddress.FromBytes([10, (byte)(peer >> 16), (byte)(peer >> 8), (byte)peer]), 1000, TimeSpan.FromSeconds(peer / 1000));
        int known = Enumerable.Range(0, 10_000).Count(peer => table.Find(IpAddress.FromBytes([10, 0, (byte)(peer >> 8), (byte)peer]), TimeSpan.FromSeconds(10)) is not null);
        Assert.InRange(known, 1, 4096);
        Assert.Equal(1000, table.Find(IpAddress.FromBytes([10, 0, 39, 15]), TimeSpan.FromSeconds(10)));
    }

    static List<byte[]> Seal(TunnelPair pair, int packetLength, bool dontFragment) => pair.SealLeft(TestPackets.Udp(packetLength - 28, dontFragment: dontFragment));
}
