using System.Collections.Immutable;
using Ipsec.Azure.Resources;
using Ipsec.Esp;
using Ipsec.Net;
using NatRule = Ipsec.Azure.Resources.NatRule;

namespace Ipsec.Azure;

/// <summary>
/// The NAT rules of a connection as the tunnels of one gateway instance apply them. NAT is for IPsec connections to devices only (the reference, §4.5).
/// </summary>
static class ConnectionNat
{
    public static ImmutableArray<Esp.NatRule> Of(VirtualNetworkGateway gateway, GatewayConnection connection, int instance) =>
    [
        .. from rule in RulesOf(gateway, connection.EgressNatRules.AddRange(connection.IngressNatRules), instance)
           where rule.InternalMappings.Length == 1 && rule.ExternalMappings.Length == 1
           select Translate(rule),
    ];

    /// <summary>Those of a connection's rules that are for every instance or for this one.</summary>
    public static IEnumerable<NatRule> RulesOf(VirtualNetworkGateway gateway, ImmutableArray<string> names, int instance) =>
        from name in names
        let rule = gateway.FindNatRule(name)
        where rule is not null && (rule.IpConfigurationId is null || rule.IpConfigurationId == gateway.IpConfigurations[instance].Name)
        select rule;

    /// <summary>The addresses that a site has only where another instance translates it.</summary>
    public static IEnumerable<IpPrefix> IngressElsewhere(VirtualNetworkGateway gateway, GatewayConnection connection, int instance)
    {
        IpPrefix[] here = [.. RulesOf(gateway, connection.IngressNatRules, instance).SelectMany(rule => rule.ExternalMappings)];
        return connection.IngressNatRules.Select(gateway.FindNatRule).OfType<NatRule>().SelectMany(rule => rule.ExternalMappings)
            .Where(external => !here.Contains(external));
    }

    static Esp.NatRule Translate(NatRule rule) => new(
        rule.Type == VpnNatRuleType.Dynamic ? NatKind.Dynamic : NatKind.Static,
        rule.Mode == VpnNatRuleMode.IngressSnat ? NatMode.IngressSnat : NatMode.EgressSnat,
        rule.InternalMappings[0], rule.ExternalMappings[0])
    { InternalPorts = rule.InternalPortRange, ExternalPorts = rule.ExternalPortRange };
}
