using Ipsec.Esp.Tests.Kit;
using Ipsec.Net;

namespace Ipsec.Esp.Tests.Inner.Nat;

public class StaticNatTests
{
    static readonly NatRule Egress = NatBench.Rule(NatKind.Static, NatMode.EgressSnat, "10.0.1.0/24", "100.0.1.0/24");
    static readonly NatRule Ingress = NatBench.Rule(NatKind.Static, NatMode.IngressSnat, "10.0.1.0/24", "100.0.2.0/24");

    public static TheoryData<byte[]> Packets =>
    [
        NatBench.Udp("10.0.1.4", 1000, "100.0.2.9", 2000),
        NatBench.Tcp("10.0.1.4", 1000, "100.0.2.9", 2000, 0x12),
        NatBench.Echo("10.0.1.4", "100.0.2.9", 77),
        NatBench.Echo("10.0.1.4", "100.0.2.9", 77, isReply: true),
        TestPackets.Udp(0, "10.0.1.4", "100.0.2.9"),
        IpPacketWriter.Packet(IpAddress.Parse("10.0.1.4"), IpAddress.Parse("100.0.2.9"), 47, TestPackets.Pattern(40)),
    ];

    /// <summary>
    /// Both networks are 10.0.1.0/24: the gateway's rules give each the addresses under which the other one knows it (Microsoft's own example).
    /// </summary>
    [Theory]
    [MemberData(nameof(Packets))]
    public void OverlappingNetworksSeeEachOtherUnderOtherAddresses(byte[] packet)
    {
        NatBench bench = new(Egress, Ingress);
        byte[]? wire = bench.Out(packet);
        Assert.NotNull(wire);
        Assert.StartsWith("100.0.1.4", NatBench.Describe(wire));
        Assert.Contains("> 10.0.1.9", NatBench.Describe(wire));
        Assert.True(packet[9] == 47 || TestPackets.HasValidChecksums(wire));

        // The answer is the same packet with its addresses exchanged.
        byte[]? answer = bench.In(Exchanged(wire));
        Assert.Equal(Exchanged(packet), answer);
    }

    [Fact]
    public void EitherSideMayBegin()
    {
        NatBench bench = new(Egress, Ingress);
        Assert.Equal("100.0.2.9:5 > 10.0.1.4:6", NatBench.Describe(bench.In(NatBench.Udp("10.0.1.9", 5, "100.0.1.4", 6))));
        Assert.Equal(new NatCounters(Ingress, 0, 0, 1, 60, 0, 0, 0), bench.Nat.Counters[1]);
        Assert.Equal(new NatCounters(Egress, 0, 0, 0, 0, 1, 60, 0), bench.Nat.Counters[0]);
    }

    [Fact]
    public void WhatNoRuleNamesStaysAsItIs()
    {
        NatBench bench = new(Egress, Ingress);
        byte[] packet = NatBench.Udp("10.0.9.4", 1, "10.7.0.1", 2);
        Assert.Equal(packet, bench.Out(packet));
        Assert.Equal(packet, bench.In(packet));
    }

    [Fact]
    public void TheFirstRuleThatFitsCounts()
    {
        NatBench bench = new(NatBench.Rule(NatKind.Static, NatMode.EgressSnat, "10.0.1.4/32", "100.0.9.9/32"), Egress);
        Assert.Equal("100.0.9.9:1 > 10.7.0.1:2", NatBench.Describe(bench.Out(NatBench.Udp("10.0.1.4", 1, "10.7.0.1", 2))));
        Assert.Equal("100.0.1.5:1 > 10.7.0.1:2", NatBench.Describe(bench.Out(NatBench.Udp("10.0.1.5", 1, "10.7.0.1", 2))));
    }

    [Fact]
    public void AWrongChecksumStaysWrongAndNoneStaysNone()
    {
        NatBench bench = new(Egress);
        byte[] wrong = NatBench.Tcp("10.0.1.4", 1, "10.7.0.1", 2, 0x10);
        wrong[36] ^= 1;
        Assert.False(TestPackets.HasValidChecksums(bench.Out(wrong)!));

        byte[] none = IpPacketWriter.Udp(new TransportAddress(IpAddress.Parse("10.0.1.4"), 1), new TransportAddress(IpAddress.Parse("10.7.0.1"), 2),
            TestPackets.Pattern(9), withChecksum: false);
        Assert.Equal([0, 0], bench.Out(none)!.AsSpan(26, 2).ToArray());
    }

    [Fact]
    public void FragmentsPassInAnyOrder()
    {
        NatBench bench = new(Egress);
        (byte[] first, byte[] later) = NatBench.Split(NatBench.Udp("10.0.1.4", 1, "10.7.0.1", 2), 5);
        byte[] translatedLater = bench.Out(later)!;
        byte[] whole = NatBench.Join(bench.Out(first)!, translatedLater);
        Assert.Equal("100.0.1.4:1 > 10.7.0.1:2", NatBench.Describe(whole));
        Assert.True(TestPackets.HasValidChecksums(whole));
        Assert.True(InternetChecksum.IsValid(translatedLater.AsSpan(0, 20)));
    }

    [Theory]
    [InlineData("2001:db8:1::/48", "2001:db8:a::/48", "2001:db8:1::4", "2001:db8:a::4", "2001:db8:2::5")]
    [InlineData("10.0.1.0/24", "100.0.1.0/24", "10.0.1.4", "100.0.1.4", "10.7.0.1")]
    public void ErrorsAreTranslatedWithWhatTheyQuote(string @internal, string external, string host, string translated, string peer)
    {
        NatBench bench = new(NatBench.Rule(NatKind.Static, NatMode.EgressSnat, @internal, external));
        foreach (byte[] packet in (byte[][])[NatBench.Udp(host, 1, peer, 2), NatBench.Echo(host, peer, 9)])
        {
            // A router on the peer's side about what this side sent.
            byte[] sent = bench.Out(packet)!;
            byte[] error = bench.In(NatBench.Unreachable(peer, translated, sent, quotedPayload: 64))!;
            Assert.True(TestPackets.HasValidChecksums(error));
            Assert.Equal(packet, NatBench.Quoted(error));
            Assert.StartsWith($"{peer} > {host}", NatBench.Describe(error));
        }
        // This side about what the peer sent.
        byte[] arrived = NatBench.Udp(peer, 2, translated, 1);
        byte[] report = bench.Out(NatBench.Unreachable(host, peer, bench.In(arrived)!))!;
        Assert.True(TestPackets.HasValidChecksums(report));
        Assert.Equal(arrived[..NatBench.Quoted(report).Length], NatBench.Quoted(report));
        Assert.StartsWith($"{translated} > {peer}", NatBench.Describe(report));
    }

    static byte[] Exchanged(byte[] packet)
    {
        byte[] exchanged = [.. packet];
        packet.AsSpan(12, 4).CopyTo(exchanged.AsSpan(16));
        packet.AsSpan(16, 4).CopyTo(exchanged.AsSpan(12));
        return exchanged;
    }
}
