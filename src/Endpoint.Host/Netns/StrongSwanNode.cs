using System.Collections.Immutable;
using Ipsec.Azure.Diagnostics;
using Ipsec.Azure.Instances;
using Ipsec.Endpoint;
using Ipsec.EndpointHost.Charon;
using Ipsec.EndpointHost.CommandLine;
using Ipsec.Ike;
using Ipsec.Ike.Outputs;
using Ipsec.Lab.Netns;
using Ipsec.Lab.StrongSwan;
using Ipsec.Lab.Topology;
using Ipsec.Net;

namespace Ipsec.EndpointHost.Netns;

/// <summary>A node of a lab on namespaces that strongSwan plays: a charon in each namespace that serves it, asked for its SAs again and again.</summary>
sealed class StrongSwanNode : INetnsNode
{
    /// <summary>Debian's packages of what it needs.</summary>
    const string Packages = "strongswan-charon strongswan-swanctl libstrongswan-standard-plugins libcharon-extra-plugins libstrongswan-extra-plugins";

    static readonly string[] Files =
    [
        CharonDaemon.Program, "/usr/sbin/swanctl", "/usr/lib/ipsec/plugins/libstrongswan-openssl.so", "/usr/lib/ipsec/plugins/libstrongswan-kernel-libipsec.so",
    ];

    readonly NodeSurroundings _surroundings;
    readonly StrongSwanPlan _plan;
    readonly int _number;
    readonly CharonInstance?[] _instances;
    readonly CancellationTokenSource _end = new();
    readonly WorkInOrder _work = new();
    Task _poll = Task.CompletedTask;
    volatile CharonInstance? _serving;
    EndpointStatus _status;

    public StrongSwanNode(TopologyModel topology, NodeSurroundings surroundings)
    {
        (_surroundings, Definition) = (surroundings, surroundings.Definition);
        OuterAddress = Definition.OuterAddress;
        Machine = LifecycleOutput.NameOf(Definition.Instance);
        Diagnostics = new InstanceDiagnostics(Definition.Name);
        _number = topology.Nodes.IndexOf(Definition);
        _plan = StrongSwanPlan.Create(topology, Definition);
        _instances = new CharonInstance?[surroundings.Machines.Count];
        _status = CharonStatus.Read(Definition.Name, _plan, null, ImmutableDictionary<string, ImmutableArray<Reason>>.Empty);
    }

    public string Label => _surroundings.Label;
    public NodeDefinition Definition { get; private set; }
    public IpAddress OuterAddress { get; private set; }
    public string Machine { get; set; }
    public bool IsOff { get; private set; }
    public bool IsClosed { get; private set; }
    public InstanceDiagnostics Diagnostics { get; }
    public int MachineIndex { get; private set; }
    public bool IsServing => _serving is not null;
    public Exception? Failure => _work.Failure;

    /// <summary>As charon last listed it.</summary>
    public EndpointStatus Status => _status;

    /// <summary>Before anything is made for the lab.</summary>
    /// <exception cref="UserErrorException">strongSwan is not on this machine, or cannot play the node.</exception>
    public static void Check(NodeDefinition node)
    {
        ImmutableArray<string> refused = StrongSwanPlan.WhyNot(node);
        if (!refused.IsEmpty)
            throw new UserErrorException(refused);
        if (Files.FirstOrDefault(file => !File.Exists(file)) is string missing)
            throw new UserErrorException($"strongSwan is to play {node.Name}, and {missing} is not there; on Debian: apt-get install {Packages}");
    }

    public void Start()
    {
        _work.Add(() => OpenAsync(Definition.Instance));
        _poll = PollAsync();
    }

    public void Stop()
    {
        IsOff = true;
        IsClosed = false;
        _work.Add(async () =>
        {
            CharonInstance? serving = _serving;
            _serving = null;
            await (serving?.KillAsync() ?? Task.CompletedTask);
            Take(CharonStatus.Read(Definition.Name, _plan, null, ImmutableDictionary<string, ImmutableArray<Reason>>.Empty));
        });
        _surroundings.Changed();
    }

    public void Restart()
    {
        IsOff = false;
        int machine = Machine == LifecycleOutput.NameOf(0) ? 0 : 1;
        _work.Add(() => OpenAsync(machine));
        _surroundings.Changed();
    }

    public void Shutdown() => _work.Add(async () =>
    {
        CharonInstance? serving = _serving;
        _serving = null;
        await (serving?.StopAsync() ?? Task.CompletedTask);
        Take(CharonStatus.Read(Definition.Name, _plan, null, ImmutableDictionary<string, ImmutableArray<Reason>>.Empty));
        _surroundings.Post(() => IsClosed = true);
    });

    public void Forget()
    {
    }

    /// <summary>charon sees for itself which addresses it has.</summary>
    /// <summary>Nothing of ours runs there.</summary>
    public void Command(Func<IpsecEndpoint, Instant, CommandResult> command, Action<CommandResult> completed) =>
        completed(CommandResult.Refused($"strongSwan plays {Label}: tell it by swanctl, in its namespace."));

    /// <summary>charon keeps the configuration with which the lab began.</summary>
    public void Reload(NodeDefinition definition) => Definition = definition;

    public void ChangeAddress(IpAddress address) => OuterAddress = address;

    public void Dispose()
    {
        _end.Cancel();
        _poll.Wait();
        _work.Completion.Wait();
        foreach (CharonInstance instance in _instances.OfType<CharonInstance>())
            instance.DisposeAsync().AsTask().Wait();
        _plan.Dispose();
        _end.Dispose();
    }

    async Task OpenAsync(int machine)
    {
        // An instance of two has its own machine always; where one address moves, the machine is a namespace of two.
        MachineIndex = _instances.Length == 1 ? 0 : machine;
        await _surroundings.Arrive(this);
        CharonInstance instance = _instances[MachineIndex] ??= NewInstance();
        await instance.StartAsync(Definition.Endpoint.Inner.Mtu);
        _serving = instance;
        _surroundings.Changed();
    }

    CharonInstance NewInstance()
    {
        string space = _surroundings.Machines[MachineIndex].Name;
        string output = _surroundings.OutputFolder;
        // A short name: the path of the socket in it has an end.
        string folder = Path.Combine(output, FormattableString.Invariant($"charon-{_number}-{MachineIndex}"));
        CharonDaemon daemon = new(space, folder, Path.Combine(output, $"{Label}.log"));
        return new CharonInstance(Label, _plan, daemon, new CharonRouting(space, NamespacePlan.Inside, _plan));
    }

    async Task PollAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            await Task.Delay(CharonInstance.PollInterval, _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_serving is not CharonInstance serving)
                continue;
            (EndpointStatus? status, ImmutableArray<IkeEvent> events) = await serving.PollAsync(Definition.Name);
            if (serving != _serving)
                continue;
            foreach (IkeEvent occurred in events)
                _surroundings.Post(() => _surroundings.Run.Occurs(this, occurred));
            if (status is not null)
                Take(status);
        }
    }

    /// <summary>Within the lab's turn, so that whoever sees a child SA finds the routes that follow it.</summary>
    void Take(EndpointStatus status) => _surroundings.Post(() =>
    {
        bool hasChanged = !Spis(status).SequenceEqual(Spis(_status));
        _status = status;
        if (hasChanged)
            _surroundings.Changed();
    });

    static IEnumerable<uint> Spis(EndpointStatus status) => status.Tunnels.SelectMany(tunnel => tunnel.ChildSas).Select(child => child.InboundSpi);
}
