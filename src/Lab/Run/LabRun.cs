using System.Collections.Frozen;
using System.Collections.Immutable;
using Ipsec.Azure.Diagnostics;
using Ipsec.Endpoint;
using Ipsec.Ike.Outputs;
using Ipsec.Lab.Diagnosis;
using Ipsec.Lab.Fabric;
using Ipsec.Lab.Network;
using Ipsec.Lab.Report;
using Ipsec.Lab.Topology;
using Ipsec.Net;

namespace Ipsec.Lab.Run;

/// <summary>
/// A whole topology on a fabric: its endpoints, the hosts behind them, faults and the expectations of the file. In memory the octets of IKE and ESP are
/// real, the IP network is simulated and time is virtual; whoever wants to watch paces <see cref="RunUntil"/> by a clock. Not thread-safe.
/// </summary>
public sealed partial class LabRun : IDisposable
{
    TopologyModel _model;
    readonly Scheduler _scheduler = new();
    readonly ILabFabric _fabric;
    readonly SortedDictionary<string, ConnectionWatch> _connections = new(StringComparer.Ordinal);
    readonly ImmutableArray<PingSeries> _pings;
    readonly TrafficForesight _foresight;
    readonly ExpectationRunner _expectations;
    readonly FrozenDictionary<string, GatewayInstances> _gateways;
    readonly FaultRunner _faults;
    readonly TimeSpan? _duration;
    int _turn;

    /// <summary>In memory.</summary>
    /// <exception cref="ArgumentException">Two nodes or two hosts of a node share an address.</exception>
    public LabRun(TopologyModel model, LabOptions options) : this(model, options, run => new MemoryFabric(model, options, run))
    {
    }

    /// <param name="build">Makes the fabric, and may keep the run: events and posted work go to it.</param>
    public LabRun(TopologyModel model, LabOptions options, Func<LabRun, ILabFabric> build)
    {
        _model = model;
        Pings = new PingLog(_scheduler, Tell);
        _fabric = build(this);
        WatchConnections();
        _gateways = model.Nodes.Where(node => node.Kind == NodeKind.AzureGateway).Select(node => node.Name).Distinct().ToFrozenDictionary(name => name,
            name => new GatewayInstances([.. _fabric.Nodes.Where(node => node.Definition.Name == name)], model.Azure.Emulation.Failover, _scheduler, Tell));
        _faults = new FaultRunner(model.Faults, _fabric, model.Azure.ExpressRouteCircuits.Select(circuit => circuit.Name).ToHashSet(), _gateways, _scheduler,
            Tell);
        _duration = options.Duration ?? _faults.Duration;
        _pings = [.. model.Expectations.OfType<PingExpectation>().Select(CreateSeries)];
        ImmutableArray<FetchSeries> fetches = [.. model.Expectations.OfType<FetchExpectation>()
            .Select(fetch => new FetchSeries(fetch, _fabric.Host(fetch.From), fetch.At ?? _fabric.Host(fetch.To).Address, _scheduler, Tell, _faults.Excuses))];
        _foresight = new TrafficForesight(model, _scheduler.Instant.Utc);
        _expectations = new ExpectationRunner(_scheduler, model.Expectations, _connections, _pings, fetches,
            _foresight, model.Wires.Any(wire => wire.Loss > 0),
            _duration is null ? null : options.Duration is null ? FaultRunner.PingInterval : options.RepeatInterval, result =>
                Tell(new ExpectationDecided(_scheduler.Now, result)));
    }

    /// <summary>Everything that happens, as it happens.</summary>
    public event Action<LabEvent>? Occurred;

    /// <summary>Lab time since the start.</summary>
    public TimeSpan Now => _scheduler.Now;

    /// <summary>Every expectation has been decided.</summary>
    public bool IsDecided => _expectations.IsDecided;

    /// <summary>Lab time at which the run ends at the latest.</summary>
    public TimeSpan Limit => _duration ?? LabOptions.DefaultLimit;

    /// <summary>The run has come to its end: all is decided, or its time is up.</summary>
    public bool IsFinished => Now >= Limit || (_duration is null && IsDecided);

    /// <summary>After <see cref="Shutdown"/>: every endpoint has said goodbye.</summary>
    public bool IsClosed => _fabric.Nodes.All(node => node.IsClosed);

    /// <summary>Labels of the nodes with their endpoints' states, in the order of the file.</summary>
    public ImmutableArray<(string Node, EndpointStatus Status)> Statuses => [.. _fabric.Nodes.Select(node => (node.Label, node.Status))];

