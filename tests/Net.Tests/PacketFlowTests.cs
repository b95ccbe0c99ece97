namespace Ipsec.Net.Tests;

public class PacketFlowTests
{
    static readonly PacketFlow Dns = new(IpAddress.Parse("10.2.0.7"), IpAddress.Parse("10.1.3.4"), IpProtocol.Udp, 40000, 53);

    [Fact]
    public void SelectorsNameNothingButThePacket()
    {
        Assert.Equal(new TrafficSelector(IpPrefix.Parse("10.2.0.7/32").Range, IpProtocol.Udp, 40000, 40000), Dns.SourceSelector);
        Assert.Equal(new TrafficSelector(IpPrefix.Parse("10.1.3.4/32").Range, IpProtocol.Udp, 53, 53), Dns.DestinationSelector);
        Assert.True((Dns with { SourcePort = null }).SourceSelector.IsAnyPort);
        Assert.True(Dns.Fits([Dns.SourceSelector], [Dns.DestinationSelector]));
    }

    [Theory]
    [InlineData("10.2.0.0/24", "10.1.0.0/16", 0, true)]
    [InlineData("10.2.0.0/24", "10.1.0.0/16", 17, true)]
    [InlineData("10.2.0.0/24", "10.1.0.0/16", 6, false)]
    [InlineData("10.3.0.0/24", "10.1.0.0/16", 0, false)]
    [InlineData("10.2.0.0/24", "10.3.0.0/16", 0, false)]
    public void FitsWhereBothEndsAreSelected(string local, string remote, byte protocol, bool fits) =>
        Assert.Equal(fits, Dns.Fits([new TrafficSelector(IpPrefix.Parse(local).Range, protocol)],
            [new TrafficSelector(IpPrefix.Parse(remote).Range, protocol)]));

    [Fact]
    public void AFragmentWithoutPortsFitsWherePortsDoNotMatterOrAreOpaque()
    {
        PacketFlow fragment = Dns with { SourcePort = null, DestinationPort = null };
        TrafficSelector any = TrafficSelector.AnyV4;
        Assert.True(fragment.Fits([any], [any]));
        Assert.True(fragment.Fits([any], [any with { FirstPort = ushort.MaxValue, LastPort = 0 }]));
        Assert.False(fragment.Fits([any], [any with { FirstPort = 53, LastPort = 53 }]));
    }
}
