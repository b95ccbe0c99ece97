using Ipsec.Esp.Tests.Kit;
using Ipsec.Net;

namespace Ipsec.Esp.Tests.Inner.Nat;

/// <summary>Rules for a range of ports.</summary>
public class PortRangeNatTests
{
    const string Peer = "10.7.0.1";

    static readonly NatRule Static = NatBench.Rule(NatKind.Static, NatMode.EgressSnat, "10.0.1.0/24", "100.0.1.0/24") with
    {
        InternalPorts = new PortRange(200, 300),
        ExternalPorts = new PortRange(8200, 8300),
    };

    [Fact]
    public void PortsOfAStaticRuleAreMappedInOrderInBothDirections()
    {
        NatBench bench = new(Static);
        foreach ((ushort @internal, ushort external) in ((ushort, ushort)[])[(200, 8200), (250, 8250), (300, 8300)])
        {
            byte[] wire = bench.Out(NatBench.Tcp("10.0.1.4", @internal, Peer, 80, 0x02))!;
            Assert.Equal($"100.0.1.4:{external} > {Peer}:80", NatBench.Describe(wire));
            Assert.True(TestPackets.HasValidChecksums(wire));
            // Either side may begin: there is no state.
            byte[] inside = new NatBench(Static).In(NatBench.Udp(Peer, 80, "100.0.1.4", external))!;
            Assert.Equal($"{Peer}:80 > 10.0.1.4:{@internal}", NatBench.Describe(inside));
            Assert.True(TestPackets.HasValidChecksums(inside));
        }
    }

    [Fact]
    public void WhatHasNoPortOfTheRangeStaysAsItIs()
    {
        NatBench bench = new(Static);
        foreach (byte[] packet in (byte[][])[NatBench.Udp("10.0.1.4", 199, Peer, 250), NatBench.Tcp("10.0.1.4", 301, Peer, 250, 2),
            NatBench.Echo("10.0.1.4", Peer, 250)])
            Assert.Equal(packet, bench.Out(packet));
        foreach (byte[] packet in (byte[][])[NatBench.Udp(Peer, 250, "100.0.1.4", 250), NatBench.Echo(Peer, "100.0.1.4", 8250)])
            Assert.Equal(packet, bench.In(packet));
        Assert.Equal(new Ipsec.Esp.NatCounters(Static, 0, 0, 0, 0, 0, 0, 0), bench.Counters);
    }

    [Fact]
    public void AnotherRuleMayBeForTheOtherPorts()
    {
        NatRule rest = NatBench.Rule(NatKind.Static, NatMode.EgressSnat, "10.0.1.0/24", "100.0.9.0/24");
        NatBench bench = new(Static, rest);
        Assert.Equal($"100.0.1.4:8250 > {Peer}:80", NatBench.Describe(bench.Out(NatBench.Udp("10.0.1.4", 250, Peer, 80))));
        Assert.Equal($"100.0.9.4:80 > {Peer}:80", NatBench.Describe(bench.Out(NatBench.Udp("10.0.1.4", 80, Peer, 80))));
        Assert.Equal($"100.0.9.4 > {Peer} 7", NatBench.Describe(bench.Out(NatBench.Echo("10.0.1.4", Peer, 7))));
    }

    [Fact]
    public void FragmentsFollowTheirFirstOne()
    {
        NatBench bench = new(Static);
        (byte[] first, byte[] later) = NatBench.Split(NatBench.Udp("10.0.1.4", 250, Peer, 80), 5);
        Assert.Null(bench.Out(later));
        byte[] whole = NatBench.Join(bench.Out(first)!, bench.Out(later)!);
        Assert.Equal($"100.0.1.4:8250 > {Peer}:80", NatBench.Describe(whole));
        Assert.True(TestPackets.HasValidChecksums(whole));
    }

    [Fact]
    public void ErrorsGoByThePacketThatTheyReportAbout()
    {
        NatBench bench = new(Static, NatBench.Rule(NatKind.Static, NatMode.EgressSnat, "10.0.1.0/24", "100.0.9.0/24"));
        byte[] packet = NatBench.Udp("10.0.1.4", 250, Peer, 80);
        byte[] error = bench.In(NatBench.Unreachable("10.7.0.254", "100.0.1.4", bench.Out(packet)!, quotedPayload: 64))!;
        Assert.StartsWith("10.7.0.254 > 10.0.1.4", NatBench.Describe(error));
        Assert.Equal(packet, NatBench.Quoted(error));
        Assert.True(TestPackets.HasValidChecksums(error));

        byte[] arrived = NatBench.Udp(Peer, 80, "100.0.1.4", 8250);
        byte[] report = bench.Out(NatBench.Unreachable("10.0.1.4", Peer, bench.In(arrived)!))!;
        Assert.StartsWith($"100.0.1.4 > {Peer}", NatBench.Describe(report));
        Assert.Equal(arrived[..NatBench.Quoted(report).Length], NatBench.Quoted(report));
        Assert.True(TestPackets.HasValidChecksums(report));
    }

    [Fact]
    public void ADynamicRuleTakesExternalPortsOfItsRangeOnly()
    {
        NatBench bench = new(NatBench.Rule(NatKind.Dynamic, NatMode.EgressSnat, "10.0.1.0/24",
            "100.0.1.7/32") with
        { ExternalPorts = new PortRange(40000, 40003) });
        HashSet<ushort> ports = [];
        for (ushort i = 0; i < 4; i++)
        {
            byte[] wire = bench.Out(NatBench.Udp($"10.0.1.{i + 1}", 5000, Peer, 53))!;
            Assert.True(IpPacket.TryParse(wire, out IpPacket parsed) && parsed.TryGetPorts(out ushort port, out _) && ports.Add(port));
            parsed.TryGetPorts(out port, out _);
            Assert.InRange(port, 40000, 40003);
            Assert.Equal($"{Peer}:53 > 10.0.1.{i + 1}:5000", NatBench.Describe(bench.In(NatBench.Udp(Peer, 53, "100.0.1.7", port))));
        }
        // They are all in use towards this peer, and free towards another one.
        Assert.Null(bench.Out(NatBench.Udp("10.0.1.9", 5000, Peer, 53)));
        Assert.NotNull(bench.Out(NatBench.Udp("10.0.1.9", 5000, "10.7.0.2", 53)));
        // A port of the range stays where it is free.
        Assert.Equal("100.0.1.7:40002 > 10.7.0.3:53", NatBench.Describe(bench.Out(NatBench.Udp("10.0.1.9", 40002, "10.7.0.3", 53))));
    }

    [Fact]
    public void ADynamicRuleIsForInternalPortsOfItsRangeOnly()
    {
        NatBench bench = new(NatBench.Rule(NatKind.Dynamic, NatMode.EgressSnat, "10.0.1.0/24",
            "100.0.1.7/32") with
        { InternalPorts = new PortRange(5000, 5999) });
        Assert.Equal($"100.0.1.7:5000 > {Peer}:53", NatBench.Describe(bench.Out(NatBench.Udp("10.0.1.4", 5000, Peer, 53))));
        Assert.Equal($"{Peer}:53 > 10.0.1.4:5000", NatBench.Describe(bench.In(NatBench.Udp(Peer, 53, "100.0.1.7", 5000))));
        Assert.Equal($"10.0.1.4:6000 > {Peer}:53", NatBench.Describe(bench.Out(NatBench.Udp("10.0.1.4", 6000, Peer, 53))));
        Assert.Equal($"10.0.1.4 > {Peer} 5001", NatBench.Describe(bench.Out(NatBench.Echo("10.0.1.4", Peer, 5001))));
    }
}
