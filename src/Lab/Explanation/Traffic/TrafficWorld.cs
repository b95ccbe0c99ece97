using System.Collections.Immutable;
using Ipsec.Azure.Routing;
using Ipsec.Lab.Inner;
using Ipsec.Lab.Topology;
using Ipsec.Net;

namespace Ipsec.Lab.Explanation.Traffic;

/// <summary>
/// A topology as packets see it while nothing fails: the tables of the memory fabric and of its endpoints, with the child SAs that are foreseen.
/// </summary>
sealed class TrafficWorld
{
    readonly SortedDictionary<string, TrafficNode> _nodes = new(StringComparer.Ordinal);
    readonly ILookup<string, TrafficNode> _sites;
    readonly ILookup<string, TrafficNode> _gateways;
    readonly SortedDictionary<string, (string Lan, TrafficNode Node)> _circuits = new(StringComparer.Ordinal);
    readonly HashSet<(Place, IpAddress)> _hosts;

    public TrafficWorld(TopologyModel model, ImmutableArray<ForeseenConnection> foreseen)
    {
        Model = model;
        Foreseen = foreseen;
        foreach (NodeDefinition definition in model.Nodes)
        {
            string label = PeerFile.Label(model, definition);
            _nodes.Add(label, new TrafficNode(label, definition, foreseen));
        }
        TrafficNode[] inOrder = [.. model.Nodes.Select(definition => _nodes[PeerFile.Label(model, definition)])];
        _sites = inOrder.Where(node => node.Definition.Lan is not null).ToLookup(node => node.Definition.Lan!);
        _gateways = inOrder.Where(node => node.Definition.Lan is null).ToLookup(node => node.Definition.Name);
        foreach (TrafficNode node in inOrder.Where(node => node.Definition is { Lan: not null, ExpressRouteCircuit: not null }))
            _circuits[node.Definition.ExpressRouteCircuit!] = (node.Definition.Lan!, node);
        Azure = new AzureRoutes(model.Azure, new GatewayRouteSources
        {
            Circuits = [.. _circuits.Select(one => new CircuitAnnouncement(one.Key, one.Value.Node.Definition.Name, one.Value.Node.Definition.InnerNetworks))],
        });
        _hosts = [.. model.Hosts.Select(host => (PlaceOf(host.Network), host.Address))];
    }

    public TopologyModel Model { get; }
    public ImmutableArray<ForeseenConnection> Foreseen { get; }
    public AzureRoutes Azure { get; }
    public IEnumerable<TrafficNode> Nodes => _nodes.Values;
    public IEnumerable<string> Sites => _sites.Select(site => site.Key);

    /// <summary>The place of a host by what the file calls it: "hub/app" or "branch".</summary>
    public Place PlaceOf(string network) => _sites.Contains(network) ? Place.Site(network) : Place.Network(network.Split('/')[0]);

    /// <summary>Where the inner side of a node is.</summary>
    public Place PlaceOf(TrafficNode node) => node.Definition.Lan is string lan ? Place.Site(lan) : Place.Network(Azure.NetworkOf(node.Definition.Name));

    public TrafficNode Node(string label) => _nodes[label];

    public ImmutableArray<TrafficNode> DevicesOf(Place site) => [.. _sites[site.Name]];

    public ImmutableArray<TrafficNode> InstancesOf(string gateway) => [.. _gateways[gateway]];

    public string? CircuitOf(Place site) => _circuits.Where(one => one.Value.Lan == site.Name).Select(one => one.Key).LastOrDefault();

    public Place SiteOf(string circuit) => Place.Site(_circuits[circuit].Lan);

    public bool HasHost(Place place, IpAddress address) => _hosts.Contains((place, address));

    /// <summary>Somebody is at an address, for as long as packets to him are followed.</summary>
    public void Settle(Place place, IpAddress address) => _hosts.Add((place, address));
}
