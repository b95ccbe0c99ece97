using System.Collections.Concurrent;
using Ipsec.Simulation.Cells;
using Ipsec.Simulation.Observation;
using Ipsec.Simulation.Report;

namespace Ipsec.Simulation;

/// <summary>
/// One run from one seed: rounds of time with faults, each followed by a quiet network on which everything must come right within
/// <see cref="SettleLimit"/>; in the end everything is deleted and nothing may be left behind.
/// </summary>
sealed class SimulationRun
{
    /// <summary>
    /// Twice what liveness needs to find a dead peer (60 s of idleness, retransmissions for 75 s), the longest pause between two tries, and
    /// one more handshake.
    /// </summary>
    public static readonly TimeSpan SettleLimit = TimeSpan.FromMinutes(8);

    /// <summary>How many violations are kept; all of them are counted.</summary>
    public const int MostViolations = 50;

    static readonly TimeSpan StartTime = TimeSpan.FromSeconds(10);
    static readonly TimeSpan Round = TimeSpan.FromHours(1);
    const int AuditsPerRound = 20;

    readonly SimulationOptions _options;
    readonly List<CellRun> _runs = [];
    bool _hasStarted;

    public SimulationRun(SimulationOptions options)
    {
        _options = options;
        if (options.Undisturbed is UndisturbedOptions undisturbed)
        {
            for (int endpoints = 0; endpoints + 1 < undisturbed.Endpoints;)
            {
                int spokes = Math.Min(UndisturbedOptions.Spokes, undisturbed.Endpoints - endpoints - 1);
                endpoints += spokes + 1;
                _runs.Add(new CellRun(CellPlanner.Undisturbed(_runs.Count, spokes), options));
            }
            return;
        }
        Dice dice = new(options.Seed, 0);
        int tunnels = 0;
        for (int number = 0; tunnels < options.Tunnels; number++)
        {
            int spokes = Math.Min(dice.Pick(1, 1, 1, 2, 4), options.Tunnels - tunnels);
            tunnels += spokes;
            // Drawn for all cells, so that one that runs alone is the same as among the others.
            CellPlan plan = CellPlanner.Draw(new Dice(options.Seed, (ulong)number << 16 | 0xFFFF), number, spokes);
            if (options.OnlyCell is null || options.OnlyCell == number)
                _runs.Add(new CellRun(ExtensionPlanner.Extend(plan, new Dice(options.Seed, (ulong)number << 16 | 0xFFFE)), options));
        }
    }

    public IEnumerable<Cell> Cells => _runs.Select(run => run.Cell);

    /// <summary>The first of them, in the order of time and then of cells.</summary>
    public IReadOnlyList<Violation> Violations =>
        [.. _runs.SelectMany(run => run.Violations).OrderBy(violation => violation.At).ThenBy(violation => violation.Cell).Take(MostViolations)];

    public long ViolationCount => _runs.Sum(run => run.ViolationCount);

    public TimeSpan LongestSettling => _runs.Max(run => run.LongestSettling);

    public TimeSpan Now => _runs[0].Now;

    public long EventsFired => _runs.Sum(run => run.EventsFired);

    public Statistics Statistics { get; } = new();

    public ulong Digest { get; private set; }

    /// <summary>Every endpoint starts, and there is time for the initial exchanges.</summary>
    public void Start()
    {
        _hasStarted = true;
        ForEachCell(run => run.Start(StartTime));
    }

    public int TunnelsUp => Cells.Sum(cell => cell.Tunnels.Count(tunnel => tunnel.FindFault(out bool up) is null && up));

    public void Run()
    {
        if (!_hasStarted)
            Start();
        int rounds = _options.Undisturbed is null ? Math.Max(1, (int)Math.Round(_options.Duration / Round)) : 1;
        for (int round = 0; round < rounds; round++)
        {
            ForEachCell(run => run.Cell.BeginFaults());
            for (int i = 0; i < AuditsPerRound; i++)
            {
                ForEachCell(run =>
                {
                    run.Pass(_options.Duration / rounds / AuditsPerRound);
                    run.Cell.Audit();
                });
            }
            ForEachCell(run => run.CheckQuiet());
        }
        ForEachCell(run => run.Teardown());
        Digest digest = new();
        foreach (Cell cell in Cells)
        {
            Statistics.Add(cell.Statistics);
            digest.Add(cell.Digest.Value);
        }
        Digest = digest.Value;
    }

    /// <summary>
    /// The same stretch of time for every cell, a few cells at a time. All of them exist all the time; a trace shows one after the other.
    /// </summary>
    void ForEachCell(Action<CellRun> pass)
    {
        if (_options.Trace is not null || _options.Processors == 1)
        {
            _runs.ForEach(pass);
            return;
        }
        ParallelOptions processors = new() { MaxDegreeOfParallelism = _options.Processors };
        Parallel.ForEach(Partitioner.Create(_runs, EnumerablePartitionerOptions.NoBuffering), processors, pass);
    }
}
