using Ipsec.Lab.Report;
using Ipsec.Lab.Run;
using Ipsec.Lab.Tests.Support;
using Ipsec.Lab.Tests.Topology;
using Ipsec.Lab.Topology;

namespace Ipsec.Lab.Tests.Run;

/// <summary>Timed faults of a file, and the rule that a ping may be lost because of one only until its recovery (D7).</summary>
public sealed class FaultTests
{
    const string Expect = """
        expect:
          - tunnel link is up
          - ping a -> b
          - ping b -> a

        """;

    const string Quick = ", dpdDelay: 10s, retransmission: { timeout: 500ms, tries: 3 }, localIdentity: {0}.example";

    static string Settings(string name, string more = "") => Quick.Replace("{0}", name, StringComparison.Ordinal) + more;

    static LabReport Run(string left, string right, string rest, Action<LabEvent>? watch = null)
    {
        TopologyModel model = Labs.Devices(Settings("left", left), Settings("right", right), rest + Expect);
        using var run = new LabRun(model, new LabOptions { Seed = 5 });
        run.Occurred += watch;
        run.Start();
        run.RunToEnd();
        return run.CreateReport();
    }

    static int Lost(LabReport report) => report.Expectations.Count(expectation => expectation.Detail.Contains("lost within", StringComparison.Ordinal));

    [Theory]
    [InlineData("{ at: 1m, node: right, kind: link-down, for: 40s, recovery: 30s }")]
    [InlineData("{ at: 1m, node: left, kind: loss, loss: 90%, for: 30s, recovery: 40s }")]
    [InlineData("{ at: 1m, node: right, kind: restart, recovery: 40s }")]
    [InlineData("{ at: 1m, node: left, kind: restart, for: 20s, recovery: 30s }")]
    public void TunnelIsBackWithinTheRecovery(string fault)
    {
        var faults = new List<FaultHappened>();
        LabReport report = Run("", "", $"faults:\n  - {fault}\n", occurred =>
        {
            if (occurred is FaultHappened happened)
                faults.Add(happened);
        });
        Labs.AssertPassed(report);
        Assert.NotEqual(0, Lost(report));
        Assert.Equal(TimeSpan.FromMinutes(1), Assert.Single(faults).At);
    }

    [Fact]
    public void PingThatIsLostLongerThanTheRecoveryFails()
    {
        LabReport report = Run("", "", "faults:\n  - { at: 1m, node: right, kind: restart, for: 30s, recovery: 0s }\n");
        Assert.False(report.Passed);
    }

    [Fact]
    public void MobikeCarriesTheTunnelToAnotherAddressWithoutALostPing()
    {
        var moved = new List<NodeEvent>();
        LabReport report = Run(", mobike: true", ", mobike: true", "faults:\n  - { at: 1m, node: left, kind: address, address: 192.0.2.77, recovery: 1s }\n",
            occurred =>
        {
            if (occurred is NodeEvent { Event: Ike.Outputs.IkeSaMoved } happened)
                moved.Add(happened);
        });
        Labs.AssertPassed(report);
        Assert.Equal(0, Lost(report));
        Assert.Equal(["left", "right"], moved.Select(happened => happened.Node));
        Assert.Equal("192.0.2.77", report.Tunnels.Single(tunnel => tunnel.Node == "right").Remote);
    }

    [Fact]
    public void ResponderThatMovesIsFollowedToo()
    {
        LabReport report = Run(", mobike: true", ", mobike: true",
            "faults:\n  - { at: 1m, node: right, kind: address, address: 198.51.100.77, recovery: 5s }\n");
        Labs.AssertPassed(report);
    }

