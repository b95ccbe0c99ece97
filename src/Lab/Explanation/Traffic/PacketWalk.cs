using System.Collections.Immutable;
using Ipsec.Azure.Routing;
using Ipsec.Esp;
using Ipsec.Ike.Outputs;
using Ipsec.Lab.Network;
using Ipsec.Net;

namespace Ipsec.Lab.Explanation.Traffic;

/// <summary>
/// Follows one packet through the tables of the lab, hop by hop, as <see cref="Inner.VirtualNetworkRouter"/>, <see cref="Inner.SiteNetwork"/> and the
/// data paths of the endpoints would carry it. Address translation is done to the packet's own octets.
/// </summary>
/// <param name="world">Where it goes.</param>
/// <param name="choices">Which way a flow takes where there are several.</param>
/// <param name="traces">What the request has left for its reply.</param>
/// <param name="obstacles">Knows why a way ends.</param>
sealed class PacketWalk(TrafficWorld world, Choices choices, TripTraces traces, TrafficObstacles obstacles)
{
    readonly List<string> _way = [];

    /// <summary>What must have happened before, where it does not come through otherwise.</summary>
    public Reason? Condition { get; private set; }

    /// <summary>What carried it: tunnels, peerings and circuits, in order.</summary>
    public ImmutableArray<string> Way => [.. _way];

    /// <summary>From a host of a place to wherever it comes.</summary>
    public Arrival Send(Place from, byte[] packet)
    {
        IpAddress destination = Destination(packet);
        if (world.HasHost(from, destination))
            return new Arrival(from, packet);
        if (!Forwarding.TryDecrementHopLimit(packet))
            return End(obstacles.Loop());
        return from.IsSite ? LeaveSite(from, packet, destination) : LeaveNetwork(from, packet, destination);
    }

    Arrival LeaveSite(Place site, byte[] packet, IpAddress destination)
    {
        TrafficNode device = choices.Take(Able(world.DevicesOf(site), destination));
        if (world.CircuitOf(site) is string circuit && Announced(circuit, destination) is int length && length >= (device.RouteLength(destination) ?? -1))
            return OverCircuit(circuit, packet, destination);
        return IntoNode(device, packet, destination);
    }

    Arrival LeaveNetwork(Place network, byte[] packet, IpAddress destination)
    {
        switch (world.Azure.Of(network.Name).Lookup(destination))
        {
            case { NextHopType: RouteNextHopType.VnetLocal }:
                return End(obstacles.Nobody(network, destination));
            case { NextHopType: RouteNextHopType.VNetPeering, NextHop: string peer }:
                _way.Add($"peering {network}-{peer}");
                return Deliver(Place.Network(peer), packet, destination);
            case { NextHopType: RouteNextHopType.VirtualNetworkGateway, NextHop: string gateway }:
                return IntoGateway(network, gateway, packet, destination);
            case { NextHopType: RouteNextHopType.None } blocked:
                return End(obstacles.AccessDenied(network, blocked.NextHop));
            default:
                return End(obstacles.NoRoute(network, destination));
        }
    }

    Arrival IntoGateway(Place network, string gateway, byte[] packet, IpAddress destination)
    {
        if (world.Azure.NetworkOf(gateway) is string owner && owner != network.Name)
            _way.Add($"gateway transit {network}-{owner}");
        if (world.Azure.CircuitTo(gateway, destination) is string circuit)
        {
            _way.Add($"circuit {circuit}");
            return Deliver(world.SiteOf(circuit), packet, destination);
        }
        ImmutableArray<TrafficNode> instances = world.InstancesOf(gateway);
        return instances.IsEmpty ? End(obstacles.NoRoute(network, destination)) : IntoNode(choices.Take(Able(instances, destination)), packet, destination);
    }

    Arrival OverCircuit(string circuit, byte[] packet, IpAddress destination)
    {
        _way.Add($"circuit {circuit}");
        return world.Azure.ReceiverOf(circuit, destination) is string gateway ? OutOfGateway(gateway, packet, destination) : End(obstacles.Loop());
    }

    /// <summary>
    /// Which of several nodes a flow may take: those that have a tunnel up for where it goes, otherwise all (<see cref="Inner.FlowSpread"/>).
    /// </summary>
    static ImmutableArray<TrafficNode> Able(ImmutableArray<TrafficNode> nodes, IpAddress destination)
    {
        ImmutableArray<TrafficNode> able = [.. nodes.Where(node => node.IsUpFor(destination))];
        return able.IsEmpty ? nodes : able;
    }

    int? Announced(string circuit, IpAddress destination) =>
        world.Azure.AnnouncedOver(circuit).Where(prefix => prefix.Contains(destination)).Select(prefix => (int?)prefix.Length).Max();

