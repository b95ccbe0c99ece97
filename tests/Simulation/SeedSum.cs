using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Ipsec.Simulation.Report;

namespace Ipsec.Simulation;

/// <summary>Many seeds, each in a process of its own, added up.</summary>
static class SeedSum
{
    public static int Run(CommandLine line)
    {
        (ulong first, ulong last) = line.Seeds!.Value;
        ConcurrentQueue<ulong> seeds = new();
        for (ulong seed = first; seed <= last; seed++)
            seeds.Enqueue(seed);
        SortedDictionary<string, long> sums = new(StringComparer.Ordinal);
        int failed = 0;
        Stopwatch watch = Stopwatch.StartNew();
        Lock results = new();
        Thread[] runners = [.. Enumerable.Range(0, line.Processes).Select(_ => new Thread(() =>
        {
            while (seeds.TryDequeue(out ulong seed))
            {
                (string[] lines, int exitCode) = RunSeed(line.Simulation, seed);
                lock (results)
                {
                    string summary = lines.LastOrDefault() ?? "";
                    if (exitCode != 0 || !summary.StartsWith(Summary.Passed, StringComparison.Ordinal))
                    {
                        failed++;
                        Console.WriteLine(string.Join('\n', lines[..^1]));
                    }
                    Console.WriteLine(summary);
                    Add(sums, summary);
                }
            }
        }))];
        foreach (Thread runner in runners)
            runner.Start();
        foreach (Thread runner in runners)
            runner.Join();
        foreach ((string name, long value) in sums)
            Console.WriteLine($"{name,-45} {value,14}");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{(failed == 0 ? Summary.Passed : Summary.Failed)} seeds={first}-{last} failed={failed} rekeys={sums.GetValueOrDefault("rekeys")} "
            + $"faults={sums.GetValueOrDefault("faults")} seconds={watch.Elapsed.TotalSeconds:F0}"));
        return failed == 0 ? 0 : 1;
    }

    static (string[] Lines, int ExitCode) RunSeed(SimulationOptions options, ulong seed)
    {
        ProcessStartInfo start = new(Environment.ProcessPath!) { RedirectStandardOutput = true };
        // Under "dotnet run" this is the program's own executable; under "dotnet program.dll" the program must be named.
        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet")
            start.ArgumentList.Add(typeof(SeedSum).Assembly.Location);
        string arguments = string.Create(CultureInfo.InvariantCulture,
            $"--seed {seed} --tunnel-hours {options.TunnelHours} --tunnels {options.Tunnels} --bug {options.Bug} --processes 1");
        foreach (string argument in arguments.Split(' '))
            start.ArgumentList.Add(argument);
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (output.Split('\n', StringSplitOptions.RemoveEmptyEntries), process.ExitCode);
    }

    static void Add(SortedDictionary<string, long> sums, string summary)
    {
        foreach (string field in summary.Split(' '))
        {
            if (field.Split('=') is [string name, string value] && name is not ("seed" or "digest")
                && double.TryParse(value, CultureInfo.InvariantCulture, out double number))
                sums[name] = sums.GetValueOrDefault(name) + (long)number;
        }
    }
}
