using System.Collections.Concurrent;
using System.Collections.Immutable;
using Ipsec.Azure.Diagnostics;
using Ipsec.Azure.Instances;
using Ipsec.Endpoint;
using Ipsec.EndpointHost.CommandLine;
using Ipsec.EndpointHost.Processes;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;
using Ipsec.Lab.Fabric;
using Ipsec.Lab.StrongSwan;
using Ipsec.Lab.Swanctl;
using Ipsec.Lab.Topology;
using Ipsec.Net;

namespace Ipsec.EndpointHost.Charon;

/// <summary>
/// A node of a lab that strongSwan plays, in a network namespace that stands already. It dials as our nodes do: whenever a connection that is to be up is down.
/// Commands return at once and are carried out one after the other.
/// </summary>
sealed class StrongSwanNode : ILabNode, IAsyncDisposable
{
    /// <summary>Debian's packages of what it needs.</summary>
    internal const string Packages = "strongswan-charon strongswan-swanctl libstrongswan-standard-plugins libcharon-extra-plugins libstrongswan-extra-plugins";

    static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(300);

    readonly StrongSwanPlan _plan;
    readonly CharonDaemon _daemon;
    readonly CharonRouting _routing;
    readonly CharonLog _log;
    readonly CancellationTokenSource _end = new();
    readonly ConcurrentQueue<IkeEvent> _events = new();
    readonly Dictionary<string, TimeSpan> _downSince = [];
    readonly Lock _workLock = new();
    ImmutableDictionary<string, ImmutableArray<Reason>> _reasons = ImmutableDictionary<string, ImmutableArray<Reason>>.Empty;
    volatile EndpointStatus _status;
    volatile bool _isOff;
    volatile bool _isClosed;
    volatile bool _isEnding;
    Task _work = Task.CompletedTask;
    Task _poll = Task.CompletedTask;

    /// <param name="inside">The network namespace, with the outer address on an interface.</param>
    /// <param name="folder">Its own, for the daemon's files; what they hold is secret. With a short path, for the socket in it.</param>
    /// <param name="logFile">Where charon writes what it does.</param>
    internal StrongSwanNode(TopologyModel topology, NodeDefinition node, string inside, string folder, string logFile)
    {
        Definition = node;
        Label = Ipsec.Lab.Run.NodeLabels.LabelOf(topology, node);
        OuterAddress = node.OuterAddress;
        Machine = LifecycleOutput.NameOf(node.Instance);
        Diagnostics = new InstanceDiagnostics(node.Name);
        _plan = StrongSwanPlan.Create(topology, node);
        _daemon = new CharonDaemon(inside, folder, logFile);
        _routing = new CharonRouting(inside, _plan);
        _log = new CharonLog(logFile, _plan.Tunnels);
        _status = CharonStatus.Read(node.Name, _plan, null, _reasons);
    }

    public string Label { get; }
    public NodeDefinition Definition { get; }
    public IpAddress OuterAddress { get; internal set; }
    public string Machine { get; set; }
    public bool IsOff => _isOff;
    public bool IsClosed => _isClosed;
    public EndpointStatus Status => _status;
    public InstanceDiagnostics Diagnostics { get; }

    internal string LogFile => _daemon.LogFile;

    /// <summary>What it can and cannot be is checked before anything is started.</summary>
    /// <exception cref="UserErrorException">strongSwan is not there, or cannot play the node.</exception>
    internal static void Check(NodeDefinition node)
    {
        ImmutableArray<string> refused = StrongSwanPlan.WhyNot(node);
        if (!refused.IsEmpty)
            throw new UserErrorException(refused);
        string? missing = ((string[])[CharonDaemon.Program, "/usr/sbin/swanctl", "/usr/lib/ipsec/plugins/libstrongswan-kernel-libipsec.so", "/usr/lib/ipsec/plugins/libstrongswan-openssl.so"])
            .FirstOrDefault(file => !File.Exists(file));
        if (missing is not null)
            throw new UserErrorException($"strongSwan is to play {node.Name}, and {missing} is not there; on Debian: apt-get install {Packages}.");
    }

    /// <summary>Takes out one of the events that have come up since the last time.</summary>
    internal bool TryTakeEvent(out IkeEvent? occurred) => _events.TryDequeue(out occurred);

    /// <summary>Writes the configuration and starts charon, which dials as its configuration says.</summary>
    /// <exception cref="UserErrorException">It does not start; in charon's own last words.</exception>
    internal async Task OpenAsync()
    {
        await WriteFilesAsync();
        await _routing.PrepareAsync();
        await StartDaemonAsync();
        _poll = PollAsync();
    }

