using System.Collections.Immutable;
using Ipsec.Azure;
using Ipsec.Azure.Resources;
using Ipsec.Ike.Configuration;
using Ipsec.Lab.Topology.Arm;
using Ipsec.Lab.Topology.Sites;
using Ipsec.Net;

namespace Ipsec.Lab.Topology.Reading;

/// <summary>Reads what stands around the nodes: hosts, wires and expectations, and checks what they refer to.</summary>
sealed class PartsReader(ErrorList errors, AzureEnvironment azure, ImmutableArray<SiteDefinition> sites, ImmutableArray<NodeDefinition> nodes)
{
    readonly List<string> _hosts = [];

    public ImmutableArray<HostDefinition> ReadHosts(NodeReader file)
    {
        ImmutableArray<HostDefinition>.Builder hosts = ImmutableArray.CreateBuilder<HostDefinition>();
        foreach ((string name, NodeReader host) in file.Named("hosts"))
        {
            string network = host.Text("in")!;
            IpAddress address = host.Address("address")!.Value;
            _hosts.Add(name);
            if (network.EndsWith($"/{Subnet.GatewaySubnetName}", StringComparison.Ordinal))
            {
                errors.Add(host.Find("in")!.Value,
                    $"must not be a {Subnet.GatewaySubnetName}, in which gateways stand alone; accepted: {string.Join(", ", Places())}");
                continue;
            }
            if (hosts.Any(other => other.Address == address && other.Network == network))
                errors.Add(host.Find("address")!.Value, $"must be an address of its own, not {address}, which is in use");
            if (FindPlace(network) is not Place place)
                errors.Add(host.Find("in")!.Value, $"must be a site or VIRTUAL-NETWORK/SUBNET; accepted: {string.Join(", ", Places())}; not {network}");
            else if (!place.Prefixes.Any(prefix => prefix.Contains(address)) && !MayHaveOwnAddress(place.Node, address))
                errors.Add(host.Find("address")!.Value, $"must be in {string.Join(" or ", place.Prefixes)}, not {address}");
            else
                hosts.Add(new HostDefinition(name, network, place.Node, address));
        }
        return hosts.ToImmutable();
    }

    public ImmutableArray<WireDefinition> ReadWires(NodeReader file)
    {
        ImmutableArray<WireDefinition>.Builder wires = ImmutableArray.CreateBuilder<WireDefinition>();
        foreach ((string node, NodeReader wire) in file.Named("wires"))
        {
            string[] known = [.. nodes.Select(candidate => candidate.Name).Distinct(), .. azure.ExpressRouteCircuits.Select(circuit => circuit.Name)];
            if (!known.Contains(node))
                errors.Add(wire.Source, $"must be the wire of a gateway or site; accepted: {string.Join(", ", known)}; not {node}");
            wires.Add(new WireDefinition
            {
                Node = node,
                Delay = wire.Duration("delay") ?? default,
                Jitter = wire.Duration("jitter") ?? default,
                Loss = wire.Percent("loss") ?? 0,
                Duplication = wire.Percent("duplication") ?? 0,
                Reordering = wire.Percent("reordering") ?? 0,
                Mtu = wire.Integer("mtu") ?? 1500,
            });
        }
        return wires.ToImmutable();
    }

    /// <summary>After the hosts.</summary>
    public ImmutableArray<Expectation> ReadExpectations(NodeReader file)
    {
        ImmutableArray<Expectation>.Builder expectations = ImmutableArray.CreateBuilder<Expectation>();
        foreach (SourcedNode item in file.Items("expect"))
        {
            if (!ExpectationReader.TryRead(NodeReader.TextOf(item), item.Node.Mark.Line, out Expectation? expectation))
                errors.Add(item, $"must be {ExpectationReader.Accepted}, not \"{NodeReader.TextOf(item)}\"");
            else if (Unknown(expectation) is string problem)
                errors.Add(item, problem);
            else
                expectations.Add(expectation);
        }
        return expectations.ToImmutable();
    }

    string? Unknown(Expectation expectation) => expectation switch
    {
        PingExpectation ping when (UnknownHost(ping.From) ?? UnknownHost(ping.To)) is string name =>
            $"names {name}, which is no host; accepted: {string.Join(", ", _hosts)}",
        FetchExpectation fetch when (UnknownHost(fetch.From) ?? UnknownHost(fetch.To)) is string name =>
            $"names {name}, which is no host; accepted: {string.Join(", ", _hosts)}",
        TunnelExpectation tunnel when !Tunnels().Contains(tunnel.Connection) =>
            $"names {tunnel.Connection}, which is no connection; accepted: {string.Join(", ", Tunnels().Distinct())}",
        _ => null,
    };

    string? UnknownHost(string name) => _hosts.Contains(name) ? null : name;

    IEnumerable<string> Tunnels() => nodes.SelectMany(node => node.Endpoint.Tunnels).Select(tunnel => tunnel.Connection.Name);

    /// <summary>A device that is given virtual IPs has hosts with those, and one in transport mode is its own host.</summary>
    bool MayHaveOwnAddress(string? name, IpAddress address) => nodes.Any(node => node.Name == name && node.Endpoint.Tunnels.Any(tunnel =>
        !tunnel.Connection.VirtualIps.IsEmpty
        || node.Endpoint.LocalAddresses.Contains(address) && tunnel.Connection.Children.Any(child => child.Mode == ChildMode.Transport
            || !child.DynamicLocalSelectors.IsEmpty)));

    IEnumerable<string> Places() => azure.VirtualNetworks
        .SelectMany(network => network.Subnets.Where(subnet => subnet.Name != Subnet.GatewaySubnetName).Select(subnet => $"{network.Name}/{subnet.Name}"))
        .Concat(sites.Select(site => site.Name));

    Place? FindPlace(string network)
    {
        if (sites.FirstOrDefault(site => site.Name == network) is SiteDefinition found)
            return new Place(found.Name, found.Networks);
        string[] parts = network.Split('/');
        if (parts.Length == 2 && azure.FindVirtualNetwork(parts[0])?.FindSubnet(parts[1]) is Subnet subnet)
        {
            string? transit = azure.FindTransitNetworkOf(parts[0]) is VirtualNetwork hub ? GatewayOf(hub.Name) : null;
            return new Place(GatewayOf(parts[0]) ?? transit, subnet.AddressPrefixes);
        }
        return null;
    }

    string? GatewayOf(string virtualNetwork) => azure.FindGatewayOf(virtualNetwork, VirtualNetworkGatewayType.Vpn)?.Name;

    /// <summary>Where a host can be, and the node behind which that is.</summary>
    sealed record Place(string? Node, ImmutableArray<IpPrefix> Prefixes);
}
