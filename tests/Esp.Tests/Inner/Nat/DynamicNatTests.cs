using Ipsec.Esp.Inner.Nat;
using Ipsec.Esp.Tests.Kit;
using Ipsec.Net;

namespace Ipsec.Esp.Tests.Inner.Nat;

public class DynamicNatTests
{
    const string Peer = "10.7.0.1";
    const byte Syn = 0x02;
    const byte Ack = 0x10;
    const byte FinAck = 0x11;
    const byte Rst = 0x04;

    static readonly NatRule One = NatBench.Rule(NatKind.Dynamic, NatMode.EgressSnat, "10.0.1.0/24", "100.0.1.7/32");

    [Fact]
    public void HostsShareAnAddressAndAnswersFindTheirWay()
    {
        NatBench bench = new(One);
        byte[] first = bench.Out(NatBench.Udp("10.0.1.4", 5000, Peer, 53))!;
        byte[] second = bench.Out(NatBench.Udp("10.0.1.5", 5000, Peer, 53))!;
        Assert.Equal($"100.0.1.7:5000 > {Peer}:53", NatBench.Describe(first));
        Assert.True(TestPackets.HasValidChecksums(first) && TestPackets.HasValidChecksums(second));
        Assert.True(IpPacket.TryParse(second, out IpPacket parsed) && parsed.TryGetPorts(out ushort port, out _));
        Assert.True(parsed.TryGetPorts(out port, out _) && port != 5000 && port >= 1024);

        byte[] answer = bench.In(NatBench.Udp(Peer, 53, "100.0.1.7", port))!;
        Assert.Equal($"{Peer}:53 > 10.0.1.5:5000", NatBench.Describe(answer));
        Assert.True(TestPackets.HasValidChecksums(answer));
        Assert.Equal($"{Peer}:53 > 10.0.1.4:5000", NatBench.Describe(bench.In(NatBench.Udp(Peer, 53, "100.0.1.7", 5000))));
        Assert.Equal(new NatCounters(One, 2, 2, 2, 120, 2, 120, 0), bench.Counters);
    }

    [Fact]
    public void OnlyTheInternalSideBegins()
    {
        NatBench bench = new(One);
        bench.Out(NatBench.Udp("10.0.1.4", 5000, Peer, 53));
        Assert.Null(bench.In(NatBench.Udp(Peer, 54, "100.0.1.7", 5000)));
        Assert.Null(bench.In(NatBench.Udp("10.7.0.2", 53, "100.0.1.7", 5000)));
        Assert.Null(bench.In(NatBench.Tcp(Peer, 53, "100.0.1.7", 5000, Syn)));
        Assert.Null(bench.In(NatBench.Echo(Peer, "100.0.1.7", 1)));
        Assert.Null(bench.Out(NatBench.Echo("10.0.1.4", Peer, 1, isReply: true)));
        Assert.Null(bench.Out(NatBench.Tcp("10.0.1.4", 1, Peer, 2, Rst)));
        Assert.Null(bench.Out(IpPacketWriter.Packet(IpAddress.Parse("10.0.1.4"), IpAddress.Parse(Peer), 47, TestPackets.Pattern(40))));
        Assert.Equal(7UL, bench.Counters.DroppedPackets);
        Assert.NotNull(bench.In(NatBench.Udp(Peer, 53, "10.0.1.4", 5000)));
    }

    [Fact]
    public void AnIngressRuleIsBegunByTheSite()
    {
        NatBench bench = new(NatBench.Rule(NatKind.Dynamic, NatMode.IngressSnat, "10.0.1.0/24", "100.0.2.0/26"));
        Assert.Null(bench.Out(NatBench.Tcp("10.1.0.4", 443, "100.0.2.4", 5000, Syn)));
        Assert.Equal("100.0.2.4:5000 > 10.1.0.4:443", NatBench.Describe(bench.In(NatBench.Tcp("10.0.1.4", 5000, "10.1.0.4", 443, Syn))));
        Assert.Equal("10.1.0.4:443 > 10.0.1.4:5000", NatBench.Describe(bench.Out(NatBench.Tcp("10.1.0.4", 443, "100.0.2.4", 5000, Syn | Ack))));
    }

