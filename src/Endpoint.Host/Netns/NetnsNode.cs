using Ipsec.Azure.Diagnostics;
using Ipsec.Azure.Instances;
using Ipsec.Endpoint;
using Ipsec.EndpointHost.CommandLine;
using Ipsec.EndpointHost.Configuration;
using Ipsec.EndpointHost.Control;
using Ipsec.EndpointHost.Engine;
using Ipsec.EndpointHost.Hosting;
using Ipsec.EndpointHost.Lab;
using Ipsec.EndpointHost.Telemetry;
using Ipsec.Ike;
using Ipsec.Ike.Outputs;
using Ipsec.Lab.Fabric;
using Ipsec.Lab.Netns;
using Ipsec.Lab.Topology;
using Ipsec.Net;
using Microsoft.Extensions.Logging;

namespace Ipsec.EndpointHost.Netns;

/// <summary>
/// One of our own nodes in its namespace: the same as <c>run</c> starts, with its control socket, in this process. What takes time is done one after the other beside the
/// lab's turn.
/// </summary>
sealed class NetnsNode : INetnsNode, INodeFactory
{
    readonly NodeSurroundings _surroundings;
    readonly RunOptions _options;
    readonly HostClock _clock = new(TimeProvider.System);
    readonly EventHub _events = new();
    readonly ILoggerFactory _log;
    readonly NodeHost _host;
    EndpointStatus? _status;
    EndpointStatus? _last;
    ControlServer? _control;
    readonly WorkInOrder _work = new();
    volatile bool _isOpen;

    /// <exception cref="UserErrorException">The file has changed and is at fault now.</exception>
    public NetnsNode(NodeSurroundings surroundings)
    {
        (_surroundings, Definition) = (surroundings, surroundings.Definition);
        _options = new RunOptions(surroundings.File, Definition.Name, Definition.Instance, TunName: NamespacePlan.Tunnel, KeyLogDirectory: surroundings.KeyFolder);
        OuterAddress = Definition.OuterAddress;
        Machine = LifecycleOutput.NameOf(Definition.Instance);
        Diagnostics = new InstanceDiagnostics(Definition.Name);
        _log = LoggerFactory.Create(logging => logging.AddProvider(new FileLogProvider(Path.Combine(surroundings.OutputFolder, $"{Label}.log"))));
        var services = new NodeServices(_clock, Publish, surroundings.Metrics, _log.CreateLogger(Label));
        _host = new NodeHost(NodeFile.Load(_options), this, services, TimeProvider.System);
    }

    public string Label => _surroundings.Label;
    public NodeDefinition Definition { get; private set; }
    public IpAddress OuterAddress { get; private set; }
    public string Machine { get; set; }
    public bool IsOff { get; private set; }
    public bool IsClosed { get; private set; }
    public InstanceDiagnostics Diagnostics { get; }

    /// <summary>As it was when the lab's turn first asked.</summary>
    public EndpointStatus Status => _status ??= Seat.GetStatusAsync().GetAwaiter().GetResult();

    public int MachineIndex { get; private set; }

    public bool IsServing => _isOpen;

    public Exception? Failure => _work.Failure;

    NodeSeat Seat => _host.Seats[0];

    public void Start() => _work.Add(async () =>
    {
        _host.Open();
        _control = await ControlServer.StartAsync(ControlPaths.Default(_host.Topology, Definition.Name, Definition.Instance),
            new NodeControl(_host, _events, TimeProvider.System, _clock.Now.Utc, ReloadAsync, Gateway()));
        await _host.StartAsync();
    });

    public void Stop()
    {
        _last = Status;
        IsOff = true;
        IsClosed = false;
        _work.Add(() => Seat.LeaveAsync(FailoverKind.Unplanned));
        _surroundings.Changed();
    }

    public void Restart()
    {
        IsOff = false;
        int machine = Machine == LifecycleOutput.NameOf(0) ? 0 : 1;
        _work.Add(() => Seat.TakeOverAsync(machine));
        _surroundings.Changed();
    }

