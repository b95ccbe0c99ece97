using System.Collections.Immutable;
using Ipsec.Azure.Resources;
using Ipsec.Ike.Configuration;
using Ipsec.Net;

namespace Ipsec.Azure;

/// <summary>Which traffic selectors a gateway proposes, and in how many child SAs.</summary>
static class ChildSelectors
{
    /// <param name="local">What the other side reaches here, by the addresses of the wire.</param>
    public static ImmutableArray<ChildConfiguration> Children(VirtualNetwork network, ImmutableArray<IpPrefix> local, LocalNetworkGateway remote, GatewayConnection connection,
        EmulationOptions emulation, ChildConfiguration template)
    {
        if (!connection.UsePolicyBasedTrafficSelectors)
            return [RouteBased(local, remote, emulation, template)];
        ImmutableArray<ChildConfiguration>.Builder children = ImmutableArray.CreateBuilder<ChildConfiguration>();
        foreach ((IpPrefix ours, IpPrefix peer) in Pairs(network, remote, connection))
        {
            children.Add(template with
            {
                // One SA per pair, as devices with policy-based selectors expect it.
                Name = children.Count == 0 ? template.Name : $"{template.Name}-{children.Count + 1}",
                LocalSelectors = [TrafficSelector.From(ours)],
                RemoteSelectors = [TrafficSelector.From(peer)],
            });
        }
        return children.ToImmutable();
    }

    /// <summary>Any to any in one SA; both families where both sides have both.</summary>
    static ChildConfiguration RouteBased(ImmutableArray<IpPrefix> local, LocalNetworkGateway remote, EmulationOptions emulation, ChildConfiguration template)
    {
        if (!emulation.AcceptAnyTrafficSelectors)
        {
            return template with
            {
                LocalSelectors = [.. local.Select(TrafficSelector.From)],
                RemoteSelectors = [.. remote.AddressPrefixes.Select(TrafficSelector.From)],
            };
        }
        bool hasV6 = local.Any(prefix => prefix.Address.IsV6) && remote.AddressPrefixes.Any(prefix => prefix.Address.IsV6);
        ImmutableArray<TrafficSelector> any = hasV6 ? [TrafficSelector.AnyV4, TrafficSelector.AnyV6] : [TrafficSelector.AnyV4];
        return template with { LocalSelectors = any, RemoteSelectors = any };
    }

    /// <summary>Every combination of the same family, of the given ranges or of the two address spaces.</summary>
    public static IEnumerable<(IpPrefix Local, IpPrefix Remote)> Pairs(VirtualNetwork network, LocalNetworkGateway remote, GatewayConnection connection)
    {
        ImmutableArray<TrafficSelectorPolicy> policies = connection.TrafficSelectorPolicies.IsEmpty
            ? [new TrafficSelectorPolicy(network.AddressPrefixes, remote.AddressPrefixes)]
            : connection.TrafficSelectorPolicies;
        return from policy in policies
               from local in policy.LocalAddressRanges
               from peer in policy.RemoteAddressRanges
               where local.Address.IsV6 == peer.Address.IsV6
               select (local, peer);
    }
}
