using System.Collections.Immutable;
using Ipsec.Azure;
using Ipsec.Azure.Resources;
using Ipsec.Lab.Diagnosis;

namespace Ipsec.Lab.Explanation.Traffic;

/// <summary>
/// Which places have a link at all: connections, peerings and circuits, whatever they carry. Packets do not follow it; it is for the words about a way
/// that is not there, because a missing route and a missing connection are mended in different places.
/// </summary>
sealed class TrafficLinks
{
    readonly TrafficWorld _world;
    readonly SortedDictionary<string, List<(Place To, string Connection)>> _connections = new(StringComparer.Ordinal);
    readonly Dictionary<Place, List<Place>> _neighbours = [];

    public TrafficLinks(TrafficWorld world)
    {
        _world = world;
        foreach (ForeseenConnection foreseen in world.Foreseen)
        {
            if (foreseen.Right is Party right)
                Connect(foreseen.Left, right);
        }
        foreach (VirtualNetworkPeering peering in Azure.VirtualNetworkPeerings)
            Link(Place.Network(peering.VirtualNetwork), Place.Network(peering.RemoteVirtualNetwork));
        foreach (GatewayConnection connection in Azure.Connections.Where(connection => connection.Peer is not null))
        {
            foreach (string site in world.Sites.Where(site => world.CircuitOf(Place.Site(site)) == connection.Peer))
                Link(Place.Site(site), Place.Network(world.Azure.NetworkOf(connection.VirtualNetworkGateway1)));
        }
    }

    AzureEnvironment Azure => _world.Model.Azure;

    /// <summary>Connections that lead from a gateway or device right to a place, by name.</summary>
    public ImmutableArray<string> From(string node, Place to) =>
        _connections.TryGetValue(node, out List<(Place To, string Connection)>? links)
            ? [.. links.Where(link => link.To == to).Select(link => link.Connection).Distinct()] : [];

    /// <summary>The network whose gateways a network uses: its own, or that of its hub; null where it uses none.</summary>
    public string? GatewayNetworkOf(string network)
    {
        string owner = Azure.FindTransitNetworkOf(network)?.Name ?? network;
        return Azure.VirtualNetworkGateways.Any(gateway => gateway.VirtualNetwork == owner) ? owner : null;
    }

    /// <summary>The networks that are peered with a network, in both directions.</summary>
    public IEnumerable<string> PeersOf(string network) => Azure.VirtualNetworkPeerings
        .Where(peering => peering.VirtualNetwork == network && Azure.FindOpposite(peering) is not null).Select(peering => peering.RemoteVirtualNetwork);

    /// <summary>What lies between two places on the shortest way over any links; null where there is no way, empty where they are neighbours.</summary>
    public ImmutableArray<Place>? Between(Place from, Place to)
    {
        Dictionary<Place, Place> cameFrom = new() { [from] = from };
        Queue<Place> open = new([from]);
        while (open.TryDequeue(out Place place))
        {
            foreach (Place next in _neighbours.GetValueOrDefault(place, []))
            {
                if (!cameFrom.TryAdd(next, place))
                    continue;
                if (next == to)
                    return Trace(cameFrom, from, to);
                open.Enqueue(next);
            }
        }
        return null;
    }

    static ImmutableArray<Place> Trace(Dictionary<Place, Place> cameFrom, Place from, Place to)
    {
        Stack<Place> between = new();
        for (Place place = cameFrom[to]; place != from; place = cameFrom[place])
            between.Push(place);
        return [.. between];
    }

    void Connect(Party left, Party right)
    {
        Place here = _world.PlaceOf(_world.Node(left.Name));
        Place there = _world.PlaceOf(_world.Node(right.Name));
        Link(here, there);
        Add(left, there);
        Add(right, here);
    }

    void Add(Party party, Place to)
    {
        string node = _world.Node(party.Name).Definition.Name;
        if (!_connections.TryGetValue(node, out List<(Place To, string Connection)>? links))
            _connections.Add(node, links = []);
        links.Add((to, party.Connection.Name.Split('/')[0]));
    }

    void Link(Place one, Place other)
    {
        foreach ((Place from, Place to) in new[] { (one, other), (other, one) })
        {
            if (!_neighbours.TryGetValue(from, out List<Place>? neighbours))
                _neighbours.Add(from, neighbours = []);
            if (!neighbours.Contains(to))
                neighbours.Add(to);
        }
    }
}