    [Theory]
    [InlineData("10.0.1.0/24", "100.0.1.7/32", "10.0.1.4", "100.0.1.7", Peer)]
    [InlineData("2001:db8:1::/64", "2001:db8:a::7/128", "2001:db8:1::4", "2001:db8:a::7", "2001:db8:2::5")]
    public void EchoesAreToldApartByTheirIdentifier(string @internal, string external, string host, string translated, string peer)
    {
        NatBench bench = new(NatBench.Rule(NatKind.Dynamic, NatMode.EgressSnat, @internal, external));
        byte[] request = bench.Out(NatBench.Echo(host, peer, 9))!;
        Assert.Equal($"{translated} > {peer} 9", NatBench.Describe(request));
        Assert.True(TestPackets.HasValidChecksums(request));
        byte[] reply = bench.In(NatBench.Echo(peer, translated, 9, isReply: true))!;
        Assert.Equal($"{peer} > {host} 9", NatBench.Describe(reply));
        Assert.True(TestPackets.HasValidChecksums(reply));
        Assert.Null(bench.In(NatBench.Echo(peer, translated, 10, isReply: true)));
    }

    [Theory]
    [InlineData(8)]
    [InlineData(64)]
    public void ErrorsAboutAFlowReachItsHost(int quotedPayload)
    {
        NatBench bench = new(One);
        bench.Out(NatBench.Udp("10.0.1.5", 5000, Peer, 53));
        byte[] packet = NatBench.Udp("10.0.1.4", 5000, Peer, 53);
        byte[] sent = bench.Out(packet)!;
        byte[] error = bench.In(NatBench.Unreachable("10.7.0.254", "100.0.1.7", sent, quotedPayload))!;
        Assert.StartsWith("10.7.0.254 > 10.0.1.4", NatBench.Describe(error));
        Assert.True(TestPackets.HasValidChecksums(error));
        Assert.Equal(packet[..NatBench.Quoted(error).Length], NatBench.Quoted(error));

        // And the host about an answer.
        Assert.True(IpPacket.TryParse(sent, out IpPacket parsed) && parsed.TryGetPorts(out ushort port, out _));
        parsed.TryGetPorts(out port, out _);
        byte[] answer = NatBench.Udp(Peer, 53, "100.0.1.7", port);
        byte[] report = bench.Out(NatBench.Unreachable("10.0.1.4", Peer, bench.In(answer)!, quotedPayload))!;
        Assert.StartsWith($"100.0.1.7 > {Peer}", NatBench.Describe(report));
        Assert.True(TestPackets.HasValidChecksums(report));
        Assert.Equal(answer[..NatBench.Quoted(report).Length], NatBench.Quoted(report));

        Assert.Null(bench.In(NatBench.Unreachable("10.7.0.254", "100.0.1.7", NatBench.Udp("100.0.1.7", 1, Peer, 53))));
    }

    [Fact]
    public void FragmentsFollowTheFirstOne()
    {
        NatBench bench = new(One);
        (byte[] first, byte[] later) = NatBench.Split(NatBench.Udp("10.0.1.4", 5000, Peer, 53), 6);
        Assert.Null(bench.Out(later));
        byte[] whole = NatBench.Join(bench.Out(first)!, bench.Out(later)!);
        Assert.Equal($"100.0.1.7:5000 > {Peer}:53", NatBench.Describe(whole));
        Assert.True(TestPackets.HasValidChecksums(whole));

        (byte[] firstBack, byte[] laterBack) = NatBench.Split(NatBench.Udp(Peer, 53, "100.0.1.7", 5000), 6);
        Assert.Equal($"{Peer}:53 > 10.0.1.4:5000", NatBench.Describe(NatBench.Join(bench.In(firstBack)!, bench.In(laterBack)!)));
        bench.Now += TimeSpan.FromSeconds(15);
        Assert.Null(bench.Out(later));
    }