    public void Shutdown() => _work.Add(async () =>
    {
        await Seat.ShutdownAsync();
        _surroundings.Post(() => IsClosed = true);
    });

    public void Command(Func<IpsecEndpoint, Instant, CommandResult> command, Action<CommandResult> completed)
    {
        NodeRuntime? runtime = Seat.Runtime;
        if (runtime is null)
            completed(CommandResult.Refused($"No machine serves {Label}."));
        else
            _ = CommandAsync(runtime, command, completed);
    }

    async Task CommandAsync(NodeRuntime runtime, Func<IpsecEndpoint, Instant, CommandResult> command, Action<CommandResult> completed)
    {
        CommandResult result;
        try
        {
            result = await runtime.CommandAsync(command);
        }
        catch (OperationCanceledException)
        {
            result = CommandResult.Refused($"{Label} is stopping.");
        }
        _surroundings.Post(() => completed(result));
    }

    /// <summary>The file is read again: what is run has keys of its own.</summary>
    public void Reload(NodeDefinition definition)
    {
        Definition = definition;
        _work.Add(() => _host.ReloadAsync(NodeFile.Load(_options)));
    }

    public void ChangeAddress(IpAddress address) => OuterAddress = address;

    public void Forget() => _status = null;

    public void Dispose()
    {
        _work.Completion.Wait();
        _control?.DisposeAsync().AsTask().Wait();
        _host.Dispose();
        _events.Complete();
        _log.Dispose();
    }

    NodeRuntime INodeFactory.Open(NodeSetup setup, int machine, NodeServices services)
    {
        // An instance of two has its own machine always; where one address moves, the machine is a namespace of two.
        MachineIndex = _surroundings.Machines.Count == 1 ? 0 : machine;
        _surroundings.Arrive(this).GetAwaiter().GetResult();
        if (OuterAddress != Definition.OuterAddress)
            setup = setup with { Endpoint = NodeFile.Rehome(setup.Endpoint, Definition, OuterAddress) };
        string name = LifecycleOutput.NameOf(machine);
        Action<System.Collections.Immutable.ImmutableArray<IpPrefix>> routed = services.Routed;
        _surroundings.Post(() => Diagnostics.Started(setup.Endpoint, name, _clock.Now));
        NodeRuntime runtime = NodeRuntime.Open(_options, setup, services with
        {
            Scope = NamespaceScope.Of(_surroundings.Machines[MachineIndex].Name),
            Routed = routes =>
            {
                routed(routes);
                Instant now = _clock.Now;
                _surroundings.Post(() => Diagnostics.Follow(new InnerRoutesChanged(routes), name, now));
            },
        });
        _isOpen = true;
        _surroundings.Changed();
        return runtime;
    }

    void INodeFactory.Closed(NodeSetup setup, int machine)
    {
        _isOpen = false;
        Instant now = _clock.Now;
        _surroundings.Post(() => Diagnostics.Stopped(_last ?? Status, LifecycleOutput.NameOf(machine), now));
        _surroundings.Changed();
    }

    /// <summary>On the engine's thread.</summary>
    void Publish(TimedEvent occurred)
    {
        _events.Publish(occurred);
        Instant now = _clock.Now;
        string machine = LifecycleOutput.NameOf(Seat.Machine);
        _surroundings.Post(() =>
        {
            Diagnostics.Follow(new EndpointEvent(occurred.Event), machine, now);
            if (IsOff)
                return;
            if (occurred.Event is ChildSaEstablished or ChildSaClosed)
                _surroundings.Changed();
            Forget();
            _surroundings.Run.Occurs(this, occurred.Event);
        });
    }

    /// <summary>Whose machines are the lab's: it knows of every failover.</summary>
    LabAccess Gateway() => new(Definition.Name, _surroundings.Run, new LabInbox(_surroundings.Post));

    async Task<UserErrorException?> ReloadAsync()
    {
        try
        {
            await _host.ReloadAsync(NodeFile.Load(_options));
            return null;
        }
        catch (UserErrorException error)
        {
            return error;
        }
    }
}