    /// <summary>Gives every line of the gateways' diagnostic logs, those that are there and those to come.</summary>
    public void FollowLogs(Action<DiagnosticLogEntry> write)
    {
        foreach (InstanceDiagnostics diagnostics in _fabric.Nodes.Where(node => node.Definition.Kind == NodeKind.AzureGateway).Select(node => node.Diagnostics))
        {
            foreach (DiagnosticLogEntry entry in Enum.GetValues<DiagnosticCategory>().SelectMany(category => diagnostics.Entries(category)))
                write(entry);
            diagnostics.Written += write;
        }
    }

    /// <summary>Both offers, for every connection that failed for want of a common proposal.</summary>
    public ImmutableArray<OfferComparison> Comparisons => [.. _connections.Values.SelectMany(ReportBuilder.Comparisons)];

    internal PingLog Pings { get; }

    /// <summary>What is in memory only.</summary>
    internal MemoryFabric Memory => (MemoryFabric)_fabric;
    internal Scheduler Scheduler => _scheduler;

    /// <summary>Starts every endpoint and the expectations. Called once.</summary>
    public void Start()
    {
        foreach (ILabNode node in _fabric.Nodes)
            node.Start();
        _expectations.Start();
        _faults.Start();
    }

    /// <summary>Lets lab time pass to <paramref name="labTime"/>, with everything that is due until then.</summary>
    public void RunUntil(TimeSpan labTime)
    {
        _fabric.TakeIn();
        while (_scheduler.TryRunNext(labTime))
        {
        }
        _scheduler.AdvanceTo(labTime);
    }

    /// <summary>Lets lab time pass to the next thing that happens; false if nothing does by <paramref name="limit"/>.</summary>
    public bool TryRunNext(TimeSpan limit) => _scheduler.TryRunNext(limit);

    /// <summary>Lets lab time pass until <see cref="IsFinished"/>, or until somebody wants to stop.</summary>
    public void RunToEnd(CancellationToken cancellation = default)
    {
        while (!IsFinished && !cancellation.IsCancellationRequested)
        {
            if (!_scheduler.TryRunNext(Limit))
                _scheduler.AdvanceTo(Limit);
        }
    }

    /// <summary>Goes on with the pings of the expectations that must succeed, one of them each time, in turn; they do not count.</summary>
    public void PingOnce()
    {
        ImmutableArray<PingSeries> series = [.. _pings.Where(ping => ping.MustSucceed)];
        if (!series.IsEmpty)
            series[_turn++ % series.Length].SendWatched();
    }

    /// <summary>
    /// Every endpoint deletes its SAs; <see cref="IsClosed"/> follows within seconds of lab time. Devices go first and gateways
    /// last, a moment apart, so that a reader sees who deletes what.
    /// </summary>
    public void Shutdown()
    {
        TimeSpan pause = TimeSpan.Zero;
        foreach (ILabNode node in _fabric.Nodes.Reverse())
        {
            _scheduler.After(pause, node.Shutdown);
            pause += ShutdownPause + Slack;
        }
    }

    /// <summary>More than a packet and its answer take over the slowest wires.</summary>
    TimeSpan Slack => 4 * _model.Wires.Aggregate(TimeSpan.Zero, (sum, wire) => sum + wire.Delay + wire.Jitter);

    static readonly TimeSpan ShutdownPause = TimeSpan.FromMilliseconds(5);

    /// <summary>Shuts down and lets lab time pass until that is done.</summary>
    public void ShutdownToEnd()
    {
        Shutdown();
        while (!IsClosed && _scheduler.TryRunNext(TimeSpan.MaxValue))
        {
        }
    }

    /// <summary>Expectations and tunnels as they stand now.</summary>
    public LabReport CreateReport() => ReportBuilder.Build(_model, _fabric.Name, _expectations.Results(), _fabric.Nodes, _connections);

    public void Dispose() => _fabric.Dispose();

    /// <summary>For a fabric: does something when so much lab time has passed.</summary>
    public void After(TimeSpan delay, Action action) => _scheduler.After(delay, action);

    /// <summary>For a fabric: an endpoint's event.</summary>
    public void Occurs(ILabNode node, IkeEvent occurred)
    {
        foreach (ConnectionWatch connection in _connections.Values)
        {
            // A refusal of IKE_SA_INIT comes before a connection is chosen (D10), so it concerns every one that it may have been for.
            if (occurred.Connection is null ? !ConnectionWatch.IsUp(connection, node) : occurred.Connection == connection.Name)
                connection.Occurred(node, occurred);
        }
        Tell(new NodeEvent(Now, node.Label, occurred));
    }

    PingSeries CreateSeries(PingExpectation expectation)
    {
        TimeSpan timeout = _fabric.EchoTimeout + Slack;
        return new PingSeries(expectation, _fabric.Host(expectation.From), expectation.At ?? _fabric.Host(expectation.To).Address, _scheduler, timeout, Pings,
            _faults.Excuses);
    }

    internal void Tell(LabEvent occurred) => Occurred?.Invoke(occurred);
}