    Arrival IntoNode(TrafficNode node, byte[] packet, IpAddress destination) => node.Lookup(destination, out ImmutableArray<string> tunnels) == RouteKind.Tunnel
        ? Seal(node, node.Tunnel(choices.Take(tunnels)), packet, null)
        : End(obstacles.NoTunnel(node, destination));

    /// <param name="from">The tunnel that it came out of, and who is at its other end.</param>
    Arrival Seal(TrafficNode node, TrafficTunnel tunnel, byte[] packet, (string Tunnel, string Peer)? from)
    {
        if (tunnel.WhyUnknown is string unknown)
            return End(obstacles.NotForeseen(tunnel, unknown));
        if (!Translation(node, tunnel).TryOutbound(packet))
            return End(obstacles.NotTranslated(node, tunnel));
        IpPacket.TryParse(packet, out IpPacket view);
        ImmutableArray<TrafficSa> fitting = tunnel.Select(view);
        if (fitting.IsEmpty)
            return End(tunnel.Sas.IsEmpty ? obstacles.Down(node, tunnel) : obstacles.NotSelected(node, tunnel, view.Source, view.Destination));
        TrafficSa sa = choices.Take(fitting);
        if (from is (string before, string sender) && before == tunnel.Name && sender == sa.Peer)
            return End(obstacles.Hairpin(node, tunnel, view.Destination));
        if (sa.WaitsForPeer && !traces.Woken.Contains((node.Label, tunnel.Name)))
            Condition ??= obstacles.WaitsForPeer(tunnel, sa.Peer);
        traces.Woken.Add((sa.Peer, sa.PeerTunnel));
        _way.Add(tunnel.Name);
        return Open(world.Node(sa.Peer), sa.PeerTunnel, (sa.PeerTunnel, node.Label), packet);
    }

    Arrival Open(TrafficNode node, string tunnel, (string Tunnel, string Peer) from, byte[] packet)
    {
        if (!Translation(node, node.Tunnel(tunnel)).TryInbound(packet))
            return End(obstacles.NotTranslated(node, node.Tunnel(tunnel)));
        IpAddress destination = Destination(packet);
        switch (node.Lookup(destination, out ImmutableArray<string> tunnels))
        {
            case RouteKind.Local:
                return node.Definition.Lan is string lan
                    ? Deliver(Place.Site(lan), packet, destination)
                    : OutOfGateway(node.Definition.Name, packet, destination);
            case RouteKind.Tunnel when !node.Definition.Endpoint.Transit:
                return End(obstacles.NoTransit(node, tunnel, tunnels, destination));
            case RouteKind.Tunnel when Forwarding.TryDecrementHopLimit(packet):
                return Seal(node, node.Tunnel(choices.Take(tunnels)), packet, from);
            case RouteKind.Tunnel:
                return End(obstacles.Loop());
            default:
                return End(obstacles.NotBehind(node, tunnel, destination));
        }
    }

    Arrival OutOfGateway(string gateway, byte[] packet, IpAddress destination)
    {
        if (world.Azure.NetworkBehind(gateway, destination) is not string network)
            return End(obstacles.NotBehindGateway(gateway, destination));
        if (network != world.Azure.NetworkOf(gateway))
            _way.Add($"gateway transit {world.Azure.NetworkOf(gateway)}-{network}");
        return Deliver(Place.Network(network), packet, destination);
    }

    Arrival Deliver(Place place, byte[] packet, IpAddress destination) =>
        world.HasHost(place, destination) ? new Arrival(place, packet) : End(obstacles.Nobody(place, destination));

    AddressTranslation Translation(TrafficNode node, TrafficTunnel tunnel)
    {
        if (!traces.Translations.TryGetValue((node.Label, tunnel.Name), out AddressTranslation? translation))
            traces.Translations.Add((node.Label, tunnel.Name), translation = new AddressTranslation(tunnel.Configuration.Nat));
        return translation;
    }

    static Arrival End(Reason obstacle) => new(obstacle);

    static IpAddress Destination(byte[] packet) => IpPacket.TryParse(packet, out IpPacket view) ? view.Destination : default;
}

/// <summary>What a round trip leaves in the nodes that it passes.</summary>
sealed class TripTraces
{
    /// <summary>By node and tunnel, with the flows of dynamic rules.</summary>
    public Dictionary<(string Node, string Tunnel), AddressTranslation> Translations { get; } = [];

    /// <summary>Tunnels, by node and name, whose other end has sent something.</summary>
    public HashSet<(string Node, string Tunnel)> Woken { get; } = [];
}

/// <summary>Where a packet came to.</summary>
sealed class Arrival
{
    public Arrival(Place place, byte[] packet) => (Place, Packet) = (place, packet);

    public Arrival(Reason obstacle) => Obstacle = obstacle;

    public Place Place { get; }

    /// <summary>As the host gets it; null where it ended before.</summary>
    public byte[]? Packet { get; }

    /// <summary>Why it ended; null where a host has it.</summary>
    public Reason? Obstacle { get; }
}
