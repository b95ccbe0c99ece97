using System.Collections.Immutable;
using Ipsec.Azure;
using Ipsec.Azure.Resources;
using Ipsec.Ike.Outputs;
using Ipsec.Net;

namespace Ipsec.Lab.Explanation.Traffic;

/// <summary>Why a packet ends where it does, in words: which entry of which resource is missing. All of it is known, from the file itself.</summary>
/// <param name="target">Where it should have come.</param>
sealed class TrafficObstacles(TrafficWorld world, TrafficLinks links, Place target)
{
    /// <summary>Prefixes and names that one sentence lists.</summary>
    const int MostListed = 6;

    /// <summary>The reference, §6 and §8.</summary>
    const string ToMend = "in Azure that needs BGP on every connection of the way";

    /// <summary>The reference, §10.</summary>
    const string RouteServer = "Between a circuit and a VPN connection gateways carry nothing; that needs a Route Server";

    AzureEnvironment Azure => world.Model.Azure;

    public Reason Loop() => Known("routing-loop", $"The packet goes round in a circle and does not come to {target}.");

    public Reason Nobody(Place place, IpAddress destination) => place == target
        ? Known("no-host", $"No host of {place} has the address {destination}.")
        : Known("overlapping-addresses", $"{destination} belongs to {place} too, and there the packet ends: address spaces that overlap need NAT rules "
            + $"on the gateway{(place.IsSite ? "" : ", which the networks behind it then know each other by")}.");

    public Reason AccessDenied(Place network, string peer) =>
        Known("peering-without-access", $"The peering of {network} and {peer} has allowVirtualNetworkAccess: false on one of its sides, so nothing passes.");

    public Reason NotForeseen(TrafficTunnel tunnel, string why) => new("not-foreseen", Certainty.Likely, $"{tunnel.Name} {why}; only a run tells.");

    public Reason WaitsForPeer(TrafficTunnel tunnel, string peer) =>
        Known("started-by-traffic", $"{tunnel.Name} carries it once {peer} has sent something into that tunnel: it starts on packets from there only.");

    public Reason Down(TrafficNode node, TrafficTunnel tunnel) =>
        Known("tunnel-down", $"{node.Label} has {tunnel.Name} for it, which is not up: {tunnel.WhyDown}");

    public Reason NotSelected(TrafficNode node, TrafficTunnel tunnel, IpAddress source, IpAddress destination)
    {
        bool isPolicyBased = Azure.FindConnection(tunnel.Name.Split('/')[0])?.UsePolicyBasedTrafficSelectors ?? false;
        return Known("selectors-do-not-cover", $"{tunnel.Name} is up, and none of its selectors has {source} -> {destination} for {node.Label}: "
            + $"{List(tunnel.Sas.Select(sa => $"{sa.Local} === {sa.Remote}"))}."
            + (isPolicyBased ? " With usePolicyBasedTrafficSelectors only the pairs of networks that both sides name are carried." : ""));
    }

    public Reason NotTranslated(TrafficNode node, TrafficTunnel tunnel) =>
        Known("nat-drops", $"The NAT rules of {tunnel.Name} on {node.Label} drop it: through a dynamic rule only the internal side begins a flow.");

    public Reason Hairpin(TrafficNode node, TrafficTunnel tunnel, IpAddress destination) =>
        Known("hairpin", $"{node.Label} would send {destination} back through {tunnel.Name}, where it came from: both sides route it to each other.");

    /// <summary>A node has no tunnel for what its own hosts send.</summary>
    public Reason NoTunnel(TrafficNode node, IpAddress destination)
    {
        if (node.Definition.Endpoint.LocalNetworks.Any(network => network.Contains(destination)))
            return Nobody(world.PlaceOf(node), destination);
        ImmutableArray<string> connections = links.From(node.Definition.Name, target);
        string routes = node.TunnelRoutes.IsEmpty ? "it sends nothing into tunnels" : $"into its tunnels go {List(node.TunnelRoutes)}";
        string remedy = connections.IsEmpty ? Farther(world.PlaceOf(node)) : $" The remoteNetworks of {List(connections)} on {node.Label} lack it.";
        return Known("not-in-remote-networks", $"{node.Label} has no route to {destination}; {routes}.{remedy}");
    }