    [Fact]
    public void FlowsAreForgottenAfterTheirTime()
    {
        NatBench bench = new(One);
        AssertForgottenAfter(TimeSpan.FromMinutes(5), NatBench.Udp("10.0.1.4", 1, Peer, 2), NatBench.Udp(Peer, 2, "100.0.1.7", 1));
        AssertForgottenAfter(TimeSpan.FromMinutes(1), NatBench.Echo("10.0.1.4", Peer, 3), NatBench.Echo(Peer, "100.0.1.7", 3, isReply: true));
        AssertForgottenAfter(TimeSpan.FromMinutes(4), NatBench.Tcp("10.0.1.4", 5, Peer, 6, Syn));
        AssertForgottenAfter(TimeSpan.FromMinutes(124), NatBench.Tcp("10.0.1.4", 7, Peer, 6, Syn), NatBench.Tcp(Peer, 6, "100.0.1.7", 7, Syn | Ack));
        AssertForgottenAfter(TimeSpan.FromMinutes(4), NatBench.Tcp("10.0.1.4", 8, Peer, 6, Syn), NatBench.Tcp(Peer, 6, "100.0.1.7", 8, Rst));
        AssertForgottenAfter(TimeSpan.FromMinutes(4), NatBench.Tcp("10.0.1.4", 9, Peer, 6, FinAck), NatBench.Tcp(Peer, 6, "100.0.1.7", 9, FinAck));

        void AssertForgottenAfter(TimeSpan time, byte[] packet, params byte[][] answers)
        {
            byte[] probe = answers.Length > 0 ? [.. answers[0]] : NatBench.Tcp(Peer, 6, "100.0.1.7", 5, Rst);
            foreach (TimeSpan silence in (TimeSpan[])[time - TimeSpan.FromSeconds(1), time])
            {
                Assert.NotNull(bench.Out(packet));
                Assert.All(answers, answer => Assert.NotNull(bench.In(answer)));
                bench.Now += silence;
                Assert.Equal(silence < time, bench.In(probe) is not null);
                bench.Now += TimeSpan.FromHours(3);
            }
        }
    }

    [Fact]
    public void AFullTableRefusesNewFlowsUntilOldOnesAreForgotten()
    {
        NatBench bench = new(NatBench.Rule(NatKind.Dynamic, NatMode.EgressSnat, "10.0.0.0/16", "100.0.1.0/26"));
        int passed = 0;
        byte[] packet = NatBench.Udp("10.0.0.0", 4000, Peer, 53);
        for (int i = 0; i < NatFlowTable.MaximumFlows + 500; i++)
        {
            (packet[14], packet[15], packet[21]) = ((byte)(i >> 8), (byte)i, (byte)(i >> 16));
            passed += bench.Out(packet) is null ? 0 : 1;
        }
        Assert.Equal(NatFlowTable.MaximumFlows, passed);
        Assert.Equal(((ulong)NatFlowTable.MaximumFlows, 500UL), (bench.Counters.Flows, bench.Counters.DroppedPackets));

        bench.Now += TimeSpan.FromMinutes(5);
        Assert.NotNull(bench.Out(packet));
        Assert.InRange(bench.Counters.Flows, 1UL, (ulong)NatFlowTable.MaximumFlows - 50);
    }

    [Fact]
    public void WhereAllPortsTowardsAPeerAreTakenTheNextAddressIs()
    {
        NatBench bench = new(NatBench.Rule(NatKind.Dynamic, NatMode.EgressSnat, "10.0.0.0/16", "100.0.1.0/31"));
        HashSet<string> seen = [];
        for (int i = 0; i < 4000; i++)
        {
            // Every one of them would like the same address and port.
            string host = IpAddress.Parse("10.0.0.0").Plus((UInt128)(i * 2)).ToString();
            Assert.True(seen.Add(NatBench.Describe(bench.Out(NatBench.Udp(host, 4000, Peer, 53)))));
        }
        Assert.DoesNotContain("dropped", seen);
    }

