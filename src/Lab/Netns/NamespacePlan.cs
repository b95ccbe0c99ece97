using System.Collections.Immutable;
using Ipsec.Lab.Topology;
using Ipsec.Net;

namespace Ipsec.Lab.Netns;

/// <summary>
/// How a topology stands on network namespaces: one for each machine, host, virtual network, site LAN, circuit and NAT, and one that is the internet in the
/// middle of all outer wires. A pure function of the file; <see cref="RoutePlan"/> says which routes they have at a moment.
/// </summary>
public sealed record NamespacePlan
{
    /// <summary>The end of a node's outer wire.</summary>
    public const string Outer = "outer";

    /// <summary>Of a node: the end towards the network that it protects.</summary>
    public const string Inside = "inside";

    /// <summary>Of a node: the TUN of its endpoint.</summary>
    public const string Tunnel = "ipsec0";

    /// <summary>Of a host.</summary>
    public const string HostInterface = "eth0";

    /// <summary>Of a circuit: the end towards its site.</summary>
    public const string Site = "site";

    /// <summary>Of a NAT: the end towards the internet.</summary>
    public const string Public = "public";

    public required string Lab { get; init; }
    public required ImmutableArray<PlannedNamespace> Namespaces { get; init; }
    public required ImmutableArray<PlannedLink> Links { get; init; }

    /// <summary>Beside those of the links: of hosts, of nodes and of NATs, as they are at the start.</summary>
    public required ImmutableArray<PlannedAddress> Addresses { get; init; }

    /// <summary>By label: the namespaces of a node's machines; one, or two where an address can move from one machine to the other.</summary>
    public required ImmutableSortedDictionary<string, ImmutableArray<PlannedNamespace>> Machines { get; init; }

    /// <summary>The namespace of each host, by its name.</summary>
    public required ImmutableSortedDictionary<string, PlannedNamespace> Hosts { get; init; }

    /// <summary>The site LANs, by name.</summary>
    public required ImmutableSortedDictionary<string, PlannedNamespace> Lans { get; init; }

    /// <summary>The virtual networks, by name.</summary>
    public required ImmutableSortedDictionary<string, PlannedNamespace> Networks { get; init; }

    /// <summary>The circuits, by name.</summary>
    public required ImmutableSortedDictionary<string, PlannedNamespace> Circuits { get; init; }

    /// <summary>The NATs, by their public address.</summary>
    public required ImmutableSortedDictionary<IpAddress, PlannedNamespace> Nats { get; init; }

    public required PlannedNamespace Internet { get; init; }

    /// <summary>Some address of the lab is one of IPv6.</summary>
    public required bool UsesV6 { get; init; }

    public static NamespacePlan Of(TopologyModel model) => new NamespacePlanner(model).Plan();

    /// <summary>Of the link between two namespaces: the interface in the first one, as a hop towards the second.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public PlannedHop Hop(PlannedNamespace from, PlannedNamespace to, bool isV6)
    {
        PlannedLink link = LinkOf(from, to);
        PlannedInterface near = EndIn(link, from);
        return new PlannedHop(near.Name, link.AddressOf(link.Other(near), isV6));
    }

    /// <summary>The interface of the first namespace that leads to the second.</summary>
    public PlannedInterface InterfaceTo(PlannedNamespace from, PlannedNamespace to) => EndIn(LinkOf(from, to), from);

    PlannedLink LinkOf(PlannedNamespace from, PlannedNamespace to) => Links.First(link =>
        (link.Upper.Namespace == from.Name && link.Lower.Namespace == to.Name) || (link.Upper.Namespace == to.Name && link.Lower.Namespace == from.Name));

    static PlannedInterface EndIn(PlannedLink link, PlannedNamespace space) => link.Upper.Namespace == space.Name ? link.Upper : link.Lower;

    /// <summary>Where packets of a node's outer wire pass on: the router's end of it. Of a circuit its end at the site.</summary>
    /// <param name="wire">The label of a node, or the name of a circuit.</param>
    public ImmutableArray<PlannedInterface> WireEnds(string wire) => Machines.TryGetValue(wire, out ImmutableArray<PlannedNamespace> machines)
        ? [.. machines.Select(machine => Links.First(link => link.Lower == new PlannedInterface(machine.Name, Outer)).Upper)]
        : [new PlannedInterface(Circuits[wire].Name, Site)];
}
