using System.Collections.Immutable;
using Ipsec.Azure.Diagnostics;
using Ipsec.Azure.Instances;
using Ipsec.Endpoint;
using Ipsec.EndpointHost.CommandLine;
using Ipsec.EndpointHost.Configuration;
using Ipsec.EndpointHost.Telemetry;
using Ipsec.Ike.Outputs;
using Ipsec.Net;
using Microsoft.Extensions.Logging;

namespace Ipsec.EndpointHost.Hosting;

/// <summary>One instance of a node: its configuration, and the runtime that serves it. While a gateway's machine reboots there is none.</summary>
sealed class NodeSeat
{
    readonly INodeFactory _factory;
    readonly NodeServices _services;
    readonly Action<TimedEvent> _publish;
    readonly Lock _logLock;
    readonly Lock _workLock = new();
    volatile NodeRuntime? _runtime;
    Task _work = Task.CompletedTask;
    string? _refusal;

    /// <param name="services">Events go to the instance's diagnostics and then to where these say.</param>
    /// <param name="logLock">Held while <see cref="Diagnostics"/> is written; the reader holds it too.</param>
    public NodeSeat(NodeSetup setup, INodeFactory factory, NodeServices services, Lock logLock)
    {
        (Setup, _factory, _publish, _logLock) = (setup, factory, services.Publish, logLock);
        _services = services with { Publish = Follow, Routed = routes => Follow(new InnerRoutesChanged(routes), _services!.Clock.Now) };
        Diagnostics = new InstanceDiagnostics(setup.Node.Name);
        Machine = setup.Node.Instance;
    }

    public NodeSetup Setup { get; private set; }
    public int Instance => Setup.Node.Instance;

    /// <summary>For people: the node, and its instance above 0.</summary>
    public string Label => Instance > 0 ? $"{Setup.Node.Name} instance {Instance}" : Setup.Node.Name;

    /// <summary>Of a gateway: the one of its two machines that serves this instance, or did so last.</summary>
    public int Machine { get; private set; }

    public string MachineName => LifecycleOutput.NameOf(Machine);

    /// <summary>Null while nothing serves this instance.</summary>
    public NodeRuntime? Runtime => _runtime;

    public bool IsReady => _runtime?.IsReady == true;

    /// <summary>What Azure keeps about a gateway's address, whichever machine serves it.</summary>
    public InstanceDiagnostics Diagnostics { get; }

    /// <summary>Claims everything; no negotiation yet.</summary>
    /// <exception cref="UserErrorException">Something cannot be had.</exception>
    public void Open()
    {
        lock (_logLock)
            Diagnostics.Started(Setup.Endpoint, MachineName, _services.Clock.Now);
        _runtime = _factory.Open(Setup, Machine, _services);
    }

    public Task StartAsync() => _runtime?.StartAsync() ?? Task.CompletedTask;

    /// <summary>Says goodbye to every peer and waits for their answers, after what is under way.</summary>
    public Task ShutdownAsync() => Enqueue(() => _runtime?.ShutdownAsync() ?? Task.CompletedTask);

    /// <summary>The machine goes away.</summary>
    public Task LeaveAsync(FailoverKind kind) => Enqueue(async () =>
    {
        if (kind == FailoverKind.Planned && _runtime is NodeRuntime runtime)
            await runtime.ShutdownAsync();
        EndpointStatus last = await GetStatusAsync();
        Close();
        lock (_logLock)
            Diagnostics.Stopped(last, MachineName, _services.Clock.Now);
    });

    /// <summary>A machine takes over. One that cannot begin is told in the log and in the status; the next failover tries again.</summary>
    public Task TakeOverAsync(int machine) => Enqueue(async () =>
    {
        Machine = machine;
        try
        {
            Open();
            _refusal = null;
            await StartAsync();
        }
        catch (UserErrorException refusal)
        {
            _refusal = refusal.Message;
            _services.Logger.InstanceNotStarted(MachineName, refusal.Message);
        }
    });

    /// <summary>Takes over another configuration, at once or when a machine serves it again.</summary>
    public Task ReloadAsync(NodeSetup setup) => Enqueue(async () =>
    {
        EndpointConfiguration before = Setup.Endpoint;
        try
        {
            await (_runtime?.ReloadAsync(setup) ?? Task.CompletedTask);
        }
        catch (OperationCanceledException)
        {
            // It ended meanwhile; the next one has the new configuration.
        }
        Setup = setup;
        lock (_logLock)
            Diagnostics.Configured(setup.Endpoint, MachineName, _services.Clock.Now);
        if (before != setup.Endpoint)
            NodeFile.DisposeKeys(before);
    });

    /// <summary>The endpoint's own status; while nothing serves the instance, that each of its tunnels is down.</summary>
    public async Task<EndpointStatus> GetStatusAsync()
    {
        if (_runtime is NodeRuntime runtime)
        {
            try
            {
                return await runtime.GetStatusAsync();
            }
            catch (OperationCanceledException)
            {
                // It ended while it was asked.
            }
        }
        string text = _refusal is null ? "No machine serves this instance: a failover is under way." : $"The machine cannot serve this instance: {_refusal}";
        return new EndpointStatus(Setup.Node.Name,
            [.. Setup.Endpoint.Tunnels.Select(tunnel => new TunnelStatus(tunnel.Connection.Name, TunnelState.Down, tunnel.Connection.LocalAddress,
                tunnel.Connection.RemoteAddress,
                [new Reason("instance-not-served", Certainty.Known, text)], null, []))],
            ImmutableSortedDictionary<string, ulong>.Empty);
    }

    /// <summary>Ends what is there without a word.</summary>
    public void Close()
    {
        NodeRuntime? runtime = _runtime;
        _runtime = null;
        if (runtime is null)
            return;
        runtime.Dispose();
        _factory.Closed(Setup, Machine);
    }

    /// <summary>On the engine's thread.</summary>
    void Follow(TimedEvent occurred)
    {
        Follow(new EndpointEvent(occurred.Event), new Instant(_services.Clock.Monotonic, occurred.When));
        _publish(occurred with { Instance = Instance });
    }

    void Follow(EndpointOutput output, Instant now)
    {
        lock (_logLock)
            Diagnostics.Follow(output, MachineName, now);
    }

    /// <summary>Everything that changes the instance happens in the order in which it was asked for, away from the caller's thread.</summary>
    Task Enqueue(Func<Task> work)
    {
        lock (_workLock)
            return _work = RunAfterAsync(_work, work);
    }

    static async Task RunAfterAsync(Task before, Func<Task> work)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        await work();
    }
}
