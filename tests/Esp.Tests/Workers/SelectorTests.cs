using System.Buffers.Binary;
using Ipsec.Esp.Tests.Kit;
using Ipsec.Net;

namespace Ipsec.Esp.Tests.Workers;

public class SelectorTests
{
    const ulong SecondSa = 2;

    [Theory]
    [InlineData("10.3.0.1", TestPackets.RightV4)]
    [InlineData(TestPackets.LeftV4, "10.3.0.1")]
    [InlineData(TestPackets.RightV4, TestPackets.LeftV4)]
    public void DropsDecryptedPacketsOutsideTheSelectors(string source, string destination)
    {
        using var pair = new TunnelPair(Suites.Gcm256);
        byte[] datagram = ReferenceEsp.Seal(Suites.Gcm256, pair.ForwardKey, [], pair.LeftToRightSpi, 1,
            ReferenceEsp.Payload(TestPackets.Udp(8, source, destination), 4));
        Assert.Empty(pair.OpenRight(datagram));
        Assert.Equal(1UL, pair.Right.GetCounter(DataPathCounter.SelectorMismatch));
        Assert.Equal(1UL, pair.Right.InboundPackets(TunnelPair.FirstSa));
    }

    [Fact]
    public void SendsNothingOutsideTheSelectors()
    {
        using var pair = new TunnelPair(Suites.Gcm256);
        Assert.Empty(pair.SealLeft(TestPackets.Udp(8, source: "10.3.0.1")));
        Assert.Equal(1UL, pair.Left.GetCounter(DataPathCounter.NoSa));
        Assert.IsType<DataPathReport.Acquire>(Assert.Single(TunnelPair.TakeReports(pair.Left)));
    }

    [Fact]
    public void TakesTheMostSpecificAssociationFirst()
    {
        using var pair = new TunnelPair(Suites.Gcm256);
        var narrow = new TrafficSelector(IpPrefix.Parse("10.2.0.0/16").Range, IpProtocol.Udp, 53, 53);
        pair.AddSa(SecondSa, Suites.Gcm256, left: parameters => parameters with { RemoteSelectors = [narrow] });
        pair.SealLeft(TestPackets.Udp(8, destinationPort: 53));
        pair.SealLeft(TestPackets.Udp(8, destinationPort: 54));
        pair.SealLeft(TestPackets.Tcp(0x10, [], 10));
        Assert.Equal(1UL, PacketsOut(pair, SecondSa));
        Assert.Equal(2UL, PacketsOut(pair, TunnelPair.FirstSa));
    }

    [Fact]
    public void PrefersTheSmallerNetworkWhateverTheOrderOfInstallation()
    {
        using var pair = new TunnelPair(Suites.Gcm256,
            left: parameters => parameters with { RemoteSelectors = [TrafficSelector.From(IpPrefix.Parse("10.2.0.5/32"))] });
        pair.AddSa(SecondSa, Suites.Gcm256);
        pair.SealLeft(TestPackets.Udp());
        pair.SealLeft(TestPackets.Udp(destination: "10.2.0.6"));
        Assert.Equal(1UL, PacketsOut(pair, TunnelPair.FirstSa));
        Assert.Equal(1UL, PacketsOut(pair, SecondSa));
    }

    [Fact]
    public void LaterFragmentsHaveNoPorts()
    {
        var port53 = new TrafficSelector(IpPrefix.Parse("10.2.0.0/16").Range, IpProtocol.Udp, 53, 53);
        var opaque = new TrafficSelector(IpPrefix.Parse("10.2.0.0/16").Range, IpProtocol.Udp, ushort.MaxValue, 0);
        using var pair = new TunnelPair(Suites.Gcm256, left: parameters => parameters with { RemoteSelectors = [port53] });
        Assert.Single(pair.SealLeft(TestPackets.Udp(8, destinationPort: 53)));
        Assert.Single(pair.SealLeft(Fragment(0, destinationPort: 53)));
        Assert.Empty(pair.SealLeft(Fragment(185, destinationPort: 53)));
        pair.AddSa(SecondSa, Suites.Gcm256, left: parameters => parameters with { RemoteSelectors = [opaque] });
        Assert.Single(pair.SealLeft(Fragment(185, destinationPort: 53)));
        Assert.Equal(1UL, PacketsOut(pair, SecondSa));
    }

    [Fact]
    public void DropsLaterFragmentsThatAPortSelectorCannotAllow()
    {
        var port53 = new TrafficSelector(IpPrefix.Parse("10.2.0.0/16").Range, IpProtocol.Udp, 53, 53);
        using var pair = new TunnelPair(Suites.Gcm256, right: parameters => parameters with { LocalSelectors = [port53] });
        Assert.Single(pair.Carry(Fragment(0, destinationPort: 53)));
        Assert.Empty(pair.Carry(Fragment(185, destinationPort: 53)));
        Assert.Equal(1UL, pair.Right.GetCounter(DataPathCounter.SelectorMismatch));
    }

    [Fact]
    public void IcmpTypeAndCodeAreSelectable()
    {
        var echo = new TrafficSelector(IpPrefix.Parse("10.2.0.0/16").Range, IpProtocol.Icmp, 0x0800, 0x08FF);
        using var pair = new TunnelPair(Suites.Gcm256, right: parameters => parameters with { LocalSelectors = [echo] });
        Assert.Single(pair.Carry(Icmp(8)));
        Assert.Empty(pair.Carry(Icmp(13)));
    }

    static byte[] Icmp(byte type) => IpPacketWriter.Packet(IpAddress.Parse(TestPackets.LeftV4), IpAddress.Parse(TestPackets.RightV4),
        IpProtocol.Icmp, [type, 0, 0, 0, 0, 0, 0, 0]);

    static byte[] Fragment(int offsetInEights, ushort destinationPort)
    {
        byte[] packet = TestPackets.Udp(64, destinationPort: destinationPort);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(6), (ushort)(0x2000 | offsetInEights));
        packet.AsSpan(10, 2).Clear();
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(10), InternetChecksum.Compute(packet.AsSpan(0, 20)));
        return packet;
    }

    static ulong PacketsOut(TunnelPair pair, ulong id)
    {
        Assert.True(pair.Left.TryGetCounters(id, out SaCounters counters));
        return counters.PacketsOut;
    }
}
