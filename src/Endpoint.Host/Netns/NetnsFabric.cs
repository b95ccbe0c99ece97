using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using System.Runtime.ExceptionServices;
using Ipsec.EndpointHost.Telemetry;
using Ipsec.Lab.Fabric;
using Ipsec.Lab.Netns;
using Ipsec.Lab.Run;
using Ipsec.Lab.Topology;
using Ipsec.Net;
using Microsoft.Extensions.DependencyInjection;

namespace Ipsec.EndpointHost.Netns;

/// <summary>A topology on network namespaces of this machine. Nodes and hosts tell what happens from their own threads; it is taken in within the lab's turn.</summary>
sealed class NetnsFabric : ILabFabric
{
    TopologyModel _model;
    readonly NamespacePlan _plan;
    readonly LabNamespaces _namespaces;
    readonly LabRun _run;
    readonly LabRecord _record;
    readonly ImmutableArray<INetnsNode> _nodes;
    readonly SortedDictionary<string, NetnsHost> _hosts = new(StringComparer.Ordinal);
    readonly ConcurrentQueue<Action> _posted = new();
    readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    readonly Dictionary<string, WireState> _wires = new(StringComparer.Ordinal);
    readonly Dictionary<string, int> _machines = new(StringComparer.Ordinal);
    readonly SortedDictionary<IpAddress, int> _rebindings = [];
    readonly SortedSet<string> _cut = new(StringComparer.Ordinal);
    readonly SortedSet<string> _withdrawn = new(StringComparer.Ordinal);
    volatile bool _hasChanged = true;

    /// <param name="keyFolder">Where the nodes log their keys; null logs none.</param>
    public NetnsFabric(TopologyModel model, NamespacePlan plan, LabNamespaces namespaces, LabRun run, LabRecord record, string? keyFolder)
    {
        (_model, _plan, _namespaces, _run, _record) = (model, plan, namespaces, run, record);
        _nodes = [.. model.Nodes.Select(node => Create(
            new NodeSurroundings(model.LabelOf(node), node, record.File, plan.Machines[model.LabelOf(node)], record.OutputFolder, keyFolder)
            {
                Run = run,
                Post = _posted.Enqueue,
                Changed = () => _hasChanged = true,
                Arrive = ArriveAsync,
                Metrics = new EndpointMetrics(_services.GetRequiredService<IMeterFactory>()),
            }))];
        foreach (HostDefinition host in model.Hosts)
            _hosts.Add(host.Name, new NetnsHost(plan.Hosts[host.Name].Name, host.Address, _posted.Enqueue));
    }

    INetnsNode Create(NodeSurroundings surroundings) =>
        surroundings.Definition.Program == NodeProgram.StrongSwan ? new StrongSwanNode(_model, surroundings) : new NetnsNode(surroundings);

    public string Name => "netns";

    /// <summary>A busy machine may take its time to start a program and to carry its packet.</summary>
    public TimeSpan EchoTimeout => TimeSpan.FromSeconds(3);

    public ImmutableArray<ILabNode> Nodes => ImmutableArray<ILabNode>.CastUp(_nodes);

    /// <summary>Puts the wires into the state that the file describes, and opens the hosts. Before the lab starts.</summary>
    public async Task PrepareAsync()
    {
        foreach (string wire in _plan.Machines.Keys.Concat(_plan.Circuits.Keys))
        {
            foreach ((PlannedInterface end, string discipline) in NamespaceText.Disciplines(_plan, wire, ConditionsOf(wire), TimeSpan.Zero))
                await IpCommands.RequireAsync("tc", ["-n", end.Namespace, .. discipline.Split(' ')]);
        }
        foreach (string router in _plan.Machines.Keys.Concat(_plan.Circuits.Keys).SelectMany(wire => _plan.WireEnds(wire)).Select(end => end.Namespace).Distinct().ToArray())
            await LoadWiresAsync(router);
        await SetRoutesAsync();
        foreach (NetnsHost host in _hosts.Values)
            host.Start();
    }

    public ILabHost Host(string name) => _hosts[name];

    public void TakeIn()
    {
        foreach (INetnsNode node in _nodes)
        {
            node.Forget();
            if (node.Failure is Exception failure)
                ExceptionDispatchInfo.Throw(failure);
        }
        while (_posted.TryDequeue(out Action? action))
            action();
        if (!_hasChanged)
            return;
        _hasChanged = false;
        SetRoutesAsync().GetAwaiter().GetResult();
    }