    /// <summary>charon has dialled when it was opened.</summary>
    public void Start()
    {
    }

    public void Stop()
    {
        _isOff = true;
        _isClosed = false;
        Enqueue(async () =>
        {
            await _daemon.KillAsync();
            _status = CharonStatus.Read(Definition.Name, _plan, null, _reasons);
        });
    }

    public void Restart() => Enqueue(async () =>
    {
        await StartDaemonAsync();
        _isOff = false;
    });

    public void Shutdown()
    {
        _isEnding = true;
        Enqueue(async () =>
        {
            await _daemon.StopAsync();
            _status = CharonStatus.Read(Definition.Name, _plan, null, _reasons);
            _isClosed = true;
        });
    }

    public async ValueTask DisposeAsync()
    {
        _isEnding = true;
        await _end.CancelAsync();
        await _poll.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Task work;
        lock (_workLock)
            work = _work;
        await work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _daemon.DisposeAsync();
        _plan.Dispose();
        _end.Dispose();
    }

    async Task WriteFilesAsync()
    {
        const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        Directory.CreateDirectory(_daemon.Folder, OwnerOnly);
        await File.WriteAllTextAsync(_daemon.ConfigurationFile, _plan.Configuration);
        foreach (SwanctlCredentialFile file in _plan.Files)
        {
            string folder = Path.Combine(_daemon.Folder, file.Folder);
            Directory.CreateDirectory(folder, OwnerOnly);
            await File.WriteAllBytesAsync(Path.Combine(folder, file.Name), file.Content.Span.ToArray());
        }
        await _daemon.ConfigureAsync(new CharonSettings
        {
            Retransmission = _plan.Retransmission,
            IkePort = _plan.IkePort,
            NatTraversalPort = _plan.NatTraversalPort,
            More = CharonRouting.Settings,
        });
    }

    async Task StartDaemonAsync()
    {
        try
        {
            await _daemon.StartAsync();
            await _routing.RouteAsync(Definition.Endpoint.Inner.Mtu);
        }
        catch (InvalidOperationException exception)
        {
            string words = CharonLog.LastWords(_daemon.ReadLog() is { Length: > 0 } log ? log : exception.Message);
            throw new UserErrorException($"strongSwan, which is to play {Label}, does not start: {words}");
        }
    }

    async Task PollAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            await Task.Delay(PollInterval, _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_isOff || _isEnding)
                continue;
            foreach (IkeEvent occurred in _log.ReadNew())
            {
                if (occurred is NegotiationRefused refused)
                    _reasons = _reasons.SetItem(occurred.Connection!, refused.Reasons);
                _events.Enqueue(occurred);
            }
            ToolResult listing = await _daemon.RunAsync("--list-sas", "--raw");
            if (_isOff || _isEnding || listing.ExitCode != 0)
                continue;
            EndpointStatus status = CharonStatus.Read(Definition.Name, _plan, listing.Output, _reasons);
            foreach (TunnelStatus up in status.Tunnels.Where(tunnel => tunnel.State == TunnelState.Established))
                _reasons = _reasons.Remove(up.Connection);
            _status = status;
            await RedialAsync(status);
        }
    }

    /// <summary>charon gives up once a peer has refused it; a node of a lab tries again after the pause of its connection.</summary>
    async Task RedialAsync(EndpointStatus status)
    {
        foreach (StrongSwanTunnel tunnel in _plan.Tunnels.Where(tunnel => tunnel.Configuration is { StartAction: StartAction.Start, MayInitiate: true }))
        {
            TunnelState state = status.Tunnels.First(one => one.Connection == tunnel.Connection).State;
            if (state is not (TunnelState.Down or TunnelState.Failed))
            {
                _downSince.Remove(tunnel.Connection);
                continue;
            }
            TimeSpan down = _downSince.GetValueOrDefault(tunnel.Connection) + PollInterval;
            _downSince[tunnel.Connection] = down < tunnel.Configuration.RetryDelay ? down : TimeSpan.Zero;
            if (down < tunnel.Configuration.RetryDelay)
                continue;
            foreach (string child in tunnel.Children)
                _ = await _daemon.RunAsync("--initiate", "--ike", tunnel.Section, "--child", child, "--timeout", "-1");
        }
    }

    void Enqueue(Func<Task> work)
    {
        lock (_workLock)
            _work = RunAfterAsync(_work, work);
    }

    static async Task RunAfterAsync(Task before, Func<Task> work)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        await work();
    }
}
