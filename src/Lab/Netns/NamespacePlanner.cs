using System.Collections.Immutable;
using Ipsec.Azure.Resources;
using Ipsec.Lab.Run;
using Ipsec.Lab.Topology;
using Ipsec.Net;

namespace Ipsec.Lab.Netns;

/// <summary>Makes one <see cref="NamespacePlan"/>.</summary>
sealed class NamespacePlanner
{
    const int EthernetMtu = 1500;

    readonly TopologyModel _model;
    readonly SortedSet<string> _taken = new(StringComparer.Ordinal);
    readonly ImmutableArray<PlannedNamespace>.Builder _namespaces = ImmutableArray.CreateBuilder<PlannedNamespace>();
    readonly ImmutableArray<PlannedLink>.Builder _links = ImmutableArray.CreateBuilder<PlannedLink>();
    readonly ImmutableArray<PlannedAddress>.Builder _addresses = ImmutableArray.CreateBuilder<PlannedAddress>();
    readonly SortedDictionary<string, ImmutableArray<PlannedNamespace>> _machines = new(StringComparer.Ordinal);
    readonly SortedDictionary<string, PlannedNamespace> _hosts = new(StringComparer.Ordinal);
    readonly SortedDictionary<string, PlannedNamespace> _lans = new(StringComparer.Ordinal);
    readonly SortedDictionary<string, PlannedNamespace> _networks = new(StringComparer.Ordinal);
    readonly SortedDictionary<string, PlannedNamespace> _circuits = new(StringComparer.Ordinal);
    readonly SortedDictionary<IpAddress, PlannedNamespace> _nats = [];
    readonly Dictionary<string, SortedSet<string>> _interfaces = new(StringComparer.Ordinal);
    PlannedNamespace? _internet;

    public NamespacePlanner(TopologyModel model) => _model = model;

    public NamespacePlan Plan()
    {
        // Nodes and hosts first: their names are those of the file, whatever else is called so.
        foreach (NodeDefinition node in _model.Nodes)
            _machines.Add(_model.LabelOf(node), [.. MachineNames(node).Select(name => Add(name, "-node", NamespaceKind.Node))]);
        foreach (HostDefinition host in _model.Hosts)
            _hosts.Add(host.Name, Add(host.Name, "-host", NamespaceKind.Host));
        _internet = Add("internet", "-0", NamespaceKind.Router);
        foreach (VirtualNetwork network in _model.Azure.VirtualNetworks)
            _networks.Add(network.Name, Add(network.Name, "-vnet", NamespaceKind.Router));
        foreach (string lan in _model.Nodes.Select(node => node.Lan).OfType<string>().Distinct())
            _lans.Add(lan, Add($"{lan}-lan", "-0", NamespaceKind.Router));
        foreach (ExpressRouteCircuit circuit in _model.Azure.ExpressRouteCircuits)
            _circuits.Add(circuit.Name, Add(circuit.Name, "-circuit", NamespaceKind.Router));

        foreach (NodeDefinition node in _model.Nodes)
            JoinNode(node);
        foreach (HostDefinition host in _model.Hosts)
            JoinHost(host);
        JoinPeerings();
        JoinCircuits();
        return new NamespacePlan
        {
            Lab = _model.Name,
            Namespaces = [.. _namespaces.Select(space => space with { Rules = RulesOf(space) })],
            Links = _links.ToImmutable(),
            Addresses = _addresses.ToImmutable(),
            Machines = _machines.ToImmutableSortedDictionary(StringComparer.Ordinal),
            Hosts = _hosts.ToImmutableSortedDictionary(StringComparer.Ordinal),
            Lans = _lans.ToImmutableSortedDictionary(StringComparer.Ordinal),
            Networks = _networks.ToImmutableSortedDictionary(StringComparer.Ordinal),
            Circuits = _circuits.ToImmutableSortedDictionary(StringComparer.Ordinal),
            Nats = _nats.ToImmutableSortedDictionary(),
            Internet = _internet,
            UsesV6 = _addresses.Any(one => one.Address.IsV6),
        };
    }

    /// <summary>An active-standby gateway has two machines and one address; of two addresses each has its own machine.</summary>
    IEnumerable<string> MachineNames(NodeDefinition node)
    {
        string label = _model.LabelOf(node);
        return node.Kind == NodeKind.AzureGateway && label == node.Name ? [$"{label}-0", $"{label}-1"] : [label];
    }

    PlannedNamespace Add(string name, string suffix, NamespaceKind kind)
    {
        for (int number = 2; !_taken.Add(name); number++)
            name = number == 2 ? name + suffix : $"{name}{number}";
        var space = new PlannedNamespace(name, NamespaceNames.Namespace(_model.Name, name), kind);
        _namespaces.Add(space);
        return space;
    }

    void JoinNode(NodeDefinition node)
    {
        string label = _model.LabelOf(node);
        int mtu = _model.Wires.FirstOrDefault(wire => wire.Node == node.Name)?.Mtu ?? EthernetMtu;
        PlannedNamespace router = node.NatAddress is IpAddress address ? NatOf(label, address) : _internet!;
        PlannedNamespace inside = node.Lan is string lan ? _lans[lan] : _networks[_model.Azure.FindGateway(node.Name)!.VirtualNetwork];
        foreach ((int index, PlannedNamespace machine) in _machines[label].Index())
        {
            PlannedLink outer = Join(router, InterfaceName(router, machine), machine, NamespacePlan.Outer, mtu);
            if (index == 0)
                _addresses.AddRange(((IpAddress[])[node.OuterAddress, .. node.AdditionalAddresses]).Select(own => new PlannedAddress(outer.Lower, own)));
            Join(inside, InterfaceName(inside, machine), machine, NamespacePlan.Inside, EthernetMtu);
        }
    }

