using System.Collections.Immutable;
using Ipsec.Azure.Instances;
using Ipsec.Ike;
using Ipsec.Lab.Fabric;
using Ipsec.Lab.Topology;

namespace Ipsec.Lab.Run;

/// <summary>What people do to a lab that runs. Called within the lab's own turn.</summary>
public sealed partial class LabRun
{
    /// <summary>The file as it is now.</summary>
    public TopologyModel Model => _model;

    /// <summary>The nodes with a name, by instance; none for a name that is not there.</summary>
    public ImmutableArray<ILabNode> NodesOf(string name) => [.. _fabric.Nodes.Where(node => node.Definition.Name == name)];

    /// <summary>The machine behind an instance of a gateway goes away; a reset is a planned one (reference §4.10).</summary>
    /// <param name="instance">Null is the first.</param>
    public CommandResult Fail(string gateway, FailoverKind kind, int? instance) => WithGateway(gateway, instances => instances.Fail(kind, instance));

    /// <summary>Both machines of a gateway reboot, one after the other.</summary>
    public CommandResult Maintain(string gateway) => WithGateway(gateway, instances => instances.Maintain());

    /// <summary>No failover of the gateway is under way.</summary>
    public bool IsSettled(string gateway) => !_gateways.TryGetValue(gateway, out GatewayInstances? instances) || instances.IsSettled;

    /// <summary>
    /// Takes over a changed file: its resources, its sites' connections and keys. Tunnels that did not change keep their SAs. What a lab that runs cannot
    /// change is
    /// refused, and then nothing has changed.
    /// </summary>
    public CommandResult Reload(TopologyModel model)
    {
        if (LabReload.FindFault(_model, model) is string fault)
            return CommandResult.Refused(fault);
        _model = model;
        foreach ((ILabNode node, NodeDefinition definition) in _fabric.Nodes.Zip(model.Nodes))
            node.Reload(definition);
        _fabric.Reload(model);
        _foresight.Reload(model);
        WatchConnections();
        return CommandResult.Success;
    }

    /// <summary>A connection that is on the same nodes as before keeps what is known about it.</summary>
    void WatchConnections()
    {
        string[] names = [.. _fabric.Nodes.SelectMany(node => node.Definition.Endpoint.Tunnels).Select(tunnel => tunnel.Connection.Name).Distinct()];
        foreach (string gone in _connections.Keys.Except(names).ToArray())
            _connections.Remove(gone);
        foreach (string name in names)
        {
            ImmutableArray<ILabNode> nodes = [.. _fabric.Nodes.Where(node => ConnectionWatch.ConfigurationOf(node, name) is not null)];
            if (!_connections.TryGetValue(name, out ConnectionWatch? watch) || !watch.Nodes.SequenceEqual(nodes))
                _connections[name] = new ConnectionWatch(name, nodes);
        }
    }

    CommandResult WithGateway(string name, Func<GatewayInstances, CommandResult> command)
    {
        if (_gateways.TryGetValue(name, out GatewayInstances? instances))
            return command(instances);
        string known = _gateways.Count == 0 ? "none" : string.Join(", ", _gateways.Keys.Order(StringComparer.Ordinal));
        return CommandResult.Refused($"{name} is no Azure gateway of this lab; it has {known}.");
    }
}
