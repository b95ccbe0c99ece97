using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Ipsec.Crypto;
using Ipsec.Endpoint.Faults;
using Ipsec.Endpoint.Journal;
using Ipsec.Endpoint.Routing;
using Ipsec.Esp;
using Ipsec.Ike;
using Ipsec.Ike.Outputs;
using Ipsec.Net;

namespace Ipsec.Endpoint;

/// <summary>
/// One IPsec endpoint without I/O: the IKE engine, the ESP data path and the routes between them. It has two faces (D4).
/// The engine face is everything here but <see cref="DataPath"/>: called from one thread at a time; after every call the owner
/// takes all outputs and looks at <see cref="NextTimeout"/> again. The data face is <see cref="DataPath"/>, called by workers.
/// </summary>
public sealed class IpsecEndpoint : IDisposable
{
    readonly Queue<EndpointOutput> _outputs = new();
    readonly JournalWriter? _journal;
    readonly IkeEngine _engine;
    readonly TunnelTable _tunnels;
    readonly ChildSaTable _childSas;
    readonly ReportHandler _reports;
    readonly EndpointTimers _timers = new();
    readonly RouteBuilder _routes = new();
    readonly DatagramSender _datagrams;
    EndpointConfiguration _configuration;
    ImmutableArray<VirtualAddresses> _virtualAddresses = [];

    /// <param name="random">For everything that is drawn, by the engine and by the data path's control face.</param>
    /// <param name="journal">Receives every input, draw and output of the engine face; null records nothing.</param>
    /// <param name="hooks">For fault injection and fuzzing behind the encryption (D3), <see cref="IDatagramHooks"/> also for what
    /// leaves for the wire; null lets everything pass as it is.</param>
    /// <exception cref="ArgumentException">The configuration contradicts itself; the message is one sentence.</exception>
    public IpsecEndpoint(EndpointConfiguration configuration, IRandomSource random, IEndpointJournal? journal = null, IMessageHooks? hooks = null)
        : this(configuration, random, journal, hooks, recordedTraffic: null)
    {
    }

    /// <param name="recordedTraffic">In a replay: the recorded answers instead of the data path's.</param>
    internal IpsecEndpoint(EndpointConfiguration configuration, IRandomSource random, IEndpointJournal? journal, IMessageHooks? hooks,
        IChildTraffic? recordedTraffic)
    {
        if (EndpointConfigurationCheck.FindFault(configuration) is string fault)
            throw new ArgumentException(fault, nameof(configuration));
        _configuration = configuration;
        if (journal is not null)
        {
            _journal = new JournalWriter(journal);
            _journal.Header(configuration);
            random = new JournaledRandomSource(random, _journal);
        }
        _datagrams = new DatagramSender(hooks as IDatagramHooks, _timers, Emit);
        DataPath = new DataPath(EngineTranslation.ToDataPathOptions(configuration.Inner), random);
        DataPath.ReportsPending += () => ReportsPending?.Invoke();
        _tunnels = new TunnelTable(configuration);
        _childSas = new ChildSaTable(DataPath, _timers, _journal, configuration.Inner.InitialSequenceNumber);
        _engine = new IkeEngine(EngineTranslation.ToEngineConfiguration(configuration), new SpiAllocator(DataPath, _journal), random,
            new ChildTraffic(recordedTraffic ?? new DataPathTraffic(DataPath), _journal), hooks);
        _reports = new ReportHandler(_engine, _tunnels, _childSas, _timers, Emit);
        RefreshRoutes();
    }

    /// <summary>The worker face: Seal and Open. Its control face belongs to this endpoint.</summary>
    public DataPath DataPath { get; }

    /// <summary>Raised on a worker's thread: the engine's thread should call <see cref="HandleReports"/>.</summary>
    public event Action? ReportsPending;

    /// <summary>Monotonic time at which <see cref="HandleTimeout"/> has something to do; null while there is nothing.</summary>
    public TimeSpan? NextTimeout => EndpointTimers.Earlier(_engine.NextTimeout, _timers.NextTimeout);

    /// <summary>Takes the next output, in order.</summary>
    public bool TryTakeOutput([NotNullWhen(true)] out EndpointOutput? output) => _outputs.TryDequeue(out output);

    /// <summary>Initiates every connection whose start action says so. Called once, before anything else.</summary>
    public void Start(Instant now)
    {
        _journal?.Start(now);
        _engine.Start(now);
        EndTurn(now);
    }

    /// <summary>Takes one IKE message; on the NAT traversal port the non-ESP marker is already gone.</summary>
    public void HandleDatagram(ReadOnlySpan<byte> message, NetworkPath path, Instant now)
    {
        _journal?.Datagram(message, path, now);
        _engine.HandleDatagram(message, path, now);
        EndTurn(now);
    }

