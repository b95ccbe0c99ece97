using Ipsec.Fuzz;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Tests.Fuzzing;

/// <summary>The part of the fuzzer behind the encryption that every test run can afford; docs/security.md says how to run more.</summary>
public class FuzzRunTests
{
    [Fact]
    public void MutatedMessagesInEveryStateDoNoHarm()
    {
        var run = new FuzzRun(new FuzzOptions(30_000, 1, null));
        run.Run(_ => { });
        Assert.Empty(run.Report.Faults);
        string[] lines = [.. run.Report.Lines()];
        foreach (Stage stage in Enum.GetValues<Stage>())
            Assert.Contains(lines, line => line.StartsWith("  stage", StringComparison.Ordinal) && line.EndsWith($"  {stage}", StringComparison.Ordinal));
        foreach (ExchangeType exchange in Enum.GetValues<ExchangeType>())
        {
            Assert.Contains(lines, line => line.EndsWith($"{exchange} request", StringComparison.Ordinal));
            Assert.Contains(lines, line => line.EndsWith($"{exchange} response", StringComparison.Ordinal));
        }
        // What is nearly right gets far: otherwise nothing behind the first check would have been tried.
        Assert.True(run.Report.IkeSas > 50 && run.Report.ChildSas > 100, $"{run.Report.IkeSas} IKE SAs and {run.Report.ChildSas} child SAs");
        Assert.Equal(2, run.Report.Handshakes);
    }

    [Fact]
    public void TheSameSeedIsTheSameRun()
    {
        Assert.Equal(Run(7), Run(7));
        Assert.NotEqual(Run(7), Run(8));

        // Times and octets allocated are the machine's; the rest is the seed's.
        static string[] Run(ulong seed)
        {
            var run = new FuzzRun(new FuzzOptions(2000, seed, null));
            run.Run(_ => { });
            return [.. run.Report.Lines().Where(line => line.StartsWith("  state", StringComparison.Ordinal) || line.StartsWith("  message",
                StringComparison.Ordinal))];
        }
    }

    [Fact]
    public void WhatIsLeftBehindIsFound()
    {
        using var target = new Target(Policy.Engine(64), new Dice(1));
        Assert.Null(target.Settle(Exchanges.Farewell.None));
        Assert.True(target.TryAllocate(out _));
        target.Context.Timers.Schedule(target.Now, TimeSpan.FromDays(1), _ => { });
        Assert.Equal("left behind: 1 timers, 1 SPIs", target.Settle(Exchanges.Farewell.None));
    }
}