    /// <summary>A virtual network has no effective route.</summary>
    public Reason NoRoute(Place network, IpAddress destination)
    {
        if (!target.IsSite && IsHalfPeered(network.Name, target.Name))
            return HalfPeered(network, target);
        if (links.GatewayNetworkOf(network.Name) is not string owner)
            return WithoutGateway(network, destination);
        foreach (VirtualNetworkGateway gateway in Azure.VirtualNetworkGateways.Where(gateway => gateway.VirtualNetwork == owner))
        {
            if (Missing(gateway, destination) is Reason missing)
                return missing;
        }
        if (CommonPeer(network) is string common)
            return NotTransitive(network, common);
        return NoWay($"{network} has no route to {destination}.", network);
    }

    /// <summary>A packet came out of a tunnel and would have to go into another one.</summary>
    /// <param name="from">The tunnel that it came out of.</param>
    public Reason NoTransit(TrafficNode gateway, string from, ImmutableArray<string> tunnels, IpAddress destination) => Known("no-transit",
        $"{gateway.Label} gets it from {from} and would have to send {destination} on into {List(tunnels)}. "
            + $"A gateway carries nothing from one static connection to another; {ToMend}.");

    /// <summary>A packet came out of a tunnel, and its endpoint has no route for it.</summary>
    public Reason NotBehind(TrafficNode node, string tunnel, IpAddress destination) => node.Definition.Lan is string lan
        ? Known("not-in-site-networks", $"{node.Label} gets it from {tunnel}, and {destination} is not among the networks of {lan} "
            + $"({List(node.Definition.InnerNetworks)}).{Farther(world.PlaceOf(node))}")
        : NotBehindGateway(node.Definition.Name, destination);

    /// <summary>A packet came out of a tunnel or a circuit to a gateway that has no network for it.</summary>
    public Reason NotBehindGateway(string gateway, IpAddress destination)
    {
        var place = Place.Network(world.Azure.NetworkOf(gateway));
        if (!target.IsSite && links.PeersOf(place.Name).Contains(target.Name))
            return NoGatewayTransit(target.Name, place.Name);
        if (!target.IsSite && IsHalfPeered(place.Name, target.Name))
            return HalfPeered(place, target);
        if (!target.IsSite && CommonPeer(place) is string common)
            return NotTransitive(place, common);
        if (links.Between(place, target) is [])
            return BetweenConnections(gateway, destination);
        return NoWay($"{gateway} has no network for {destination} behind it.", place);
    }

    /// <summary>The next link would lead there, and a gateway does not carry it from one to the other.</summary>
    Reason BetweenConnections(string gateway, IpAddress destination)
    {
        bool isCircuit = target.IsSite && world.CircuitOf(target) is not null || Azure.FindGateway(gateway) is { IsVpn: false };
        return Known("no-transit", isCircuit
            ? $"{gateway} has no network for {destination} behind it. {RouteServer} in {world.Azure.NetworkOf(gateway)}."
            : $"{gateway} has no network for {destination} behind it, and carries nothing from one static connection to another; {ToMend}.");
    }

    /// <summary>A gateway has a connection to where a packet should go, and no route to the address; null where it has none.</summary>
    Reason? Missing(VirtualNetworkGateway gateway, IpAddress destination)
    {
        Place far = target.IsSite || links.GatewayNetworkOf(target.Name) is not string owner ? target : Place.Network(owner);
        if (links.From(gateway.Name, far) is not [string name, ..] || Azure.FindConnection(name) is not GatewayConnection connection)
            return null;
        if (connection.LocalNetworkGateway2 is string site && Azure.FindLocalNetworkGateway(site) is LocalNetworkGateway local)
        {
            if (HidingRule(gateway, connection, destination) is NatRule rule)
            {
                return Known("behind-nat-rule", $"The ingress NAT rule {rule.Name} of {name} hides {destination}: "
                    + $"{gateway.Name} and the networks behind it know {List(rule.InternalMappings)} of {site} as {List(rule.ExternalMappings)}.");
            }
            return Known("not-in-local-network-gateway", $"{destination} is not among the addressPrefixes of the local network gateway {site} "
                + $"({List(local.AddressPrefixes)}), so {gateway.Name} has no route to it through {name}.");
        }
        return Known("no-transit",
            $"{name} carries the address space of {far} and nothing behind it: {destination} of {target} is not part of that; {ToMend}.");
    }

    static NatRule? HidingRule(VirtualNetworkGateway gateway, GatewayConnection connection, IpAddress destination) =>
        connection.IngressNatRules.Select(gateway.FindNatRule).OfType<NatRule>()
            .FirstOrDefault(rule => rule.InternalMappings.Any(mapping => mapping.Contains(destination)));

