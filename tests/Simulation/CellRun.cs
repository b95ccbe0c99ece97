using Ipsec.Simulation.Cells;
using Ipsec.Simulation.Fabric;

namespace Ipsec.Simulation;

/// <summary>
/// One cell's part of a run: what happens to it and what is looked at. It has a clock and a network of its own, and shares nothing with other
/// cells, so that any number of them can run at the same time.
/// </summary>
sealed class CellRun
{
    // A rekey that is under way when it is looked at is no fault.
    static readonly TimeSpan Transient = TimeSpan.FromMinutes(1);
    static readonly TimeSpan Step = TimeSpan.FromSeconds(2);

    // Retransmissions of the last DELETE, what lingers to answer repetitions, and an SA that the peer should have deleted.
    static readonly TimeSpan TeardownTime = TimeSpan.FromMinutes(5);
    const int ProbeTries = 4;

    readonly EventQueue _time = new();
    readonly List<Violation> _violations = [];

    public CellRun(CellPlan plan, SimulationOptions options) =>
        Cell = new Cell(plan, options.Seed, _time, new OuterNetwork(), Violate, options.Trace, options.Bug);

    public Cell Cell { get; }

    /// <summary>The first of them.</summary>
    public IReadOnlyList<Violation> Violations => _violations;

    public long ViolationCount { get; private set; }

    /// <summary>The longest time from the end of faults until everything was right.</summary>
    public TimeSpan LongestSettling { get; private set; }

    public TimeSpan Now => _time.Now;

    public long EventsFired => _time.Fired;

    public void Start(TimeSpan duration)
    {
        Cell.Start();
        Pass(duration);
    }

    /// <summary>So much time passes.</summary>
    public void Pass(TimeSpan duration) => _time.RunUntil(_time.Now + duration);

    /// <summary>Faults end, and everything must come right.</summary>
    public void CheckQuiet()
    {
        Cell.EndFaults();
        TimeSpan settling = Await(SimulationRun.SettleLimit, "did not settle");
        LongestSettling = settling > LongestSettling ? settling : LongestSettling;
        Await(Transient, "did not stay settled");
        foreach (Flow flow in Flows)
            flow.Settle();
        Probe();
        CheckGentle();
    }

    /// <summary>Everything is deleted, and nothing may be left behind.</summary>
    public void Teardown()
    {
        foreach (Flow flow in Flows)
            flow.IsStopped = true;
        Pass(Step);
        foreach (Tunnel tunnel in Cell.Tunnels)
        {
            foreach (Node node in new[] { tunnel.Hub, tunnel.Spoke })
                node.Command("terminate", endpoint => endpoint.Terminate(tunnel.NameAt(node), node.Now));
        }
        Pass(TeardownTime);
        foreach (Node node in Cell.Nodes)
        {
            if (Settlement.FindRemains(node) is string remains)
                Cell.Violate(node.Name, remains);
            node.TakeStatistics();
        }
    }

    /// <summary>
    /// Within the limit nothing may be wrong at some moment; how long that took. The limit passes in any case: what happens later must not
    /// depend on when it was ready.
    /// </summary>
    TimeSpan Await(TimeSpan limit, string what)
    {
        TimeSpan begin = _time.Now;
        if (Cell.HasFailed || Settlement.FindFault(Cell) is null)
        {
            Pass(limit);
            return TimeSpan.Zero;
        }
        while (_time.Now - begin < limit)
        {
            Pass(Step);
            if (Settlement.FindFault(Cell) is not null)
                continue;
            TimeSpan settled = _time.Now - begin;
            _time.RunUntil(begin + limit);
            return settled;
        }
        Cell.Violate("settlement", $"{what} within {limit:c}: {Settlement.FindFault(Cell)}\n    "
            + string.Join("\n    ", Cell.Tunnels.SelectMany(tunnel => tunnel.Describe())));
        return TimeSpan.Zero;
    }

    /// <summary>
    /// Each tunnel that is up, or that traffic brings up, carries a packet each way. One that expires in just this moment is tried again, as is
    /// one whose first packet was spent on bringing it up.
    /// </summary>
    void Probe()
    {
        List<Flow> open = Cell.HasFailed ? [] : [.. Cell.Tunnels
            .Where(tunnel => tunnel.FindFault(out bool up) is null && (up || tunnel.ComesUpByTraffic)).SelectMany(tunnel => tunnel.Flows)];
        for (int i = 0; i < ProbeTries; i++)
        {
            List<(Flow Flow, long Number)> sent = [.. open.Select(flow => (flow, flow.Send()))];
            Pass(Step * 5);
            open = [.. sent.Where(one => !one.Flow.HasArrived(one.Number)).Select(one => one.Flow)];
        }
        foreach (Flow flow in open)
            Cell.Violate("probe", $"{flow.Id} is up and carries nothing");
    }

    /// <summary>Make before break: where nothing was lost on the wire, nothing was lost over any rekey.</summary>
    void CheckGentle()
    {
        if (!Cell.Plan.IsGentle || Cell.HasFailed)
            return;
        foreach (Flow flow in Flows)
        {
            if (flow.FirstMissing() is long missing)
                Cell.Violate("make before break", $"packet {missing} of {flow.Id}, sent at {flow.SentAt(missing):c}, is lost although the wire lost nothing");
        }
    }

    IEnumerable<Flow> Flows => Cell.Tunnels.SelectMany(tunnel => tunnel.Flows);

    void Violate(Violation violation)
    {
        ViolationCount++;
        if (_violations.Count < SimulationRun.MostViolations)
            _violations.Add(violation);
    }
}
