using System.Collections.Frozen;
using System.Collections.Immutable;
using Ipsec.Endpoint;
using Ipsec.Lab.Diagnosis;
using Ipsec.Lab.Hosts;
using Ipsec.Lab.Inner;
using Ipsec.Lab.Network;
using Ipsec.Lab.Report;
using Ipsec.Lab.Topology;
using Ipsec.Net;

namespace Ipsec.Lab.Run;

/// <summary>
/// A whole topology in memory: endpoints with real IKE and ESP octets on a simulated IP network, hosts behind them, and the
/// expectations of the file. Time is virtual; whoever wants to watch paces <see cref="RunUntil"/> by a clock. Not thread-safe.
/// </summary>
public sealed class LabRun : IDisposable
{
    readonly TopologyModel _model;
    readonly LabOptions _options;
    readonly Scheduler _scheduler = new();
    readonly OuterNetwork _outer;
    readonly AzureFabric _azure;
    readonly ImmutableArray<LabNode> _nodes;
    readonly SortedDictionary<string, ConnectionWatch> _connections = new(StringComparer.Ordinal);
    readonly SortedDictionary<string, VirtualHost> _hosts = new(StringComparer.Ordinal);
    readonly ImmutableArray<PingSeries> _pings;
    readonly ExpectationRunner _expectations;
    readonly FrozenDictionary<string, GatewayInstances> _gateways;
    readonly FaultRunner _faults;
    readonly TimeSpan? _duration;
    int _turn;

