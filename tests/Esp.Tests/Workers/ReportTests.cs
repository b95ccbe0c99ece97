using Ipsec.Esp.Tests.Kit;
using Ipsec.Net;

namespace Ipsec.Esp.Tests.Workers;

public class ReportTests
{
    static readonly NetworkPath OtherPath = TunnelPair.Reverse(TunnelPair.PathFor(PathEncapsulation.UdpEncapsulated)) with
    {
        Remote = new TransportAddress(IpAddress.Parse("198.51.100.77"), 61234),
    };

    [Fact]
    public void ReportsASoftLimitOfOctetsOnce()
    {
        using var pair = new TunnelPair(Suites.Gcm256, left: parameters => parameters with { SoftBytes = 200 });
        pair.SealLeft(TestPackets.Udp(100));
        Assert.Empty(TunnelPair.TakeReports(pair.Left));
        pair.SealLeft(TestPackets.Udp(100));
        pair.SealLeft(TestPackets.Udp(100));
        Assert.Equal([new DataPathReport.SoftLimit(TunnelPair.FirstSa)], TunnelPair.TakeReports(pair.Left));
    }

    [Fact]
    public void CountsTheDirectionsApart()
    {
        using var pair = new TunnelPair(Suites.Gcm256, left: parameters => parameters with { SoftPackets = 3 });
        pair.SealLeft(TestPackets.Udp());
        pair.SealLeft(TestPackets.Udp());
        pair.CarryBack(TestPackets.UdpBack());
        pair.CarryBack(TestPackets.UdpBack());
        Assert.DoesNotContain(new DataPathReport.SoftLimit(TunnelPair.FirstSa), TunnelPair.TakeReports(pair.Left));
        pair.CarryBack(TestPackets.UdpBack());
        Assert.Contains(new DataPathReport.SoftLimit(TunnelPair.FirstSa), TunnelPair.TakeReports(pair.Left));
    }

    [Fact]
    public void StopsAtAHardLimitOutboundAndInbound()
    {
        using var pair = new TunnelPair(Suites.Gcm256, left: parameters => parameters with { HardPackets = 2 },
            right: parameters => parameters with { HardBytes = 60 });
        Assert.Single(pair.Carry(TestPackets.Udp(32)));
        Assert.Empty(pair.Carry(TestPackets.Udp(32)));
        Assert.Empty(pair.SealLeft(TestPackets.Udp(32)));
        Assert.Equal([new DataPathReport.HardLimit(TunnelPair.FirstSa)], TunnelPair.TakeReports(pair.Left));
        Assert.Equal([new DataPathReport.FirstInbound(TunnelPair.FirstSa), new DataPathReport.HardLimit(TunnelPair.FirstSa)],
            TunnelPair.TakeReports(pair.Right));
        Assert.Empty(pair.CarryBack(TestPackets.UdpBack()));
    }

    [Fact]
    public void AsksForAnAssociationOnceUntilThatIsHandled()
    {
        using var pair = new TunnelPair(Suites.Gcm256);
        pair.Left.Remove(TunnelPair.FirstSa);
        var expected = new DataPathReport.Acquire(TunnelPair.Tunnel,
            new PacketFlow(IpAddress.Parse(TestPackets.LeftV4), IpAddress.Parse(TestPackets.RightV4), 17, 1000, 2000));
        pair.SealLeft(TestPackets.Udp());
        pair.SealLeft(TestPackets.Udp());
        Assert.Equal([expected], TunnelPair.TakeReports(pair.Left));
        pair.SealLeft(TestPackets.Udp());
        Assert.Empty(TunnelPair.TakeReports(pair.Left));
        pair.Left.AcquireHandled(TunnelPair.Tunnel);
        pair.SealLeft(TestPackets.Udp());
        Assert.Equal([expected], TunnelPair.TakeReports(pair.Left));
        Assert.Equal(4UL, pair.Left.GetCounter(DataPathCounter.NoSa));
    }