    /// <summary>A network without a gateway, its own or a hub's.</summary>
    Reason WithoutGateway(Place network, IpAddress destination)
    {
        if (links.PeersOf(network.Name).FirstOrDefault(hub => HasGatewayFor(hub, destination)) is string hub)
            return NoGatewayTransit(network.Name, hub);
        VirtualNetwork? half = Azure.VirtualNetworks.FirstOrDefault(other => IsHalfPeered(network.Name, other.Name) && HasGatewayFor(other.Name, destination));
        if (half is not null)
            return HalfPeered(network, Place.Network(half.Name));
        if (CommonPeer(network) is string common)
            return NotTransitive(network, common);
        return Known("not-connected", $"{network} has no gateway, uses that of no other network, and has no peering with {target}: nothing leads there.");
    }

    bool HasGatewayFor(string network, IpAddress destination) => Azure.VirtualNetworkGateways.Where(gateway => gateway.VirtualNetwork == network)
        .Any(gateway => world.Azure.TableOf(gateway.Name).Lookup(destination).Any(route => !route.IsOfAzure));

    static Reason HalfPeered(Place one, Place other) => Known("peering-not-connected",
        $"The peering of {one} and {other} has one direction only; it is Initiated and carries nothing until both networks have one.");

    /// <summary>What is missing for a network to use the gateways of its hub.</summary>
    Reason NoGatewayTransit(string spoke, string hub)
    {
        VirtualNetworkPeering? toHub = Find(spoke, hub);
        VirtualNetworkPeering? toSpoke = Find(hub, spoke);
        string[] missing =
        [
            .. toSpoke is { AllowGatewayTransit: false } ? [$"{toSpoke.Name} has no allowGatewayTransit"] : Array.Empty<string>(),
            .. toHub is { UseRemoteGateways: false } ? [$"{toHub.Name} has no useRemoteGateways"] : Array.Empty<string>(),
        ];
        string what = missing.Length > 0 ? string.Join(" and ", missing) : "their peering does not say so";
        return Known("no-gateway-transit", $"{spoke} does not use the gateways of {hub}: {what}.");

        VirtualNetworkPeering? Find(string from, string to) =>
            Azure.VirtualNetworkPeerings.FirstOrDefault(peering => peering.VirtualNetwork == from && peering.RemoteVirtualNetwork == to);
    }

    Reason NotTransitive(Place network, string common) => Known("peering-not-transitive",
        $"{network} and {target} are both peered with {common}, and peering is not transitive: they need a peering of their own, "
            + $"or routes to a router in {common}.");

    /// <summary>There is no link, or only one that would go through others.</summary>
    Reason NoWay(string beginning, Place from) => links.Between(from, target) switch
    {
        null => Known("not-connected", $"{beginning} No connection, peering or circuit leads from {from} to {target}."),
        [] => Known("no-route", $"{beginning} {from} and {target} are neighbours, and neither tells the other of it."),
        var between when OverCircuit(from, between.Value) => Known("no-transit", $"{beginning} {RouteServer} in {List(between.Value)}."),
        var between => Known("no-transit", $"{beginning} The way to {target} leads through {List(between.Value)}, "
            + $"and a gateway carries nothing from one static connection to another; {ToMend}."),
    };

    /// <summary>One side of the way is a circuit, the other one is none.</summary>
    bool OverCircuit(Place from, ImmutableArray<Place> between) =>
        between.Length == 1 && (from.IsSite && world.CircuitOf(from) is not null || target.IsSite && world.CircuitOf(target) is not null);

    string Farther(Place from) => links.Between(from, target) is [_, ..] between
        ? $" The way to {target} would lead through {List(between)}; {ToMend}, or NAT and a connection of their own."
        : "";

    string? CommonPeer(Place network) => target.IsSite ? null : links.PeersOf(network.Name).Intersect(links.PeersOf(target.Name)).FirstOrDefault();

    bool IsHalfPeered(string one, string other) => Azure.VirtualNetworkPeerings.Any(peering =>
        (peering.VirtualNetwork == one && peering.RemoteVirtualNetwork == other || peering.VirtualNetwork == other && peering.RemoteVirtualNetwork == one)
        && Azure.FindOpposite(peering) is null);

    static string List<T>(IEnumerable<T> items)
    {
        string[] all = [.. items.Select(item => item!.ToString()!).Distinct()];
        return all.Length <= MostListed ? string.Join(", ", all) : $"{string.Join(", ", all.Take(MostListed))} and {all.Length - MostListed} more";
    }

    static Reason Known(string code, string text) => new(code, Certainty.Known, text);
}
