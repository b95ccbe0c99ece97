namespace Ipsec.Simulation.Tests;

/// <summary>The same seed is the same run, octet for octet; another seed is another one.</summary>
public sealed class RepeatabilityTests
{
    [Fact]
    public void TheSameSeedIsTheSameRun()
    {
        Assert.Equal(Run(7, null), Run(7, null));
        Assert.NotEqual(Run(7, null).Digest, Run(8, null).Digest);
    }

    [Fact]
    public void ATraceChangesNothing()
    {
        List<string> lines = [];
        Assert.Equal(Run(7, null), Run(7, lines.Add));
        Assert.Contains(lines, line => line.Contains("CREATE_CHILD_SA request", StringComparison.Ordinal));
    }

    [Fact]
    public void CellsThatRunAtTheSameTimeChangeNothing() => Assert.Equal(Run(7, null), Run(7, null, processors: 4));

    static (ulong Digest, long Events, string Counts) Run(ulong seed, Action<string>? trace, int processors = 1)
    {
        SimulationRun run = new(new SimulationOptions { Seed = seed, Tunnels = 6, TunnelHours = 3, Trace = trace, Processors = processors });
        run.Run();
        return (run.Digest, run.EventsFired, run.Statistics.ToFields());
    }
}
