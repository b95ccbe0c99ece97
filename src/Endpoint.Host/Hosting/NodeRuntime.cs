using System.Collections.Immutable;
using Ipsec.Endpoint;
using Ipsec.EndpointHost.CommandLine;
using Ipsec.EndpointHost.Configuration;
using Ipsec.EndpointHost.Engine;
using Ipsec.EndpointHost.Inner;
using Ipsec.EndpointHost.Netlink;
using Ipsec.EndpointHost.Netns;
using Ipsec.EndpointHost.Outer;
using Ipsec.EndpointHost.Telemetry;
using Ipsec.Ike;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;
using Ipsec.Lab.Topology;
using Ipsec.Net;
using Microsoft.Extensions.Logging;

namespace Ipsec.EndpointHost.Hosting;

/// <summary>
/// One running node: sockets, inner side, endpoint, engine thread and packet workers, claimed together or not at all.
/// </summary>
sealed class NodeRuntime : IEngineOutputs, IDisposable
{
    /// <summary>Beyond the endpoint's own time for answers to DELETE; only a fault of ours takes longer.</summary>
    static readonly TimeSpan ShutdownMargin = TimeSpan.FromSeconds(2);

    readonly OuterSockets _sockets;
    readonly IInnerSide _inner;
    InnerSides? _ownInner;
    readonly IpsecEndpoint _endpoint;
    readonly EngineLoop _engine;
    readonly PacketWorkers _workers;
    readonly Action<TimedEvent> _publish;
    readonly Action<ImmutableArray<IpPrefix>> _routed;
    readonly EndpointMetrics _metrics;
    readonly KeyLog? _keyLog;
    readonly ILogger _logger;
    readonly HostClock _clock;
    readonly bool _tellsCarried;
    readonly AddressMonitor _addressMonitor;
    readonly NamespaceScope _scope;
    readonly LocalAddressChoice _addressChoice;
    ImmutableArray<IpPrefix> _routes = [];
    ImmutableArray<IpAddress> _addresses;
    bool _isDisposed;

    NodeRuntime(RunOptions options, NodeSetup setup, OuterSockets sockets, IInnerSide inner, AddressMonitor addressMonitor, KeyLog? keyLog,
        NodeServices services)
    {
        (Options, Setup, _sockets, _inner, _addressMonitor, _keyLog) = (options, setup, sockets, inner, addressMonitor, keyLog);
        (_publish, _routed, _metrics, _logger, _scope) = (services.Publish, services.Routed, services.Metrics, services.Logger, services.Scope);
        _clock = services.Clock;
        _tellsCarried = services.TellsCarried;
        _endpoint = new IpsecEndpoint(setup.Endpoint, new SystemRandomSource());
        _engine = new EngineLoop(_endpoint, this, services.Clock, services.Logger);
        _addresses = setup.Endpoint.LocalAddresses;
        _addressChoice = new LocalAddressChoice(_addresses, mayMove: setup.Node.Kind == NodeKind.Device, setup.Endpoint.LocalNetworks, _addressMonitor.Addresses());
        _workers = new PacketWorkers(_endpoint.DataPath, sockets, inner, _engine,
            new PacketWorkerOptions(options.Workers, options.BusyPoll, setup.Endpoint.Inner.FragmentInner), services.Clock, services.Logger);
    }

    public RunOptions Options { get; }
    public NodeSetup Setup { get; private set; }
    public IInnerSide Inner => _inner;
    public bool IsReady { get; private set; }

    /// <summary>The networks that lead into the endpoint now.</summary>
    public ImmutableArray<IpPrefix> Routes => _routes;

