using Ipsec.Lab.Report;
using Ipsec.Lab.Run;
using Ipsec.Lab.Tests.Support;
using Ipsec.Lab.Topology;

namespace Ipsec.Lab.Tests.Run;

public class FetchTests
{
    [Fact]
    public void FetchesThroughTheTunnelInBothDirections()
    {
        LabReport report = Labs.RunToEnd(Labs.Devices("", "", "expect: [fetch a -> b, fetch b -> a size 1000000, fetch a -> b size 0]"));
        Labs.AssertPassed(report);
        Assert.Matches("^1 of 1 fetches of 100000 octets, [0-9.]+ Mbit/s at worst$", report.Expectations[0].Detail);
    }

    [Fact]
    public void FetchesOverAWireThatLosesAndReorders() => Labs.AssertPassed(Labs.RunToEnd(
        Labs.Devices("", "", "expect: [fetch a -> b size 300000]\nwires: { left: { delay: 20ms, loss: 3%, reordering: 5%, duplication: 2% } }")));

    [Fact]
    public void AFetchWithoutATunnelFailsAndThatCanBeExpected()
    {
        TopologyModel model = Labs.Devices("", "", "expect: [no fetch a -> b, fetch b -> a]", rightKey: "another-secret");
        LabReport report = Labs.RunToEnd(model);
        Assert.True(report.Expectations[0].Passed);
        Assert.StartsWith("0 of 1 fetches of 100000 octets; no connection, or no answer, in time: left has link for it, which is not up: ",
            report.Expectations[0].Detail);
        Assert.Contains("pre-shared keys differ", report.Expectations[0].Detail);
        Assert.False(report.Expectations[1].Passed);
    }

    [Fact]
    public void EachFetchIsToldOf()
    {
        using LabRun run = Labs.Start(Labs.Devices("", "", "expect: [fetch a -> b size 5000]"));
        List<FetchCompleted> told = [];
        run.Occurred += occurred =>
        {
            if (occurred is FetchCompleted fetch)
                told.Add(fetch);
        };
        run.RunToEnd(TestContext.Current.CancellationToken);
        FetchCompleted only = Assert.Single(told);
        Assert.Equal(("a", "b", 5000, null), (only.From, only.To, only.Octets, only.Problem));
    }
}