    /// <summary>Does what is due; nothing before <see cref="NextTimeout"/>.</summary>
    public void HandleTimeout(Instant now)
    {
        _journal?.Timeout(now);
        while (_timers.TryTakeDue(now, out EndpointTimer timer))
        {
            switch (timer.Kind)
            {
                case EndpointTimerKind.InboundGraceOver:
                    _childSas.RemoveInbound(timer.Subject);
                    break;
                case EndpointTimerKind.AcquireAgain:
                    DataPath.AcquireHandled((int)timer.Subject);
                    break;
                case EndpointTimerKind.UnknownSpiAgain:
                    DataPath.UnknownSpiHandled();
                    break;
                case EndpointTimerKind.LateDatagram:
                    _datagrams.SendLate(timer.Subject);
                    break;
            }
        }
        _engine.HandleTimeout(now);
        EndTurn(now);
    }

    /// <summary>Takes the answer to an <see cref="EndpointOperation"/>. One that comes too late, or that nobody waits for, is ignored.</summary>
    public void HandleCompletion(OperationId id, OperationResult result, Instant now)
    {
        _journal?.Completion(id, result, now);
        _engine.HandleCompletion(id, result, now);
        EndTurn(now);
    }

    /// <summary>Takes what the data path has to report and acts on it.</summary>
    public void HandleReports(Instant now)
    {
        List<DataPathReport> reports = [];
        while (DataPath.TryTakeReport(out DataPathReport? report))
            reports.Add(report!);
        if (reports.Count > 0)
            HandleReports(reports, now);
    }

    internal void HandleReports(IReadOnlyList<DataPathReport> reports, Instant now)
    {
        _journal?.Reports(reports, now);
        foreach (DataPathReport report in reports)
        {
            _reports.Handle(report, now);
            TakeEngineOutputs(now);
        }
        EndTurn(now);
    }

    /// <summary>Brings up a connection, or one of its child SAs; null is all of them.</summary>
    public CommandResult Initiate(string connection, string? child, Instant now)
    {
        _journal?.Command(JournalCommand.Initiate, connection, child, now);
        return EndCommand(_engine.Initiate(connection, child, now), now);
    }

    public CommandResult RekeyIke(string connection, Instant now)
    {
        _journal?.Command(JournalCommand.RekeyIke, connection, null, now);
        return EndCommand(_engine.RekeyIke(connection, now), now);
    }

    /// <summary>Rekeys one child SA of a connection by its configured name, or all of them.</summary>
    public CommandResult RekeyChild(string connection, string? child, Instant now)
    {
        _journal?.Command(JournalCommand.RekeyChild, connection, child, now);
        return EndCommand(_engine.RekeyChild(connection, child, now), now);
    }

    /// <summary>Deletes the connection's SAs. It stays down until it is initiated again: by a command, by the peer, or by traffic.</summary>
    public CommandResult Terminate(string connection, Instant now)
    {
        _journal?.Command(JournalCommand.Terminate, connection, null, now);
        return EndCommand(_engine.Terminate(connection, now), now);
    }

    /// <summary>As gateway sends every peer of a connection that can be redirected to another gateway (RFC 5685 §5).</summary>
    /// <param name="target">An address or a DNS name.</param>
    public CommandResult Redirect(string connection, string target, Instant now)
    {
        _journal?.Command(JournalCommand.Redirect, connection, target, now);
        return EndCommand(_engine.Redirect(connection, target, now), now);
    }

    /// <summary>
    /// Takes over a new configuration: tunnels whose connection is unchanged (by value) keep their SAs, changed and removed ones are
    /// deleted, new and changed ones started. A refused change leaves everything as it is.
    /// </summary>
    public CommandResult Reload(EndpointConfiguration configuration, Instant now)
    {
        _journal?.Reload(configuration, now);
        if (FindReloadFault(_configuration, configuration) is string fault)
            return EndCommand(CommandResult.Refused(fault), now);
        CommandResult result = _engine.Reload(EngineTranslation.ToEngineConfiguration(configuration), now);
        if (result.IsAccepted)
        {
            // What the engine closed because of the change still belongs to the old tunnels.
            TakeEngineOutputs(now);
            _configuration = configuration;
            _tunnels.Replace(configuration);
            _childSas.Keep(_tunnels);
            foreach (Tunnel tunnel in _tunnels.All)
                DataPath.AcquireHandled(tunnel.Number);
        }
        return EndCommand(result, now);
    }