    PlannedNamespace NatOf(string label, IpAddress address)
    {
        if (_nats.TryGetValue(address, out PlannedNamespace? known))
            return known;
        PlannedNamespace nat = Add($"{label}-nat", "-0", NamespaceKind.Nat);
        PlannedLink outer = Join(_internet!, InterfaceName(_internet!, nat), nat, NamespacePlan.Public, EthernetMtu);
        _addresses.Add(new PlannedAddress(outer.Lower, address));
        _nats.Add(address, nat);
        return nat;
    }

    void JoinHost(HostDefinition host)
    {
        PlannedNamespace space = _hosts[host.Name];
        PlannedNamespace place = _lans.TryGetValue(host.Network, out PlannedNamespace? lan) ? lan : _networks[host.Network.Split('/')[0]];
        PlannedLink link = Join(place, InterfaceName(place, space), space, NamespacePlan.HostInterface, EthernetMtu);
        _addresses.Add(new PlannedAddress(link.Lower, host.Address));
    }

    void JoinPeerings()
    {
        foreach (VirtualNetworkPeering peering in _model.Azure.VirtualNetworkPeerings.Where(peering => _model.Azure.FindOpposite(peering) is not null
            && string.CompareOrdinal(peering.VirtualNetwork, peering.RemoteVirtualNetwork) < 0))
        {
            PlannedNamespace upper = _networks[peering.VirtualNetwork];
            PlannedNamespace lower = _networks[peering.RemoteVirtualNetwork];
            Join(upper, InterfaceName(upper, lower), lower, InterfaceName(lower, upper), EthernetMtu);
        }
    }

    void JoinCircuits()
    {
        foreach ((string name, PlannedNamespace circuit) in _circuits)
        {
            if (_model.Nodes.FirstOrDefault(node => node.ExpressRouteCircuit == name) is NodeDefinition { Lan: string lan })
                Join(circuit, NamespacePlan.Site, _lans[lan], InterfaceName(_lans[lan], circuit), _model.Wires.FirstOrDefault(wire => wire.Node == name)?.Mtu ?? EthernetMtu);
            foreach (string gateway in CircuitGateways(_model, name))
            {
                PlannedNamespace network = _networks[_model.Azure.FindGateway(gateway)!.VirtualNetwork];
                Join(circuit, InterfaceName(circuit, network), network, InterfaceName(network, circuit), EthernetMtu);
            }
        }
    }

    internal static IEnumerable<string> CircuitGateways(TopologyModel model, string circuit) => model.Azure.Connections
        .Where(connection => connection.ConnectionType == VirtualNetworkGatewayConnectionType.ExpressRoute && connection.Peer == circuit)
        .Select(connection => connection.VirtualNetworkGateway1).Distinct();

    PlannedLink Join(PlannedNamespace upper, string upperName, PlannedNamespace lower, string lowerName, int mtu)
    {
        var link = new PlannedLink(_links.Count + 1, new PlannedInterface(upper.Name, upperName), new PlannedInterface(lower.Name, lowerName), mtu);
        _links.Add(link);
        return link;
    }

    /// <summary>Interfaces of a router bear the name of what they lead to.</summary>
    string InterfaceName(PlannedNamespace router, PlannedNamespace to)
    {
        if (!_interfaces.TryGetValue(router.Name, out SortedSet<string>? taken))
            _interfaces.Add(router.Name, taken = new SortedSet<string>(StringComparer.Ordinal) { NamespacePlan.Site, NamespacePlan.Public, NamespacePlan.Outer, NamespacePlan.Inside, "lo" });
        string name = NamespaceNames.Interface(to.Node);
        for (int number = 2; !taken.Add(name); number++)
            name = NamespaceNames.Interface($"{to.Node}-{number}");
        return name;
    }

    /// <summary>Which table a packet asks that came in by an interface; priorities from 300, behind those of an endpoint's own rules.</summary>
    ImmutableArray<PlannedRule> RulesOf(PlannedNamespace space)
    {
        if (space.Kind == NamespaceKind.Node)
        {
            // What no tunnel takes does not leave in clear, and what comes out of a tunnel is for the inside only.
            return
            [
                new PlannedRule(300, NamespacePlan.Inside, null),
                new PlannedRule(301, NamespacePlan.Tunnel, RoutePlan.InsideTable),
                new PlannedRule(302, NamespacePlan.Tunnel, null),
            ];
        }
        if (!_networks.ContainsValue(space))
            return [];
        ImmutableArray<PlannedRule>.Builder rules = ImmutableArray.CreateBuilder<PlannedRule>();
        foreach (PlannedLink link in _links)
        {
            PlannedInterface? near = link.Upper.Namespace == space.Name ? link.Upper : link.Lower.Namespace == space.Name ? link.Lower : null;
            if (near is null || _hosts.Values.Any(host => host.Name == link.Other(near).Namespace))
                continue;
            rules.Add(new PlannedRule(300 + (2 * link.Number), near.Name, RoutePlan.TableOf(link)));
            rules.Add(new PlannedRule(301 + (2 * link.Number), near.Name, null));
        }
        return rules.ToImmutable();
    }
}
