using System.Collections.Immutable;
using Ipsec.Lab.Fabric;
using Ipsec.Lab.Hosts;
using Ipsec.Lab.Inner;
using Ipsec.Lab.Network;
using Ipsec.Lab.Topology;
using Ipsec.Net;

namespace Ipsec.Lab.Run;

/// <summary>A topology in memory: endpoints on a simulated IP network, virtual hosts behind them.</summary>
sealed class MemoryFabric : ILabFabric
{
    TopologyModel _model;
    readonly ulong _seed;
    readonly Scheduler _scheduler;
    readonly AzureFabric _azure;
    readonly SortedDictionary<string, VirtualHost> _hosts = new(StringComparer.Ordinal);

    /// <exception cref="ArgumentException">Two nodes or two hosts of a node share an address.</exception>
    public MemoryFabric(TopologyModel model, LabOptions options, LabRun run)
    {
        _model = model;
        _seed = options.Seed;
        _scheduler = run.Scheduler;
        var observer = new NetworkObserver(_scheduler, options.Recorder, run.Tell);
        Outer = new OuterNetwork(_scheduler, options.Seed, observer, options.Nat);
        _azure = new AzureFabric(model.Azure, _scheduler, observer, new SeededRandomSource(options.Seed, "azure"));
        Nodes = CreateNodes(model, options, observer, new NodeEvents(run, options.Recorder));
    }

    public string Name => "memory";
    public TimeSpan EchoTimeout => TimeSpan.FromSeconds(1);
    public ImmutableArray<LabNode> Nodes { get; }
    public IReadOnlyDictionary<string, VirtualHost> Hosts => _hosts;
    public OuterNetwork Outer { get; }

    ImmutableArray<ILabNode> ILabFabric.Nodes => ImmutableArray<ILabNode>.CastUp(Nodes);

    public ILabHost Host(string name) => _hosts[name];

    public void TakeIn()
    {
    }

    public void SetWire(string wire, WireState state)
    {
        LabNode? node = Nodes.FirstOrDefault(node => node.Label == wire);
        Wire changed = node?.Wire ?? CircuitOf(wire).Wire;
        (changed.Loss, changed.ExtraDelay) = (state.Loss, state.ExtraDelay);
        // A circuit is down or up by its own cut.
        if (node is not null)
            changed.IsDown = state.IsDown;
    }

    public void CutCircuit(string circuit, TimeSpan duration) => CircuitOf(circuit).Cut(duration);

    public void RebindNat(ILabNode node) => Outer.NatOf(node.Definition)?.Rebind();

    public void Reload(TopologyModel model)
    {
        _model = model;
        _azure.Reload(model.Azure);
    }

    public void ChangeAddress(ILabNode node, IpAddress address)
    {
        var moving = (LabNode)node;
        Outer.Move(moving.Definition, moving.OuterAddress, address, moving.Wire!);
        moving.ChangeAddress(address);
    }

    public void Dispose()
    {
        foreach (LabNode node in Nodes)
            node.Dispose();
    }

    Circuit CircuitOf(string name) => _azure.Circuits.Single(circuit => circuit.Name == name);

    ImmutableArray<LabNode> CreateNodes(TopologyModel model, LabOptions options, NetworkObserver observer, NodeEvents events)
    {
        var names = new TopologyNames(model.Names, PublicAddressesOf);
        var sites = new SortedDictionary<string, SiteNetwork>(StringComparer.Ordinal);
        ImmutableArray<LabNode>.Builder nodes = ImmutableArray.CreateBuilder<LabNode>();
        foreach (NodeDefinition definition in model.Nodes)
        {
            string label = model.LabelOf(definition);
            SiteNetwork? site = definition.Lan is string lan ? SiteOf(lan) : null;
            Action<byte[]> deliver = site is null ? packet => _azure.NetworkOf(definition.Name).ReceiveFromGateway(packet, definition.Name)
                : site.ReceiveFromOutside;
            var node = new LabNode(label, definition, _scheduler, options, life =>
                new SeededRandomSource(options.Seed, life == 0 ? $"node {label}" : $"node {label} life {life}"),
                emitKeys: options.Recorder is not null, deliver, names, events);
            node.Wire = Outer.Join(label, definition, model.Wires, node.ReceiveOuter);
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
                sites.Add(lan, known = new SiteNetwork($"{lan} inside", _scheduler, observer, new SeededRandomSource(options.Seed, $"site {lan}")));
            return known;
        }
    }

    Circuit JoinCircuit(string name, NodeDefinition site, SiteNetwork network, NetworkObserver observer)
    {
        WireDefinition conditions = _model.Wires.FirstOrDefault(wire => wire.Node == name) ?? new WireDefinition { Node = name };
        var wire = new Wire(name, conditions, _scheduler, new SeededRandomSource(_seed, $"wire {name}"), observer)
        {
            Near = network.ReceiveFromOutside,
            Far = packet => _azure.ReceiveFromCircuit(name, packet),
        };
        var circuit = new Circuit(name, wire, _scheduler, _model.Azure.Emulation.ExpressRouteConvergence, _azure.Announce);
        _azure.Attach(circuit, site);
        return circuit;
    }

    IEnumerable<IpAddress> PublicAddressesOf(string name) => Nodes
        .Where(node => node.Definition.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        .SelectMany(node => node.Definition.NatAddress is IpAddress nat ? [nat]
            : (IEnumerable<IpAddress>)[node.OuterAddress, .. node.Definition.AdditionalAddresses]);
}