    /// <summary>Claims everything that can be refused, and starts to move packets. No negotiation yet.</summary>
    /// <exception cref="UserErrorException">A port is in use, a permission is missing, the configuration contradicts itself.</exception>
    public static NodeRuntime Open(RunOptions options, NodeSetup setup, NodeServices services)
    {
        EndpointConfiguration endpoint = setup.Endpoint;
        NamespaceScope scope = services.Scope;
        OuterSockets sockets = scope.Run(() => OuterSockets.Open(endpoint.LocalAddresses, endpoint.IkePort, endpoint.NatTraversalPort, options.Workers));
        InnerSides? ownInner = services.SharedInner is null ? new InnerSides() : null;
        IInnerSide? inner = null;
        AddressMonitor? addressMonitor = null;
        KeyLog? keyLog = null;
        try
        {
            if (!sockets.RawEspRefusals.IsEmpty)
            {
                services.Logger.RawEspNotPermitted(string.Join("; ", sockets.RawEspRefusals));
                setup = setup with { Endpoint = NodeFile.WithForcedUdp(endpoint) };
            }
            keyLog = options.KeyLogDirectory is null ? null : KeyLog.Open(options.KeyLogDirectory, services.Logger);
            inner = (services.SharedInner ?? ownInner!).Open(options, setup, OuterPorts(sockets), services);
            addressMonitor = scope.Run(() => new AddressMonitor());
            var runtime = new NodeRuntime(options, setup, sockets, inner, addressMonitor, keyLog, services) { _ownInner = ownInner };
            inner.SetLocalNetworks(endpoint.LocalNetworks);
            runtime._workers.Start();
            runtime._workers.StartThread("watch addresses", () => runtime._addressMonitor.Run(runtime._workers.Stop, runtime.HandleAddresses));
            runtime._engine.Start();
            return runtime;
        }
        catch (Exception exception)
        {
            addressMonitor?.Dispose();
            inner?.Dispose();
            ownInner?.Dispose();
            keyLog?.Dispose();
            sockets.Dispose();
            if (exception is ArgumentException contradiction)
                throw new UserErrorException($"{options.File}: node {setup.Node.Name}: {contradiction.Message}");
            throw;
        }
    }

    /// <summary>Starts the connections whose start action says so.</summary>
    public async Task StartAsync()
    {
        await _engine.InvokeAsync((endpoint, now) =>
        {
            endpoint.Start(now);
            return true;
        });
        IsReady = true;
    }

    public Task<EndpointStatus> GetStatusAsync() => _engine.InvokeAsync((endpoint, now) => endpoint.GetStatus(now));

    /// <summary>Runs a command on the engine's thread.</summary>
    public Task<CommandResult> CommandAsync(Func<IpsecEndpoint, Instant, CommandResult> command) => _engine.InvokeAsync(command);

    /// <summary>Takes over another configuration; tunnels that did not change keep running. Who owns the keys of the one before may clear them then.</summary>
    /// <exception cref="UserErrorException">It changes what needs a restart, or the node is stopping. Nothing has changed.</exception>
    public async Task ReloadAsync(NodeSetup setup)
    {
        if (!_sockets.RawEspRefusals.IsEmpty)
            setup = setup with { Endpoint = NodeFile.WithForcedUdp(setup.Endpoint) };
        CommandResult result = await _engine.InvokeAsync((endpoint, now) =>
        {
            CommandResult outcome = endpoint.Reload(setup.Endpoint, now);
            if (outcome.IsAccepted)
            {
                Setup = setup;
                _inner.SetLocalNetworks(setup.Endpoint.LocalNetworks);
                if (_tellsCarried)
                    _inner.SetCarried(CarriedNow());
            }
            return outcome;
        });
        if (!result.IsAccepted)
            throw new UserErrorException(result.Error!);
    }

    /// <summary>Deletes every SA and waits for the peers' answers, within the endpoint's own bound.</summary>
    public async Task ShutdownAsync()
    {
        IsReady = false;
        if (Volatile.Read(ref _isDisposed))
            return;
        try
        {
            await _engine.ShutdownAsync().WaitAsync(Setup.Endpoint.Ike.ShutdownTimeout + ShutdownMargin);
        }
        catch (TimeoutException)
        {
            _logger.ShutdownTimedOut();
        }
    }

    /// <summary>What of the kernel's and the processor's abilities is used to move packets.</summary>
    public string PacketDescription => _workers.Description;

