using System.Collections.Immutable;
using Ipsec.Endpoint;
using Ipsec.Esp;
using Ipsec.Ike.Configuration;
using Ipsec.Lab.Topology;
using Ipsec.Net;

namespace Ipsec.Lab.Explanation.Traffic;

/// <summary>One endpoint with the child SAs that it will have.</summary>
sealed class TrafficNode
{
    readonly RouteForecast _routes;
    readonly ImmutableSortedDictionary<string, TrafficTunnel> _tunnels;

    public TrafficNode(string label, NodeDefinition definition, ImmutableArray<ForeseenConnection> foreseen)
    {
        Label = label;
        Definition = definition;
        _tunnels = definition.Endpoint.Tunnels.ToImmutableSortedDictionary(tunnel => tunnel.Connection.Name,
            tunnel => TrafficTunnel.Of(label, tunnel, foreseen), StringComparer.Ordinal);
        _routes = RouteForecast.Of(definition.Endpoint,
            [.. from tunnel in _tunnels.Values from sa in tunnel.Sas select new ForecastChildSa(tunnel.Name, sa.Child, [sa.Remote])]);
    }

    public string Label { get; }
    public NodeDefinition Definition { get; }
    public IEnumerable<TrafficTunnel> Tunnels => _tunnels.Values;

    /// <summary>The destinations that lead into tunnels.</summary>
    public ImmutableArray<IpPrefix> TunnelRoutes => _routes.InnerRoutes;

    public TrafficTunnel Tunnel(string name) => _tunnels[name];

    /// <summary>What the endpoint's own table does with an address.</summary>
    public RouteKind Lookup(IpAddress destination, out ImmutableArray<string> tunnels) => _routes.Lookup(destination, out tunnels);

    /// <summary>As the lab's routers see a node: a route-based tunnel for the address has a child SA.</summary>
    public bool IsUpFor(IpAddress destination) => Definition.Endpoint.Tunnels.Any(tunnel =>
        tunnel.Routes.Any(route => route.Prefix.Contains(destination)) && !_tunnels[tunnel.Connection.Name].Sas.IsEmpty);

    public int? RouteLength(IpAddress destination) => TunnelRoutes.Where(route => route.Contains(destination)).Select(route => (int?)route.Length).Max();
}

/// <summary>One tunnel of an endpoint.</summary>
/// <param name="WhyDown">Why it has no child SA, where it has none.</param>
/// <param name="WhyUnknown">Why only a run tells what it carries; null where the file tells.</param>
sealed record TrafficTunnel(string Name, TunnelConfiguration Configuration, ImmutableArray<TrafficSa> Sas, string WhyDown, string? WhyUnknown)
{
    public static TrafficTunnel Of(string node, TunnelConfiguration tunnel, ImmutableArray<ForeseenConnection> foreseen)
    {
        ConnectionConfiguration connection = tunnel.Connection;
        ForeseenConnection[] own = [.. foreseen.Where(one => one.IsOf(node, connection.Name))];
        return new TrafficTunnel(connection.Name, tunnel, [.. own.SelectMany(one => TrafficSa.Of(node, one))],
            own.FirstOrDefault(one => one.Sas.IsEmpty)?.WhyDown ?? "nobody is at its other end.",
            own.All(one => one.Right is null) ? "has its other end outside this file"
                : IsSettledLater(connection) ? "gets its addresses while it comes up" : null);
    }

    /// <summary>Virtual addresses, pools, transport mode.</summary>
    static bool IsSettledLater(ConnectionConfiguration connection) => !connection.VirtualIps.IsEmpty || !connection.Pools.IsEmpty
        || connection.Children.Any(child => child.Mode == ChildMode.Transport || !child.DynamicLocalSelectors.IsEmpty || !child.DynamicRemoteSelectors.IsEmpty);

    /// <summary>The child SAs that take a packet, of which the data path takes one: the most specific ones (RFC 4301 §4.4.1).</summary>
    public ImmutableArray<TrafficSa> Select(in IpPacket packet)
    {
        (IpAddress source, IpAddress destination, byte protocol) = (packet.Source, packet.Destination, packet.Protocol);
        bool hasPorts = packet.TryGetPorts(out ushort sourcePort, out ushort destinationPort);
        ImmutableArray<TrafficSa> fitting =
        [
            .. Sas.Where(sa => sa.Remote.Matches(destination, protocol, hasPorts ? destinationPort : null)
                && sa.Local.Matches(source, protocol, hasPorts ? sourcePort : null)),
        ];
        if (fitting.Any(sa => !sa.WaitsForPeer))
            fitting = [.. fitting.Where(sa => !sa.WaitsForPeer)];
        return [.. fitting.Where(sa => fitting.All(other => TrafficSa.CompareSpecificity(sa, other) <= 0))];
    }
}

/// <summary>One pair of selectors of a child SA, and who is at its other end.</summary>
/// <param name="WaitsForPeer">It is there once the peer has sent something, and not before.</param>
sealed record TrafficSa(string Child, TrafficSelector Local, TrafficSelector Remote, string Peer, string PeerTunnel, bool WaitsForPeer)
{
    public static IEnumerable<TrafficSa> Of(string node, ForeseenConnection foreseen)
    {
        var (own, peer) = foreseen.Left.Name == node ? (foreseen.Left, foreseen.Right!) : (foreseen.Right!, foreseen.Left);
        return from sa in foreseen.Sas
               from local in sa.LocalOf(own.Side)
               from remote in sa.RemoteOf(own.Side)
               where local.Addresses.First.IsV6 == remote.Addresses.First.IsV6
               select new TrafficSa(sa.ChildOf(own.Side), local, remote, peer.Name, peer.Connection.Name,
                   sa.ByPackets && !ReferenceEquals(sa.Initiator, own.Side));
    }

    public static int CompareSpecificity(TrafficSa left, TrafficSa right)
    {
        int order = Span(left.Remote).CompareTo(Span(right.Remote));
        return order != 0 ? order : Span(left.Local).CompareTo(Span(right.Local));
    }

    static UInt128 Span(TrafficSelector selector) => selector.Addresses.Last.Bits - selector.Addresses.First.Bits;
}
