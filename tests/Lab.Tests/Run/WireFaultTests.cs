using Ipsec.Lab.Report;
using Ipsec.Lab.Run;
using Ipsec.Lab.Tests.Support;
using Ipsec.Lab.Topology;
using Ipsec.Net;

namespace Ipsec.Lab.Tests.Run;

public sealed class WireFaultTests
{
    const string Expect = """
        expect:
          - tunnel link is up
          - ping a -> b count 5
          - ping b -> a size 1200 count 5

        """;

    static readonly TopologyModel BehindNat = Labs.Devices(", nat: { publicAddress: 203.0.113.9 }", "", Expect);

    [Fact]
    public void ADeviceBehindNatTravelsInUdp()
    {
        var recorder = new MemoryRecorder();
        LabReport report = Labs.RunToEnd(BehindNat, new LabOptions { Recorder = recorder });
        Labs.AssertPassed(report);
        Assert.Equal("203.0.113.9", report.Tunnels.Single(tunnel => tunnel.Node == "right").Remote);
        Assert.Equal(["left", "left-nat", "right"], recorder.Wires);
        Assert.All(recorder.Packets, recorded => Assert.Equal(IpProtocol.Udp, recorded.Packet[9]));
    }

    [Fact]
    public void TrafficFollowsANatThatForgotItsMappings()
    {
        using LabRun run = Labs.Start(BehindNat, new LabOptions { Duration = TimeSpan.FromMinutes(10) });
        var lost = new List<PingCompleted>();
        run.Occurred += occurred =>
        {
            if (occurred is PingCompleted { RoundTripTime: null } ping)
                lost.Add(ping);
        };
        run.RunUntil(TimeSpan.FromMinutes(3.5));
        Assert.Empty(lost);
        run.Memory.Outer.Nats.Single().Rebind();
        run.RunUntil(TimeSpan.FromMinutes(10));
        // The first packet from inside opens a new mapping: by then a ping from outside may be lost, later ones may not.
        Assert.All(lost, ping => Assert.InRange(ping.At, TimeSpan.FromMinutes(3.5), TimeSpan.FromMinutes(5)));
        Assert.Equal("established", run.CreateReport().Tunnels[1].State);
    }

    [Fact]
    public void ATunnelComesUpOverAWireThatLosesAFifth()
    {
        TopologyModel model = Labs.Devices("", "", """
            wires: { left: { delay: 20ms, jitter: 10ms, loss: 20%, duplication: 5%, reordering: 5% } }
            expect:
              - tunnel link is up
              - ping a -> b count 50

            """);
        for (ulong seed = 0; seed < 5; seed++)
        {
            using LabRun run = Labs.Start(model, new LabOptions { Seed = seed });
            int answered = 0;
            run.Occurred += occurred => answered += occurred is PingCompleted { RoundTripTime: TimeSpan time } && time >= TimeSpan.FromMilliseconds(20) ? 1 : 0;
            run.RunToEnd(TestContext.Current.CancellationToken);
            Labs.AssertPassed(run.CreateReport());
            // 64 of 100 pass both ways; duplicates and reordered packets count once.
            Assert.InRange(answered, 20, 44);
        }
    }

    [Fact]
    public void ASmallMtuFragmentsWhatMayBeFragmented()
    {
        LabReport report = Labs.RunToEnd(Labs.Devices("", "", "wires: { right: { mtu: 1000 } }\n" + Expect));
        Labs.AssertPassed(report);
    }

    // The first request teaches its sender the MTU, the first reply the other one; from then on both fragment (RFC 1191 §6.3).
    [Fact]
    public void AnOversizedPingIsToldTheMtuAndThenFragmented()
    {
        LabReport report = Labs.RunToEnd(Labs.Devices("", "", "expect: [ping a -> b size 1430 count 6]\n"));
        Assert.False(report.Passed);
        Assert.StartsWith("4 of 6 answered", report.Expectations[0].Detail);
        Assert.Contains("takes no packet above 1400 octets", report.Expectations[0].Detail);
    }

    [Fact]
    public void ADeadWireIsNamed()
    {
        LabReport report = Labs.RunToEnd(Labs.Devices("", "", """
            wires: { right: { loss: 100% } }
            expect:
              - tunnel link fails peer-not-responding
              - no ping a -> b

            """));
        Labs.AssertPassed(report);
        Assert.Contains(report.Tunnels.Single(tunnel => tunnel.Node == "left").Reasons,
            reason => (reason.Code, reason.Certainty, reason.AzureError) == ("peer-not-responding", "known", 13805));
    }
}