    [Fact]
    public void DeadPathIsLeftForTheOtherAddress()
    {
        // The first address of the right device stays unreachable: only its other one is left.
        TopologyModel model = Labs.Devices(Settings("left", ", mobike: true"), Settings("right", ", mobike: true, additionalAddresses: [198.51.100.2]"),
            "expect: [ping a -> b]\n");
        using LabRun run = Labs.Start(model, new LabOptions { Duration = TimeSpan.FromMinutes(3), RepeatInterval = TimeSpan.FromSeconds(5) });
        run.RunUntil(TimeSpan.FromSeconds(20));
        run.Memory.Outer.Move(model.Nodes[1], model.Nodes[1].OuterAddress, Ipsec.Net.IpAddress.Parse("198.51.100.3"), run.Memory.Nodes[1].Wire!);
        run.RunUntil(TimeSpan.FromMinutes(2));
        Assert.Equal("198.51.100.2", run.CreateReport().Tunnels.Single(tunnel => tunnel.Node == "left").Remote);
    }

    [Fact]
    public void NatThatForgetsIsNoticedByMobike()
    {
        LabReport report = Run(", mobike: true, nat: { publicAddress: 203.0.113.9 }", ", mobike: true",
            "faults:\n  - { at: 1m, node: left, kind: nat-rebind, recovery: 15s }\n");
        Labs.AssertPassed(report);
    }

    [Fact]
    public void PeerIsFoundByItsNameAgainAfterItsAddressChanged()
    {
        const string file = """
            name: dynamic
            sites:
              left:
                networks: [10.1.0.0/24]
                device: { address: 192.0.2.1, localIdentity: left.example, dpdDelay: 10s, retransmission: { timeout: 500ms, tries: 3 }, connections: [{ name: link, peerName: office.example.org, remoteNetworks: [10.2.0.0/24], sharedKey: secret }] }
              right:
                networks: [10.2.0.0/24]
                device: { address: 198.51.100.1, localIdentity: right.example, dpdDelay: 10s, connections: [{ name: link, peerAddress: any, remoteNetworks: [10.1.0.0/24], sharedKey: secret }] }
            names: { office.example.org: [right] }
            hosts:
              a: { in: left, address: 10.1.0.10 }
              b: { in: right, address: 10.2.0.10 }
            faults: [{ at: 1m, node: right, kind: address, address: 198.51.100.50, recovery: 1m }]

            """;
        using LabRun run = Labs.Start(Samples.Load(file + Expect));
        run.RunToEnd(TestContext.Current.CancellationToken);
        LabReport report = run.CreateReport();
        Labs.AssertPassed(report);
        Assert.Equal("198.51.100.50", report.Tunnels.Single(tunnel => tunnel.Node == "left").Remote);
    }

    [Fact]
    public void NodeMisbehavesAsItIsToldAndKeepsAJournalOfEachLife()
    {
        var journals = new SortedDictionary<string, Journal>(StringComparer.Ordinal);
        TopologyModel model = Labs.Devices(Settings("left"), Settings("right"), "faults: [{ at: 30s, node: right, kind: restart, recovery: 1m }]\n" + Expect);
        var options = new LabOptions
        {
            Journal = label => journals[label] = new Journal(),
            Misbehaviours = System.Collections.Immutable.ImmutableDictionary<string, string>.Empty.Add("right", "force-cookie"),
        };
        var messages = new List<string>();
        using var run = new LabRun(model, options);
        run.Occurred += occurred =>
        {
            if (occurred is NodeEvent { Event: Ike.Outputs.MessagePassed { Sent: true } passed })
                messages.AddRange(passed.Payloads);
        };
        run.Start();
        run.RunToEnd(TestContext.Current.CancellationToken);
        Labs.AssertPassed(run.CreateReport());
        Assert.Contains("N(COOKIE)", messages);
        Assert.Equal(["left", "right", "right-1"], journals.Keys);
        Assert.True(Endpoint.Journal.JournalReplay.Run(journals["left"].Octets, [model.Nodes[0].Endpoint]).IsSame);
    }

    sealed class Journal : Endpoint.Journal.IEndpointJournal
    {
        readonly MemoryStream _octets = new();

        public byte[] Octets => _octets.ToArray();

        public void Append(ReadOnlySpan<byte> record) => _octets.Write(record);
    }
}
