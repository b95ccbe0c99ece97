using Ipsec.Simulation.Cells;
using Ipsec.Simulation.Fabric;
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

    static readonly TimeSpan StartTime = TimeSpan.FromSeconds(10);
    static readonly TimeSpan Round = TimeSpan.FromHours(1);

    // A rekey that is under way when it is looked at is no fault.
    static readonly TimeSpan Transient = TimeSpan.FromMinutes(1);
    static readonly TimeSpan Step = TimeSpan.FromSeconds(2);

    // Retransmissions of the last DELETE, what lingers to answer repetitions, and an SA that the peer should have deleted.
    static readonly TimeSpan TeardownTime = TimeSpan.FromMinutes(5);
    const int AuditsPerRound = 20;
    const int ProbeTries = 4;
    const int MostViolations = 50;

    readonly SimulationOptions _options;
    readonly EventQueue _time = new();
    readonly OuterNetwork _network = new();
    readonly List<Cell> _cells = [];
    readonly List<Violation> _violations = [];
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
                Add(CellPlanner.Undisturbed(_cells.Count, spokes));
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
                Add(ExtensionPlanner.Extend(plan, new Dice(options.Seed, (ulong)number << 16 | 0xFFFE)));
        }
    }

    void Add(CellPlan plan) => _cells.Add(new Cell(plan, _options.Seed, _time, _network, Violate, _options.Trace, _options.Bug));

    public IReadOnlyList<Violation> Violations => _violations;

    public IReadOnlyList<Cell> Cells => _cells;

    public long ViolationCount { get; private set; }

    public TimeSpan LongestSettling { get; private set; }

    public TimeSpan Now => _time.Now;

    public long EventsFired => _time.Fired;

    public Statistics Statistics { get; } = new();

    public ulong Digest { get; private set; }

    /// <summary>Every endpoint starts, and there is time for the initial exchanges.</summary>
    public void Start()
    {
        foreach (Cell cell in _cells)
            cell.Start();
        _hasStarted = true;
        _time.RunUntil(StartTime);
    }

    public int TunnelsUp => _cells.Sum(cell => cell.Tunnels.Count(tunnel => tunnel.FindFault(out bool up) is null && up));

    public void Run()
    {
        if (!_hasStarted)
            Start();
        int rounds = _options.Undisturbed is null ? Math.Max(1, (int)Math.Round(_options.Duration / Round)) : 1;
        for (int round = 0; round < rounds; round++)
        {
            foreach (Cell cell in _cells)
                cell.BeginFaults();
            for (int i = 0; i < AuditsPerRound; i++)
            {
                _time.RunUntil(_time.Now + _options.Duration / rounds / AuditsPerRound);
                foreach (Cell cell in _cells)
                    cell.Audit();
            }
            foreach (Cell cell in _cells)
                cell.EndFaults();
            CheckQuiet();
        }
        Teardown();
        Digest digest = new();
        foreach (Cell cell in _cells)
        {
            foreach (Node node in cell.Nodes)
                node.TakeStatistics();
            Statistics.Add(cell.Statistics);
            digest.Add(cell.Digest.Value);
        }
        Digest = digest.Value;
    }

    void CheckQuiet()
    {
        TimeSpan settling = Await(SettleLimit, "did not settle");
        LongestSettling = settling > LongestSettling ? settling : LongestSettling;
        Await(Transient, "did not stay settled");
        foreach (Flow flow in Flows)
            flow.Settle();
        Probe();
        CheckGentle();
    }

    /// <summary>
    /// Within the limit nothing may be wrong with each cell at some moment; how long the last one took. The limit passes in any case: what
    /// one cell does must not depend on when another one is ready.
    /// </summary>
    TimeSpan Await(TimeSpan limit, string what)
    {
        TimeSpan begin = _time.Now;
        TimeSpan last = begin;
        List<Cell> waiting = [.. _cells.Where(cell => !cell.HasFailed && Settlement.FindFault(cell) is not null)];
        while (_time.Now - begin < limit)
        {
            _time.RunUntil(_time.Now + Step);
            if (waiting.RemoveAll(cell => Settlement.FindFault(cell) is null) > 0)
                last = _time.Now;
        }
        foreach (Cell cell in waiting)
            cell.Violate("settlement", $"{what} within {limit:c}: {Settlement.FindFault(cell)}\n    "
                + string.Join("\n    ", cell.Tunnels.SelectMany(tunnel => tunnel.Describe())));
        return last - begin;
    }

    /// <summary>
    /// Each tunnel that is up, or that traffic brings up, carries a packet each way. One that expires in just this moment is tried again, as is
    /// one whose first packet was spent on bringing it up.
    /// </summary>
    void Probe()
    {
        List<(Cell Cell, Flow Flow)> open = [.. _cells.Where(cell => !cell.HasFailed).SelectMany(cell => cell.Tunnels
            .Where(tunnel => tunnel.FindFault(out bool up) is null && (up || tunnel.ComesUpByTraffic)).SelectMany(tunnel => tunnel.Flows.Select(flow => (cell, flow))))];
        for (int i = 0; i < ProbeTries; i++)
        {
            List<(Cell Cell, Flow Flow, long Number)> sent = [.. open.Select(one => (one.Cell, one.Flow, one.Flow.Send()))];
            _time.RunUntil(_time.Now + Step * 5);
            open = [.. sent.Where(one => !one.Flow.HasArrived(one.Number)).Select(one => (one.Cell, one.Flow))];
        }
        foreach ((Cell cell, Flow flow) in open)
            cell.Violate("probe", $"{flow.Id} is up and carries nothing");
    }

    /// <summary>Make before break: where nothing was lost on the wire, nothing was lost over any rekey.</summary>
    void CheckGentle()
    {
        foreach (Cell cell in _cells.Where(cell => cell.Plan.IsGentle && !cell.HasFailed))
        {
            foreach (Flow flow in cell.Tunnels.SelectMany(tunnel => tunnel.Flows))
            {
                if (flow.FirstMissing() is long missing)
                    cell.Violate("make before break", $"packet {missing} of {flow.Id} is lost although the wire lost nothing");
            }
        }
    }

    void Teardown()
    {
        foreach (Flow flow in Flows)
            flow.IsStopped = true;
        _time.RunUntil(_time.Now + Step);
        foreach (Cell cell in _cells)
        {
            foreach (Tunnel tunnel in cell.Tunnels)
            {
                foreach (Node node in new[] { tunnel.Hub, tunnel.Spoke })
                    node.Command("terminate", endpoint => endpoint.Terminate(tunnel.NameAt(node), node.Now));
            }
        }
        _time.RunUntil(_time.Now + TeardownTime);
        foreach (Cell cell in _cells)
        {
            foreach (Node node in cell.Nodes)
            {
                if (Settlement.FindRemains(node) is string remains)
                    cell.Violate(node.Name, remains);
            }
        }
    }

    IEnumerable<Flow> Flows => _cells.SelectMany(cell => cell.Tunnels).SelectMany(tunnel => tunnel.Flows);

    void Violate(Violation violation)
    {
        ViolationCount++;
        if (_violations.Count < MostViolations)
            _violations.Add(violation);
    }
}