    /// <summary>Why an endpoint with one configuration would refuse to take over another one, in one sentence; null where it would not.</summary>
    public static string? FindReloadFault(EndpointConfiguration current, EndpointConfiguration next) =>
        EndpointConfigurationCheck.FindFault(next) ?? EndpointConfigurationCheck.FindUnchangeable(current, next);

    /// <summary>
    /// These are the outer addresses of this endpoint from now on, in order of preference. The owner serves a new one before it says so, and one that is
    /// gone no longer.
    /// </summary>
    public void LocalAddressesChanged(ImmutableArray<IpAddress> addresses, Instant now)
    {
        _journal?.LocalAddresses(addresses, now);
        _engine.LocalAddressesChanged(addresses, now);
        EndTurn(now);
    }

    /// <summary>Deletes every SA; <see cref="EndpointClosed"/> follows once the peers answered or time is up.</summary>
    public void Shutdown(Instant now)
    {
        _journal?.Shutdown(now);
        _engine.Shutdown(now);
        EndTurn(now);
    }

    internal IkeEngine Engine => _engine;

    /// <summary>A snapshot; plain values, nothing that lives.</summary>
    public EndpointStatus GetStatus(Instant now) => StatusBuilder.Build(_configuration, _engine.GetStatus(now), DataPath, _tunnels, _childSas, _reports);

    /// <summary>Clears every key. Emits nothing and tells the peers nothing: <see cref="Shutdown"/> does.</summary>
    public void Dispose()
    {
        while (_outputs.TryDequeue(out EndpointOutput? output))
            OutputSecrets.Dispose(output);
        _engine.Dispose();
        DataPath.Dispose();
    }

    CommandResult EndCommand(CommandResult result, Instant now)
    {
        EndTurn(now);
        _journal?.CommandAnswered(result);
        return result;
    }

    void EndTurn(Instant now)
    {
        DataPath.AdvanceTo(now.Monotonic);
        TakeEngineOutputs(now);
        RefreshRoutes();
    }

    void TakeEngineOutputs(Instant now)
    {
        while (_engine.TryTakeOutput(out IkeOutput? output))
        {
            switch (output)
            {
                case TransmitDatagram transmit:
                    _datagrams.Send(transmit.Path, transmit.Datagram, now);
                    break;
                case InstallChildSa install:
                    Install(install);
                    break;
                case ActivateChildSa activate:
                    _childSas.Activate(activate.Id);
                    break;
                case RemoveChildSa remove:
                    _childSas.Remove(remove.Id, remove.InboundGrace, now);
                    break;
                case UpdateChildSaPath update:
                    _childSas.SetPath(update.Id, update.Path);
                    break;
                case VirtualAddressesChanged changed:
                    _virtualAddresses = changed.Addresses;
                    Emit(new InnerAddressesChanged(changed.Addresses));
                    break;
                case EventOccurred occurred:
                    Emit(new EndpointEvent(occurred.Event));
                    break;
                case OperationRequested operation:
                    Emit(new EndpointOperation(operation));
                    break;
                case ShutdownCompleted:
                    Emit(new EndpointClosed());
                    break;
                default:
                    throw new InvalidOperationException($"The engine emitted {output.GetType().Name}, which no endpoint handles.");
            }
        }
    }

    void Install(InstallChildSa install)
    {
        // The endpoint owns the keys from here on (see InstallChildSa); the data path has copied them when Install returns.
        using (install.InboundEncryptionKey)
        using (install.InboundIntegrityKey)
        using (install.OutboundEncryptionKey)
        using (install.OutboundIntegrityKey)
        {
            Tunnel tunnel = _tunnels.Find(install.Connection)
                ?? throw new InvalidOperationException($"The engine installed a child SA for '{install.Connection}', which is not configured.");
            _childSas.Install(install, tunnel);
            DataPath.AcquireHandled(tunnel.Number);
            if (_configuration.Ike.EmitKeys)
            {
                Emit(new EspKeysInstalled(install.Path, install.Suite, install.InboundSpi, install.OutboundSpi,
                    install.InboundEncryptionKey.Clone(), install.InboundIntegrityKey.Clone(),
                    install.OutboundEncryptionKey.Clone(), install.OutboundIntegrityKey.Clone()));
            }
        }
    }

    void RefreshRoutes()
    {
        if (!_routes.TryRebuild(_configuration, _tunnels, _childSas, _virtualAddresses))
            return;
        DataPath.SetRoutes(_routes.Table);
        if (_routes.InnerRoutesDiffer)
            Emit(new InnerRoutesChanged(_routes.InnerRoutes));
    }

    void Emit(EndpointOutput output)
    {
        _journal?.Output(output);
        _outputs.Enqueue(output);
    }
}