    public void SetWire(string wire, WireState state)
    {
        WireState before = _wires.GetValueOrDefault(wire);
        _wires[wire] = state;
        foreach (string router in _plan.WireEnds(wire).Select(end => end.Namespace).Distinct())
            LoadWiresAsync(router).GetAwaiter().GetResult();
        if (before.ExtraDelay == state.ExtraDelay)
            return;
        foreach ((PlannedInterface end, string discipline) in NamespaceText.Disciplines(_plan, wire, ConditionsOf(wire), state.ExtraDelay))
            IpCommands.RequireAsync("tc", ["-n", end.Namespace, .. discipline.Split(' ')]).GetAwaiter().GetResult();
    }

    public void CutCircuit(string circuit, TimeSpan duration)
    {
        SetCut(circuit, isCut: true);
        _run.After(duration, () => SetCut(circuit, isCut: false));
    }

    public void RebindNat(ILabNode node)
    {
        if (node.Definition.NatAddress is not IpAddress address)
            return;
        int count = _rebindings[address] = _rebindings.GetValueOrDefault(address) + 1;
        string space = _plan.Nats[address].Name;
        IpCommands.LoadRulesAsync(space, FilterText.Nat(address, count)).GetAwaiter().GetResult();
        ConnectionTracking.Flush(NamespaceScope.Of(space));
    }

    public void Reload(TopologyModel model)
    {
        _model = model;
        _hasChanged = true;
    }

    public void ChangeAddress(ILabNode node, IpAddress address)
    {
        var moving = (INetnsNode)node;
        var own = new PlannedInterface(_plan.Machines[node.Label][moving.MachineIndex].Name, NamespacePlan.Outer);
        var (from, to) = (new PlannedAddress(own, moving.OuterAddress), new PlannedAddress(own, address));
        moving.ChangeAddress(address);
        // The way to it is there first: the node answers to the change at once.
        SetRoutesAsync().GetAwaiter().GetResult();
        LabNamespaces.MoveAddressAsync(from, to).GetAwaiter().GetResult();
    }

    public void Dispose()
    {
        foreach (INetnsNode node in _nodes)
            node.Dispose();
        foreach (NetnsHost host in _hosts.Values)
            host.Dispose();
        _services.Dispose();
    }

    /// <summary>The machine that is to serve a node has its addresses, and the one before has them no more.</summary>
    async Task ArriveAsync(INetnsNode node)
    {
        int machine = node.MachineIndex;
        if (_machines.GetValueOrDefault(node.Label) is int before && before != machine)
        {
            foreach (IpAddress address in (IpAddress[])[node.OuterAddress, .. node.Definition.AdditionalAddresses])
            {
                PlannedAddress At(int index) => new(new PlannedInterface(_plan.Machines[node.Label][index].Name, NamespacePlan.Outer), address);
                await LabNamespaces.MoveAddressAsync(At(before), At(machine));
            }
            _machines[node.Label] = machine;
        }
        _posted.Enqueue(() =>
        {
            _record.Nodes[node.Label] = _plan.Machines[node.Label][machine].Name;
            _record.Write();
        });
        _hasChanged = true;
    }

    void SetCut(string circuit, bool isCut)
    {
        if (isCut)
            _cut.Add(circuit);
        else
            _cut.Remove(circuit);
        LoadWiresAsync(_plan.Circuits[circuit].Name).GetAwaiter().GetResult();
        _run.After(_model.Azure.Emulation.ExpressRouteConvergence, () =>
        {
            if (_cut.Contains(circuit) != isCut)
                return;
            if (isCut)
                _withdrawn.Add(circuit);
            else
                _withdrawn.Remove(circuit);
            _hasChanged = true;
        });
    }

    Task SetRoutesAsync() => _namespaces.SetRoutesAsync(RoutePlan.Of(_model, _plan, new FabricState([.. _nodes.Select(Describe)], [.. _withdrawn])));

    static FabricNode Describe(INetnsNode node) => new(node.Definition, node.OuterAddress, node.MachineIndex, node.IsServing && !node.IsOff,
        [.. node.Status.Tunnels.Where(tunnel => !tunnel.ChildSas.IsEmpty).Select(tunnel => tunnel.Connection)]);

    /// <summary>Loss and cuts of all wires that end at a router.</summary>
    Task LoadWiresAsync(string router)
    {
        var wires = from wire in _plan.Machines.Keys.Concat(_plan.Circuits.Keys)
                    from end in _plan.WireEnds(wire)
                    where end.Namespace == router
                    let state = _wires.GetValueOrDefault(wire)
                    select (end.Name, state.IsDown || _cut.Contains(wire), state.Loss ?? ConditionsOf(wire).Loss);
        return IpCommands.LoadRulesAsync(router, FilterText.Wires(wires));
    }

    WireDefinition ConditionsOf(string wire)
    {
        string name = _model.Nodes.FirstOrDefault(node => _model.LabelOf(node) == wire)?.Name ?? wire;
        return _model.Wires.FirstOrDefault(one => one.Node == name) ?? new WireDefinition { Node = name };
    }
}
