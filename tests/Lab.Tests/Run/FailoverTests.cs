using Ipsec.Lab.Report;
using Ipsec.Lab.Run;
using Ipsec.Lab.Tests.Support;
using Ipsec.Lab.Tests.Topology;
using Ipsec.Lab.Topology;

namespace Ipsec.Lab.Tests.Run;

public class FailoverTests
{
    [Theory]
    [InlineData("planned-failover", 15)]
    [InlineData("unplanned-failover", 90)]
    public void TheOtherMachineTakesThePublicAddressOver(string kind, int seconds)
    {
        (LabReport report, List<GatewayInstanceChanged> changes,
            List<PingCompleted> pings) = Run($"faults: [{{ at: 30s, node: hub-gw, kind: {kind}, recovery: 20s }}]");
        Labs.AssertPassed(report);
        Assert.Equal([("GatewayTenantWorker_IN_0", false, 30), ("GatewayTenantWorker_IN_1", true, 30 + seconds)],
            changes.Select(change => (change.Machine, change.IsServing, (int)change.At.TotalSeconds)));
        PingCompleted[] lost = [.. pings.Where(ping => ping.RoundTripTime is null)];
        Assert.NotEmpty(lost);
        Assert.All(lost, ping => Assert.InRange(ping.At.TotalSeconds, 30, 30 + seconds + 20 + 2));
        Assert.Contains(pings, ping => ping.RoundTripTime is not null && ping.At.TotalSeconds > 30 + seconds + 20);
    }

    [Fact]
    public void AMaintenanceInterruptsOnce()
    {
        (LabReport report, List<GatewayInstanceChanged> changes, _) = Run("faults: [{ at: 30s, node: hub-gw, kind: maintenance, recovery: 20s }]");
        Labs.AssertPassed(report);
        Assert.Equal([(false, 90), (true, 105)], changes.Select(change => (change.IsServing, (int)change.At.TotalSeconds)));
    }

    [Fact]
    public void DurationsAreWhatTheEmulationSays()
    {
        (LabReport report, List<GatewayInstanceChanged> changes, _) =
            Run("faults: [{ at: 30s, node: hub-gw, kind: unplanned-failover, recovery: 20s }]", "  emulation: { failover: { unplanned: 3m } }\n");
        Labs.AssertPassed(report);
        Assert.Equal(210, (int)changes[^1].At.TotalSeconds);
    }

    [Fact]
    public void AFailoverInAFailoverIsToldAndDoesNothing()
    {
        (LabReport report, List<GatewayInstanceChanged> changes, _) = Run("""
            faults:
              - { at: 30s, node: hub-gw, kind: unplanned-failover, recovery: 20s }
              - { at: 40s, node: hub-gw, kind: planned-failover, recovery: 20s }
            """);
        Labs.AssertPassed(report);
        Assert.Equal(2, changes.Count);
    }

    [Fact]
    public void AWireMayTakeLongerForAWhile()
    {
        (LabReport report, _, List<PingCompleted> pings) = Run("faults: [{ at: 20s, node: branch, kind: delay, delay: 300ms, for: 20s, recovery: 1s }]");
        Labs.AssertPassed(report);
        Assert.All(pings.Where(ping => ping.At.TotalSeconds is > 21 and < 40), ping => Assert.InRange(ping.RoundTripTime!.Value.TotalMilliseconds, 600, 610));
        Assert.All(pings.Where(ping => ping.At.TotalSeconds is < 20 or > 42), ping => Assert.InRange(ping.RoundTripTime!.Value.TotalMilliseconds, 0, 10));
        Assert.Contains(pings, ping => ping.At.TotalSeconds > 42);
    }

    [Theory]
    [InlineData("node: branch, kind: planned-failover", "is of an Azure gateway, which branch is not")]
    [InlineData("node: hub-gw, kind: planned-failover, for: 10s", "lasts as long as azure.emulation.failover says and has no for")]
    [InlineData("node: hub-gw, kind: planned-failover, instance: 1", "names the instance 1, and hub-gw has one only; accepted: 0")]
    [InlineData("node: hub-gw, kind: maintenance, instance: 0", "is of both instances and has no instance")]
    [InlineData("node: branch, kind: delay, for: 10s", "must have a delay if its kind is delay, and only then")]
    public void WhatCannotBeIsRefusedInOneSentence(string fault, string sentence) =>
        Assert.Contains($"faults[0] {sentence}", Assert.Single(Samples.Errors(Text($"faults: [{{ at: 30s, {fault} }}]", ""))));

    static (LabReport Report, List<GatewayInstanceChanged> Changes, List<PingCompleted> Pings) Run(string faults, string azure = "")
    {
        using LabRun run = Labs.Start(Samples.Load(Text(faults, azure)));
        List<GatewayInstanceChanged> changes = [];
        List<PingCompleted> pings = [];
        run.Occurred += occurred =>
        {
            if (occurred is GatewayInstanceChanged change)
                changes.Add(change);
            if (occurred is PingCompleted ping)
                pings.Add(ping);
        };
        run.RunToEnd();
        LabReport report = run.CreateReport();
        run.ShutdownToEnd();
        Assert.True(run.IsClosed);
        return (report, changes, pings);
    }

    static string Text(string faults, string azure) => Samples.Read("site-to-site.yaml").Replace("sites:\n", azure + "sites:\n") + faults + "\n";
}
