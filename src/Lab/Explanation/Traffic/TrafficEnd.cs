using System.Collections.Immutable;
using Ipsec.Azure.Resources;
using Ipsec.Esp;
using Ipsec.Lab.Topology;
using Ipsec.Net;
using NatRule = Ipsec.Esp.NatRule;

namespace Ipsec.Lab.Explanation.Traffic;

/// <summary>Somebody who sends and receives: a host of the file, or anybody in a network that has none.</summary>
/// <param name="Name">Null for anybody.</param>
/// <param name="Network">As people call it: "hub/app", "branch 10.2.0.0/24".</param>
sealed record TrafficEnd(string? Name, string Network, Place Place, IpAddress Address)
{
    /// <summary>Where anybody is in his network; behind the addresses that people give to their routers.</summary>
    const int Anybody = 77;

    /// <summary>Addresses by which one end may be known to another one.</summary>
    const int MostAliases = 16;

    /// <summary>Every host, then anybody in each network without one.</summary>
    public static ImmutableArray<TrafficEnd> Of(TrafficWorld world)
    {
        ImmutableArray<(string Name, Place Place, IpPrefix Prefix)> networks = [.. Networks(world)];
        List<TrafficEnd> ends = [.. world.Model.Hosts.Select(host => Of(world, host, networks))];
        foreach ((string name, Place place, IpPrefix prefix) in networks)
        {
            if (!ends.Exists(end => end.Place == place && prefix.Contains(end.Address)))
                ends.Add(new TrafficEnd(null, name, place, prefix.First.Plus(UInt128.Min(Anybody, prefix.Last.Bits - prefix.First.Bits))));
        }
        return [.. ends];
    }

    public static TrafficEnd Of(TrafficWorld world, string host) =>
        Of(world, world.Model.Hosts.First(candidate => candidate.Name == host), [.. Networks(world)]);

    /// <summary>Its own address, and those that NAT rules give it, each of which somebody may know it by.</summary>
    public ImmutableArray<IpAddress> Aliases(TrafficWorld world) =>
    [
        .. (from node in world.Nodes
            from tunnel in node.Tunnels
            from rule in tunnel.Configuration.Nat
            where rule.Kind == NatKind.Static && rule.Internal.Contains(Address)
            select Map(rule)).Prepend(Address).Distinct().Take(MostAliases),
    ];

    IpAddress Map(NatRule rule) => rule.External.First.Plus(Address.Bits - rule.Internal.First.Bits);

    static TrafficEnd Of(TrafficWorld world, HostDefinition host, ImmutableArray<(string Name, Place Place, IpPrefix Prefix)> networks)
    {
        Place place = world.PlaceOf(host.Network);
        string? network = networks.Where(network => network.Place == place && network.Prefix.Contains(host.Address))
            .Select(network => network.Name).FirstOrDefault();
        return new TrafficEnd(host.Name, network ?? host.Network, place, host.Address);
    }

    static IEnumerable<(string Name, Place Place, IpPrefix Prefix)> Networks(TrafficWorld world)
    {
        foreach (VirtualNetwork network in world.Model.Azure.VirtualNetworks)
        {
            Subnet[] subnets = [.. network.Subnets.Where(subnet => subnet.Name != Subnet.GatewaySubnetName)];
            foreach (Subnet subnet in subnets)
            {
                foreach (IpPrefix prefix in subnet.AddressPrefixes)
                    yield return ($"{network.Name}/{subnet.Name}", Place.Network(network.Name), prefix);
            }
            if (subnets.Length > 0)
                continue;
            foreach (IpPrefix prefix in network.AddressPrefixes)
                yield return ($"{network.Name} {prefix}", Place.Network(network.Name), prefix);
        }
        foreach (string site in world.Sites)
        {
            foreach (IpPrefix prefix in world.DevicesOf(Place.Site(site)).SelectMany(device => device.Definition.InnerNetworks).Distinct())
                yield return ($"{site} {prefix}", Place.Site(site), prefix);
        }
    }
}