    /// <exception cref="ArgumentException">Two nodes or two hosts of a node share an address.</exception>
    public LabRun(TopologyModel model, LabOptions options)
    {
        _model = model;
        _options = options;
        var observer = new NetworkObserver(_scheduler, options.Recorder, Tell);
        _outer = new OuterNetwork(_scheduler, options.Seed, observer, options.Nat);
        Pings = new PingLog(_scheduler, Tell);
        var events = new NodeEvents(this, options.Recorder);
        _azure = new AzureFabric(model.Azure, _scheduler, observer, new SeededRandomSource(options.Seed, "azure"));
        _nodes = CreateNodes(model, observer, events);
        foreach (string name in model.Nodes.SelectMany(node => node.Endpoint.Tunnels).Select(tunnel => tunnel.Connection.Name).Distinct())
            _connections.Add(name, new ConnectionWatch(name, [.. _nodes.Where(node => ConnectionWatch.ConfigurationOf(node, name) is not null)]));
        _gateways = model.Nodes.Where(node => node.Kind == NodeKind.AzureGateway).Select(node => node.Name).Distinct().ToFrozenDictionary(name => name,
            name => new GatewayInstances([.. _nodes.Where(node => node.Definition.Name == name)], model.Azure.Emulation.Failover, _scheduler, Tell));
        _faults = new FaultRunner(model.Faults, _nodes, _gateways, _azure, _outer, _scheduler, Tell);
        _duration = options.Duration ?? _faults.Duration;
        _pings = [.. model.Expectations.OfType<PingExpectation>().Select(CreateSeries)];
        ImmutableArray<FetchSeries> fetches = [.. model.Expectations.OfType<FetchExpectation>()
            .Select(fetch => new FetchSeries(fetch, _hosts[fetch.From], fetch.At ?? _hosts[fetch.To].Address, _scheduler, Tell, _faults.Excuses))];
        _expectations = new ExpectationRunner(_scheduler, model.Expectations, _connections, _pings, fetches, model.Wires.Any(wire => wire.Loss > 0),
            _duration is null ? null : options.Duration is null ? FaultRunner.PingInterval : options.RepeatInterval, result => Tell(new ExpectationDecided(_scheduler.Now, result)));
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
    public bool IsClosed => _nodes.All(node => node.IsClosed);

    /// <summary>Labels of the nodes with their endpoints' states, in the order of the file.</summary>
    public ImmutableArray<(string Node, EndpointStatus Status)> Statuses => [.. _nodes.Select(node => (node.Label, node.Status))];

    /// <summary>Both offers, for every connection that failed for want of a common proposal.</summary>
    public ImmutableArray<OfferComparison> Comparisons => [.. _connections.Values.SelectMany(ReportBuilder.Comparisons)];

    internal PingLog Pings { get; }
    internal ImmutableArray<LabNode> Nodes => _nodes;
    internal IReadOnlyDictionary<string, VirtualHost> Hosts => _hosts;
    internal IReadOnlyDictionary<string, ConnectionWatch> Connections => _connections;
    internal OuterNetwork Outer => _outer;

    /// <summary>Starts every endpoint and the expectations. Called once.</summary>
    public void Start()
    {
        foreach (LabNode node in _nodes)
            node.Start();
        _expectations.Start();
        _faults.Start();
    }

    /// <summary>Lets lab time pass to <paramref name="labTime"/>, with everything that is due until then.</summary>
    public void RunUntil(TimeSpan labTime)
    {
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
        ImmutableArray<PingSeries> series = [.. _pings.Where(ping => ping.Expectation.MustSucceed)];
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
        foreach (LabNode node in _nodes.Reverse())
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
    public LabReport CreateReport() => ReportBuilder.Build(_model, _expectations.Results(), _nodes, _connections);

    public void Dispose()
    {
        foreach (LabNode node in _nodes)
            node.Dispose();
    }

    ImmutableArray<LabNode> CreateNodes(TopologyModel model, NetworkObserver observer, NodeEvents events)
    {
        var names = new TopologyNames(model.Names, PublicAddressesOf);
        var sites = new SortedDictionary<string, SiteNetwork>(StringComparer.Ordinal);
        ImmutableArray<LabNode>.Builder nodes = ImmutableArray.CreateBuilder<LabNode>();
        foreach (NodeDefinition definition in model.Nodes)
        {
            string label = model.LabelOf(definition);
            SiteNetwork? site = definition.Lan is string lan ? SiteOf(lan) : null;
            Action<byte[]> deliver = site is null ? packet => _azure.NetworkOf(definition.Name).ReceiveFromGateway(packet, definition.Name) : site.ReceiveFromOutside;
            var node = new LabNode(label, definition, _scheduler, _options, life => new SeededRandomSource(_options.Seed, life == 0 ? $"node {label}" : $"node {label} life {life}"),
                emitKeys: _options.Recorder is not null, deliver, names, events);
            node.Wire = _outer.Join(label, definition, model.Wires, node.ReceiveOuter);
            nodes.Add(node);
            if (site is null)
            {
                _azure.Attach(node);
                continue;
            }
            site.Attach(node);
            if (definition.ExpressRouteCircuit is string circuit)
                site.Circuit = JoinCircuit(circuit, definition, site, observer);
        }
        foreach (HostDefinition definition in model.Hosts)
        {
            InnerPlace place = sites.TryGetValue(definition.Network, out SiteNetwork? site) ? site : _azure.Network(definition.Network.Split('/')[0]);
            var host = new VirtualHost(definition.Name, definition.Address, (ushort)(_hosts.Count + 1), _scheduler, place.SendFromHost);
            place.Attach(host);
            _hosts.Add(definition.Name, host);
        }
        return nodes.DrainToImmutable();

        SiteNetwork SiteOf(string lan)
        {
            if (!sites.TryGetValue(lan, out SiteNetwork? known))
                sites.Add(lan, known = new SiteNetwork($"{lan} inside", _scheduler, observer, new SeededRandomSource(_options.Seed, $"site {lan}")));
            return known;
        }
    }

    Circuit JoinCircuit(string name, NodeDefinition site, SiteNetwork network, NetworkObserver observer)
    {
        WireDefinition conditions = _model.Wires.FirstOrDefault(wire => wire.Node == name) ?? new WireDefinition { Node = name };
        var wire = new Wire(name, conditions, _scheduler, new SeededRandomSource(_options.Seed, $"wire {name}"), observer)
        {
            Near = network.ReceiveFromOutside,
            Far = packet => _azure.ReceiveFromCircuit(name, packet),
        };
        var circuit = new Circuit(name, wire, _scheduler, _model.Azure.Emulation.ExpressRouteConvergence, _azure.Announce);
        _azure.Attach(circuit, site);
        return circuit;
    }

    IEnumerable<IpAddress> PublicAddressesOf(string name) => _nodes
        .Where(node => node.Definition.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        .SelectMany(node => node.Definition.NatAddress is IpAddress nat ? [nat] : (IEnumerable<IpAddress>)[node.OuterAddress, .. node.Definition.AdditionalAddresses]);

    PingSeries CreateSeries(PingExpectation expectation)
    {
        TimeSpan timeout = TimeSpan.FromSeconds(1) + Slack;
        return new PingSeries(expectation, _hosts[expectation.From], expectation.At ?? _hosts[expectation.To].Address, _scheduler, timeout, Pings, _faults.Excuses);
    }

    internal void Tell(LabEvent occurred) => Occurred?.Invoke(occurred);
}
