using System.Collections.Immutable;
using Ipsec.Azure.Resources;
using Ipsec.Azure.Routing;
using Ipsec.Net;

namespace Ipsec.Azure;

/// <summary>Which destinations a connection leads to, in either direction, as the other side addresses them.</summary>
public static class ConnectionPrefixes
{
    /// <summary>
    /// What its gateway has as static routes. IPsec: the prefixes of the local network gateway, translated by the ingress NAT rules of the connection,
    /// and everything where it is the gateway's default site. Vnet2Vnet: the address space of the other network. ExpressRoute: none, they come over
    /// the circuit.
    /// </summary>
    public static ImmutableArray<IpPrefix> Of(AzureEnvironment environment, GatewayConnection connection)
    {
        VirtualNetworkGateway? gateway = environment.FindGateway(connection.VirtualNetworkGateway1);
        switch (connection.ConnectionType)
        {
            case VirtualNetworkGatewayConnectionType.Vnet2Vnet:
                return FarNetwork(environment, connection)?.AddressPrefixes ?? [];
            case VirtualNetworkGatewayConnectionType.IPsec when connection.LocalNetworkGateway2 is string name
                && environment.FindLocalNetworkGateway(name) is LocalNetworkGateway site:
                NatRule[] rules = [.. connection.IngressNatRules.Select(rule => gateway?.FindNatRule(rule)).OfType<NatRule>()];
                IEnumerable<IpPrefix> prefixes = site.AddressPrefixes.SelectMany(prefix => Translate(prefix, rules));
                return [.. (gateway?.GatewayDefaultSite == name ? prefixes.Append(IpPrefix.AnyV4) : prefixes).Distinct()];
            default:
                return [];
        }
    }

    /// <summary>
    /// What the device of a connection reaches through a gateway's instance: the virtual network and the peered networks that use its gateways, under the
    /// addresses that the egress NAT rules give them. Of a Vnet2Vnet connection the virtual network alone (the reference, §8: without BGP only the two
    /// networks see each other).
    /// </summary>
    public static ImmutableArray<IpPrefix> Offered(AzureEnvironment environment, GatewayConnection connection, int instance)
    {
        VirtualNetworkGateway gateway = environment.FindGateway(connection.VirtualNetworkGateway1)!;
        NatRule[] rules = [.. ConnectionNat.RulesOf(gateway, connection.EgressNatRules, instance)];
        return
        [
            .. GatewayRoutingTable.Build(environment, gateway, GatewayRouteSources.None).Routes
                .Where(route => route.NextHop is GatewayNextHop.ThisNetwork
                    || route.IsOfAzure && connection.ConnectionType == VirtualNetworkGatewayConnectionType.IPsec)
                        .SelectMany(route => Translate(route.Prefix, rules)).Distinct(),
        ];
    }

    /// <summary>The virtual network at the other end of a Vnet2Vnet connection.</summary>
    public static VirtualNetwork? FarNetwork(AzureEnvironment environment, GatewayConnection connection) =>
        connection.VirtualNetworkGateway2 is string name && environment.FindGateway(name) is { IpConfigurations.Length: > 0 } gateway
            ? environment.FindVirtualNetwork(gateway.VirtualNetwork)
            : null;

    /// <summary>
    /// What a prefix of the site becomes: its place in the external mapping of a static rule, the whole external mapping of a dynamic one. What no rule
    /// translates keeps its own addresses.
    /// </summary>
    static IEnumerable<IpPrefix> Translate(IpPrefix prefix, NatRule[] rules)
    {
        bool isCovered = false;
        foreach (NatRule rule in rules)
        {
            if (rule is not { InternalMappings: [IpPrefix inside, ..], ExternalMappings: [IpPrefix outside, ..] } || !inside.Overlaps(prefix))
                continue;
            // Other ports keep their addresses.
            isCovered |= inside.Contains(prefix) && rule.InternalPortRange is null;
            yield return rule.Type == VpnNatRuleType.Static && inside.Contains(prefix) && inside.Length == outside.Length
                ? new IpPrefix(outside.Address.Plus(prefix.Address.Bits - inside.Address.Bits), prefix.Length)
                : outside;
        }
        if (!isCovered)
            yield return prefix;
    }
}