    /// <summary>Counters of the host itself, beside the endpoint's own.</summary>
    public IEnumerable<KeyValuePair<string, ulong>> HostCounters =>
    [
        new("host.ike-datagrams-dropped", _engine.DroppedDatagrams),
        new("host.send-failures", _workers.SendFailures),
        new("host.undelivered", _workers.Undelivered),
    ];

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, true))
            return;
        _workers.Dispose();
        _addressMonitor.Dispose();
        _engine.Dispose();
        _inner.Dispose();
        _ownInner?.Dispose();
        _sockets.Dispose();
        _endpoint.Dispose();
        _keyLog?.Dispose();
    }

    /// <summary>Addresses came or went. On the watch's thread.</summary>
    void HandleAddresses(IReadOnlyList<InterfaceAddress> present) => _ = _engine.InvokeAsync((endpoint, now) =>
    {
        ImmutableArray<IpAddress> chosen = _addressChoice.Choose(present, _inner.InterfaceIndex);
        if (_workers.Stop.IsSet || chosen.SequenceEqual(_addresses))
            return false;
        _addresses = [.. chosen.Where(TryServe)];
        _logger.OuterAddresses(_addresses.IsEmpty ? "none" : string.Join(", ", _addresses));
        endpoint.LocalAddressesChanged(_addresses, now);
        return true;
    });

    /// <summary>Claims the ports of an address, unless they are claimed already, and lets what is sent from there pass the tunnel.</summary>
    bool TryServe(IpAddress address)
    {
        try
        {
            foreach (OuterSocket socket in _scope.Run(() => _sockets.Add(address)))
                _workers.Start(socket);
            _inner.AddOuter(OuterPorts(_sockets).Where(local => local.Address == address));
            return true;
        }
        catch (UserErrorException refusal)
        {
            _logger.OuterAddressRefused(address, refusal.Message);
            return false;
        }
    }

    static IEnumerable<TransportAddress> OuterPorts(OuterSockets sockets) =>
        sockets.All.Where(socket => socket.Encapsulation != PathEncapsulation.RawEsp).Select(socket => socket.Local).Distinct();

    ImmutableArray<IpAddress>? IEngineOutputs.ResolveName(string name) =>
        Setup.Names.TryGetValue(name, out ImmutableArray<IpAddress> addresses) ? addresses : null;

    void IEngineOutputs.Send(in NetworkPath path, ReadOnlySpan<byte> datagram) => _workers.SendIke(path, datagram);

    void IEngineOutputs.InnerRoutesChanged(ImmutableArray<IpPrefix> routes)
    {
        foreach (string refusal in _inner.SetRoutes(routes))
            _logger.InnerRouteRefused(refusal);
        _routes = routes;
        _routed(routes);
        _logger.InnerRoutes(routes.IsEmpty ? "none" : string.Join(", ", routes));
    }

    void IEngineOutputs.InnerAddressesChanged(ImmutableArray<VirtualAddresses> addresses)
    {
        foreach (string refusal in _inner.SetAddresses([.. addresses.SelectMany(one => one.Configuration.Addresses).Select(given => given.Address).Distinct()]))
            _logger.InnerAddressRefused(refusal);
        _logger.InnerAddresses(addresses.IsEmpty ? "none" : string.Join("; ", addresses.Select(VirtualAddressText.Describe)));
    }

    void IEngineOutputs.EventOccurred(IkeEvent occurred, DateTimeOffset when)
    {
        if (occurred is IkeKeysDerived keys)
        {
            using (keys.EncryptionInitiator)
            using (keys.EncryptionResponder)
            using (keys.IntegrityInitiator)
            using (keys.IntegrityResponder)
                _keyLog?.Write(keys);
            return;
        }
        _logger.Log(occurred);
        _metrics.Record(occurred);
        _publish(new TimedEvent(when, occurred));
        if (_tellsCarried && occurred is (ChildSaEstablished or ChildSaClosed))
            _inner.SetCarried(CarriedNow());
    }

    /// <summary>The networks of every route-based tunnel that has a child SA. On the engine's thread.</summary>
    ImmutableArray<IpPrefix> CarriedNow()
    {
        HashSet<string> up = [.. _endpoint.GetStatus(_clock.Now).Tunnels.Where(tunnel => !tunnel.ChildSas.IsEmpty).Select(tunnel => tunnel.Connection)];
        return [.. Setup.Endpoint.Tunnels.Where(tunnel => up.Contains(tunnel.Connection.Name)).SelectMany(tunnel => tunnel.Routes)
            .Select(route => route.Prefix).Distinct()];
    }

    void IEngineOutputs.EspKeysInstalled(EspKeysInstalled keys)
    {
        using (keys.InboundEncryptionKey)
        using (keys.InboundIntegrityKey)
        using (keys.OutboundEncryptionKey)
        using (keys.OutboundIntegrityKey)
            _keyLog?.Write(keys);
    }
}

/// <summary>What a node needs from the process around it.</summary>
/// <param name="Publish">Takes every event, on the engine's thread.</param>
sealed record NodeServices(HostClock Clock, Action<TimedEvent> Publish, EndpointMetrics Metrics, ILogger Logger)
{
    /// <summary>Takes the networks that lead into the endpoint whenever they change, on the engine's thread.</summary>
    public Action<ImmutableArray<IpPrefix>> Routed { get; init; } = _ => { };

    /// <summary>What the instances of one gateway have in common, and what stays while they come and go; null for inner sides of the runtime's own.</summary>
    public InnerSides? SharedInner { get; init; }

    /// <summary>The inner side is told which networks have a tunnel up: there are several instances.</summary>
    public bool TellsCarried { get; init; }

    /// <summary>Where its sockets and its TUN are.</summary>
    public NamespaceScope Scope { get; init; } = NamespaceScope.Here;
}