    [Fact]
    public void ReportsUnknownSpisOnceUntilThatIsHandled()
    {
        using var pair = new TunnelPair(Suites.Gcm256);
        for (int round = 0; round < 2; round++)
        {
            for (int i = 0; i < 1000; i++)
                pair.OpenRight([0xC0, 0, (byte)(i >> 8), (byte)i, .. new byte[60]]);
            DataPathReport report = Assert.Single(TunnelPair.TakeReports(pair.Right));
            Assert.Equal(new DataPathReport.UnknownSpi(0xC000_0000, pair.RightPath), report);
            pair.Right.UnknownSpiHandled();
        }
        Assert.Equal(2000UL, pair.Right.GetCounter(DataPathCounter.UnknownSpi));
    }

    [Fact]
    public void ReportsAChangedPathOnlyOnceAndOnlyWhenAuthenticated()
    {
        using var pair = new TunnelPair(Suites.Gcm256);
        byte[] forged = pair.SealLeft(TestPackets.Udp())[0];
        forged[^1] ^= 1;
        OpenFrom(pair, forged, OtherPath);
        Assert.Empty(TunnelPair.TakeReports(pair.Right));
        OpenFrom(pair, pair.SealLeft(TestPackets.Udp())[0], OtherPath);
        OpenFrom(pair, pair.SealLeft(TestPackets.Udp())[0], OtherPath);
        Assert.Equal([new DataPathReport.FirstInbound(TunnelPair.FirstSa), new DataPathReport.PathChanged(TunnelPair.FirstSa, OtherPath)],
            TunnelPair.TakeReports(pair.Right));
        OpenFrom(pair, pair.SealLeft(TestPackets.Udp())[0], OtherPath);
        Assert.Empty(TunnelPair.TakeReports(pair.Right));
    }

    [Fact]
    public void TakesNoPathFromAPacketThatIsNotTheNewest()
    {
        using var pair = new TunnelPair(Suites.Gcm256);
        byte[] delayed = pair.SealLeft(TestPackets.Udp())[0];
        pair.Carry(TestPackets.Udp());
        TunnelPair.TakeReports(pair.Right);
        OpenFrom(pair, delayed, OtherPath);
        Assert.Empty(TunnelPair.TakeReports(pair.Right));
    }

    [Fact]
    public void SendsWhereItIsToldAndReportsTheWayBackToo()
    {
        using var pair = new TunnelPair(Suites.Gcm256);
        OpenFrom(pair, pair.SealLeft(TestPackets.Udp())[0], OtherPath);
        TunnelPair.TakeReports(pair.Right);
        pair.Right.SetPath(TunnelPair.FirstSa, OtherPath);
        var sink = new CollectingSink();
        pair.Right.Seal(new SuperPacket(TestPackets.UdpBack()), ref sink);
        Assert.Equal(OtherPath, Assert.Single(sink.Sent).Path);
        pair.Carry(TestPackets.Udp());
        Assert.Equal([new DataPathReport.PathChanged(TunnelPair.FirstSa, pair.RightPath)], TunnelPair.TakeReports(pair.Right));
    }

    [Fact]
    public void KeepsOnlyTheNewestOfManyPaths()
    {
        using var pair = new TunnelPair(Suites.Gcm256);
        for (ushort port = 1; port <= 500; port++)
            OpenFrom(pair, pair.SealLeft(TestPackets.Udp())[0], OtherPath with { Remote = OtherPath.Remote with { Port = port } });
        List<DataPathReport> reports = TunnelPair.TakeReports(pair.Right);
        Assert.Equal(2, reports.Count);
        Assert.Equal(500, Assert.IsType<DataPathReport.PathChanged>(reports[1]).Path.Remote.Port);
    }

    [Fact]
    public void SignalsWhenTheFirstReportWaits()
    {
        using var pair = new TunnelPair(Suites.Gcm256, right: parameters => parameters with { SoftPackets = 1 });
        int signals = 0;
        pair.Right.ReportsPending += () => signals++;
        pair.Carry(TestPackets.Udp());
        Assert.Equal(1, signals);
        Assert.Equal(2, TunnelPair.TakeReports(pair.Right).Count);
        pair.Carry(TestPackets.Udp());
        Assert.Equal(1, signals);
        OpenFrom(pair, pair.SealLeft(TestPackets.Udp())[0], OtherPath);
        Assert.Equal(2, signals);
    }

    static void OpenFrom(TunnelPair pair, byte[] datagram, NetworkPath path)
    {
        var sink = new CollectingSink();
        pair.Right.Open(datagram, 0, path, 0, ref sink);
    }
}