    /// <summary>Thousands of random packets against a dictionary that remembers everything.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void FindsEveryFlowFromBothSides(int seed)
    {
        NatBench bench = new(NatBench.Rule(NatKind.Dynamic, NatMode.EgressSnat, "10.0.1.0/24", "100.0.1.4/30"));
        var random = new Random(seed);
        Dictionary<string, string> external = [];
        Dictionary<string, byte[]> back = [];
        for (int i = 0; i < 6000; i++)
        {
            byte[] packet = NatBench.Udp($"10.0.1.{random.Next(256)}", (ushort)random.Next(4000, 4010), $"10.7.0.{random.Next(4)}",
                (ushort)random.Next(50, 52));
            string flow = NatBench.Describe(packet);
            byte[] wire = bench.Out(packet)!;
            string seen = NatBench.Describe(wire);
            Assert.Equal(external.TryAdd(flow, seen) ? seen : external[flow], seen);
            back[seen] = packet;
            (string wireFlow, byte[] original) = back.ElementAt(random.Next(back.Count));
            string[] ends = wireFlow.Split(" > ");
            string[] source = ends[1].Split(':');
            string[] destination = ends[0].Split(':');
            byte[] answer = bench.In(NatBench.Udp(source[0], ushort.Parse(source[1]), destination[0], ushort.Parse(destination[1])))!;
            string[] originalEnds = NatBench.Describe(original).Split(" > ");
            Assert.Equal($"{originalEnds[1]} > {originalEnds[0]}", NatBench.Describe(answer));
        }
        Assert.Equal(external.Count, external.Values.Distinct().Count());
        Assert.Equal((ulong)external.Count, bench.Counters.Flows);
    }

    [Fact]
    public void NothingThatArrivesMakesItThrow()
    {
        NatBench bench = new(One, NatBench.Rule(NatKind.Dynamic, NatMode.IngressSnat, "10.7.0.0/24", "100.0.7.0/28"),
            NatBench.Rule(NatKind.Static, NatMode.EgressSnat, "10.0.2.0/24", "100.0.2.0/24"));
        var random = new Random(7);
        byte[] udp = NatBench.Udp("10.0.1.4", 5000, Peer, 53);
        byte[][] seeds =
        [
            udp, NatBench.Tcp("10.0.1.4", 1, Peer, 2, Syn), NatBench.Echo("10.0.1.4", Peer, 3), NatBench.Unreachable(Peer, "100.0.1.7", udp, 64),
            NatBench.Unreachable("10.0.2.1", Peer, udp), NatBench.Unreachable("2001:db8::1", "2001:db8::2", TestPackets.UdpV6()),
        ];
        for (int i = 0; i < 40_000; i++)
        {
            byte[] packet = [.. seeds[random.Next(seeds.Length)]];
            for (int change = random.Next(1, 5); change > 0; change--)
                packet[random.Next(packet.Length)] = (byte)random.Next(256);
            packet = packet[..random.Next(20, packet.Length + 1)];
            if (packet[0] >> 4 == 4)
                (packet[2], packet[3]) = (0, (byte)packet.Length);
            if (!IpPacket.TryParse(packet, out IpPacket parsed))
                continue;
            if (random.Next(2) == 0)
                bench.Nat.TryTranslateInbound(packet, parsed, bench.Now);
            else
                bench.Nat.TryTranslateOutbound(packet, parsed, bench.Now);
            bench.Now += TimeSpan.FromMilliseconds(random.Next(100));
        }
        Assert.NotEqual(0UL, bench.Counters.NatedPackets);
    }
}
