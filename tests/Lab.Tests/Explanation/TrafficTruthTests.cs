using System.Collections.Immutable;
using Ipsec.Lab.Explanation;
using Ipsec.Lab.Explanation.Traffic;
using Ipsec.Lab.Report;
using Ipsec.Lab.Tests.Run;
using Ipsec.Lab.Tests.Support;
using Ipsec.Lab.Tests.Topology;
using Ipsec.Lab.Topology;

namespace Ipsec.Lab.Tests.Explanation;

/// <summary>What is foreseen of traffic, beside what really passes in the memory lab.</summary>
public sealed class TrafficTruthTests
{
    static readonly DateTimeOffset Now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    public static TheoryData<string> Samples =>
    [
        .. SampleTests.All.Select(row => row.Data).Where(name => name is not "site-to-site-certificate.yaml"),
        .. TopologySampleTests.Names().Select(row => $"topologies/{row.Data}.yaml"),
    ];

    [Theory]
    [MemberData(nameof(Samples))]
    public void EveryPingAndFetchOfASampleIsForeseen(string sample)
    {
        TopologyModel model = Labs.Sample(sample);
        TrafficReport traffic = Explainer.Explain(model, sample, Now).Traffic;

        Assert.Equal(model.Expectations.Count(expectation => expectation is not TunnelExpectation), traffic.Expectations.Length);
        Assert.All(traffic.Expectations, expectation => Assert.True(expectation.Passed, expectation.ToString()));
        Assert.All(traffic.Expectations, expectation => Assert.True(expectation.Verdict is TrafficExplanation.Reaches or TrafficExplanation.Ends,
            expectation.ToString()));
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void EveryPairOfHostsFaresAsForeseen(string sample)
    {
        TopologyModel model = Labs.Sample(sample);
        Compare(model with { Faults = [], Wires = [.. model.Wires.Select(wire => wire with { Loss = 0 })] });
    }

    [Fact]
    public void APingThatFailsSaysWhereItEndedAndWhy()
    {
        LabReport report = Labs.RunToEnd(Topology.Samples.Load(Topology.Samples.Read("topologies/01-site-to-site.yaml")
            .Replace("no ping vm1 -> pc2", "ping vm1 -> pc2")));

        Assert.False(report.Passed);
        ExpectationResult failed = Assert.Single(report.Expectations, expectation => !expectation.Passed);
        Assert.Equal("0 of 3 answered: 10.3.0.10 is not among the addressPrefixes of the local network gateway branch (10.2.0.0/24), so hub-gw has no route " +
            "to it through hub-to-branch.",
            failed.Detail);
        Assert.Contains("the reply does not come back", report.Expectations.Single(expectation => expectation.Description == "no ping pc2 -> vm1").Detail);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void EveryPairOfHostsOfARandomTopologyFaresAsForeseen(ulong first)
    {
        int read = 0;
        int[] compared = [0, 0];
        for (ulong seed = first; seed < first + SeedsPerTest; seed++)
        {
            string text = new RandomTopology(seed).Text();
            if (!TopologyFile.TryLoad(text, "random.yaml", new MemorySecrets(), out TopologyModel? model, out ImmutableArray<TopologyError> errors))
            {
                TestContext.Current.TestOutputHelper?.WriteLine($"{seed}: {errors[0]}");
                continue;
            }
            read++;
            compared = [.. compared.Zip(Compare(model, text), (sum, more) => sum + more)];
        }
        Assert.True(read >= (int)SeedsPerTest / 2, $"{read} of {SeedsPerTest} are valid");
        Assert.True(compared[0] > 10 && compared[1] > 10, string.Join(", ", compared));
    }

    const ulong SeedsPerTest = 10;

    public static TheoryData<ulong> Seeds => [.. Enumerable.Range(0, 8).Select(index => (ulong)index * SeedsPerTest).Append(398UL).Append(1170UL)];

    /// <summary>Pings of every host to every other one, by each address that is foreseen for it.</summary>
    static int[] Compare(TopologyModel model, string text = "")
    {
        int[] compared = [0, 0];
        ImmutableArray<ForeseenConnection> foreseen = Explainer.Foresee(model, "lab.yaml", Now);
        var explainer = new TrafficExplainer(model, foreseen);
        ImmutableArray<PingExpectation> pings = TrafficPings.Of(model, foreseen);
        LabReport report = Labs.RunToEnd(model with { Expectations = [.. pings] });
        foreach ((PingExpectation ping, ExpectationResult result) in pings.Zip(report.Expectations))
        {
            // Whoever else has the address answers as well, the pinging host too.
            ForeseenExpectation[] all = [.. model.Hosts.Where(host => host.Address.IsV6 == ping.At!.Value.IsV6)
                .Select(host => explainer.Foresee(ping with { To = host.Name })!)];
            if (all.Any(one => one.Verdict is not (TrafficExplanation.Reaches or TrafficExplanation.Ends)))
                continue;
            // The lab was told that nothing must pass.
            bool isAnswered = !result.Passed;
            ForeseenExpectation own = explainer.Foresee(ping)!;
            Assert.True(isAnswered == all.Any(one => one.Verdict == TrafficExplanation.Reaches),
                $"{ping.Description}: the lab says {result.Detail}, and foreseen is {own.Verdict} {own.Reason}\n{text}");
            compared[isAnswered ? 1 : 0]++;
        }
        return compared;
    }
}
