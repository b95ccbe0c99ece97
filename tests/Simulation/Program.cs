using System.Diagnostics;
using System.Globalization;
using Ipsec.Simulation.Report;

namespace Ipsec.Simulation;

/// <summary>The command line: one run, and its summary as the last line.</summary>
static class Program
{
    static int Main(string[] arguments)
    {
        if (!CommandLine.TryParse(arguments, out CommandLine? line, out string? error))
        {
            Console.Error.WriteLine(error);
            return 2;
        }
        return line.Seeds is null ? RunOne(line.Simulation with { Processors = line.Processes }) : SeedSum.Run(line);
    }

    static int RunOne(SimulationOptions options)
    {
        Stopwatch watch = Stopwatch.StartNew();
        SimulationRun run = new(options);
        if (options.Undisturbed is not null)
        {
            TimeSpan made = watch.Elapsed;
            run.Start();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{run.TunnelsUp} tunnels up {(watch.Elapsed - made).TotalSeconds:F1} s after their endpoints were made in {made.TotalSeconds:F1} s"));
        }
        run.Run();
        double seconds = watch.Elapsed.TotalSeconds;
        foreach (Cells.Violation violation in run.Violations)
        {
            Console.WriteLine($"VIOLATION at {violation.At:c}, {violation.Where}: {violation.What}");
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  replay: --seed {options.Seed} --tunnel-hours {options.TunnelHours}")
                + $" --tunnels {options.Tunnels} --only {violation.Cell} --verbose");
        }
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{run.Statistics.Rekeys} rekeys and {run.EventsFired} events in {seconds:F1} s: {run.Statistics.Rekeys / seconds:F0} rekeys/s, "
            + $"{run.EventsFired / seconds:F0} events/s; processor {Environment.CpuUsage.TotalTime.TotalSeconds:F1} s, "
            + $"collections {GC.CollectionCount(0)}/{GC.CollectionCount(1)}/{GC.CollectionCount(2)} took {GC.GetTotalPauseDuration().TotalSeconds:F1} s, "
            + $"{GC.GetTotalAllocatedBytes() >> 20} MB allocated, working set {Environment.WorkingSet >> 20} MB"));
        Console.WriteLine(Summary.Of(options, run));
        return run.ViolationCount == 0 ? 0 : 1;
    }
}
