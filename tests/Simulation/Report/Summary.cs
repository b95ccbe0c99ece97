using System.Globalization;

namespace Ipsec.Simulation.Report;

/// <summary>The last line of a run: one line of "name=value" for people and programs, the same for the same seed.</summary>
static class Summary
{
    public const string Passed = "passed";
    public const string Failed = "FAILED";

    public static string Of(SimulationOptions options, SimulationRun run)
    {
        int nodes = run.Cells.Sum(cell => cell.Nodes.Length);
        int tunnels = run.Cells.Sum(cell => cell.Tunnels.Length);
        string result = run.ViolationCount == 0 ? Passed : Failed;
        return string.Create(CultureInfo.InvariantCulture,
            $"{result} seed={options.Seed} digest={run.Digest:x16} violations={run.ViolationCount} endpoints={nodes} tunnels={tunnels}"
            + $" tunnel-hours={run.Now.TotalHours * tunnels:F1} rekeys={run.Statistics.Rekeys} faults={run.Statistics.Faults}"
            + $" longest-settling={run.LongestSettling.TotalSeconds:F0}s")
            + run.Statistics.ToFields();
    }
}
