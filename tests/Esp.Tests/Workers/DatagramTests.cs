using Ipsec.Esp.Tests.Kit;
using Ipsec.Net;

namespace Ipsec.Esp.Tests.Workers;

/// <summary>RFC 3948 §2: three kinds of packet on one port, also inside one coalesced read.</summary>
public class DatagramTests
{
    [Fact]
    public void TellsKeepalivesIkeAndEspApart()
    {
        using var pair = new TunnelPair(Suites.Gcm256);
        var sink = new CollectingSink();
        pair.Right.Open([0xFF], 0, pair.RightPath, 0, ref sink);
        pair.Right.Open([0, 0, 0, 0, 1, 2, 3], 0, pair.RightPath, 0, ref sink);
        pair.Right.Open(Assert.Single(pair.SealLeft(TestPackets.Udp())), 0, pair.RightPath, 0, ref sink);
        Assert.Equal(1UL, pair.Right.GetCounter(DataPathCounter.Keepalives));
        Assert.Equal([1, 2, 3], Assert.Single(sink.IkeMessages));
        Assert.Equal([TestPackets.Udp()], sink.Delivered);
    }

    [Fact]
    public void ClassifiesEverySegmentOfACoalescedRead()
    {
        using var pair = new TunnelPair(Suites.Gcm256);
        byte[] first = Assert.Single(pair.SealLeft(TestPackets.Udp(40)));
        byte[] second = Assert.Single(pair.SealLeft(TestPackets.Udp(40)));
        byte[] ike = new byte[first.Length];
        ike[4] = 0xAB;
        byte[] shorter = Assert.Single(pair.SealLeft(TestPackets.Udp(3)));
        var sink = new CollectingSink();
        pair.Right.Open([.. first, .. ike, .. second, .. shorter], first.Length, pair.RightPath, 0, ref sink);
        Assert.Equal([TestPackets.Udp(40), TestPackets.Udp(40), TestPackets.Udp(3)], sink.Delivered);
        Assert.Equal(ike[4..], Assert.Single(sink.IkeMessages));
    }

    [Fact]
    public void HasNoMarkerOnProtocolFifty()
    {
        using var pair = new TunnelPair(Suites.Gcm256, encapsulation: PathEncapsulation.RawEsp);
        var sink = new CollectingSink();
        pair.Right.Open(new byte[64], 0, pair.RightPath, 0, ref sink);
        pair.Right.Open([0xFF], 0, pair.RightPath, 0, ref sink);
        Assert.Empty(sink.IkeMessages);
        Assert.Equal(1UL, pair.Right.GetCounter(DataPathCounter.UnknownSpi));
        Assert.Equal(1UL, pair.Right.GetCounter(DataPathCounter.MalformedEsp));
    }

    [Fact]
    public void CountsWhatIsNeither()
    {
        using var pair = new TunnelPair(Suites.Gcm256);
        var sink = new CollectingSink();
        foreach (byte[] datagram in (byte[][])[[], [0xFE], [0xFF, 0xFF], [0, 0, 0], [1, 2, 3, 4, 5, 6, 7]])
            pair.Right.Open(datagram, 0, pair.RightPath, 0, ref sink);
        pair.Right.Open([1, 2, 3, 4, 5, 6, 7, 8], 0, TunnelPair.PathFor(PathEncapsulation.Ike), 0, ref sink);
        Assert.Equal(6UL, pair.Right.GetCounter(DataPathCounter.MalformedEsp));
    }
}
