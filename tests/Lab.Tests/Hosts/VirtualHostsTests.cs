using Ipsec.Lab.Hosts;
using Ipsec.Lab.Topology;
using Ipsec.Net;

namespace Ipsec.Lab.Tests.Hosts;

public class VirtualHostsTests
{
    static readonly HostDefinition Here = new("pc1", "branch", "branch", IpAddress.Parse("10.2.0.10"));
    static readonly HostDefinition There = new("vm1", "hub/app", "hub-gw", IpAddress.Parse("10.1.1.4"));

    [Fact]
    public void TwoSidesPingEachOtherAndTheRoundTripIsTheOwnersTime()
    {
        TimeSpan? roundTrip = null;
        List<byte[]> outwards = [];
        List<byte[]> homewards = [];
        VirtualHosts here = new([Here], outwards.Add);
        VirtualHosts there = new([There], homewards.Add);

        Assert.True(here.TryPing("pc1", There.Address, 56, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5), time => roundTrip = time));
        there.Receive(Assert.Single(outwards), TimeSpan.FromSeconds(100));
        here.Receive(Assert.Single(homewards), TimeSpan.FromMilliseconds(5030));

        Assert.Equal(TimeSpan.FromMilliseconds(30), roundTrip);
    }

    [Fact]
    public void WithoutAnAnswerThePingEndsAtItsTimeout()
    {
        bool isCompleted = false;
        TimeSpan? roundTrip = TimeSpan.Zero;
        VirtualHosts hosts = new([Here], _ => { });
        hosts.TryPing("pc1", There.Address, 56, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5), time => (isCompleted, roundTrip) = (true, time));

        Assert.Equal(TimeSpan.FromSeconds(6), hosts.NextTimeout);
        hosts.HandleTimeout(TimeSpan.FromMilliseconds(5999));
        Assert.False(isCompleted);
        hosts.HandleTimeout(TimeSpan.FromSeconds(6));

        Assert.Equal((true, null), (isCompleted, roundTrip));
    }

    [Fact]
    public void APacketForNobodyAndAHostThatDoesNotExistAreIgnored()
    {
        List<byte[]> sent = [];
        VirtualHosts hosts = new([Here], sent.Add);

        hosts.Receive([0x45, 0, 0], TimeSpan.Zero);
        hosts.Receive(IpPacketWriter.Packet(There.Address, IpAddress.Parse("10.2.0.11"), IpProtocol.Icmp, [8, 0, 0, 0, 0, 0, 0, 0]), TimeSpan.Zero);

        Assert.False(hosts.TryPing("pc9", There.Address, 56, TimeSpan.FromSeconds(1), TimeSpan.Zero, _ => { }));
        Assert.Empty(sent);
    }
}
