using System.Collections.Immutable;
using Ipsec.Azure.Resources;

namespace Ipsec.Azure.Rules;

/// <summary>Which NAT rules of its gateway a connection may use.</summary>
static class ConnectionNatRules
{
    public static void Check(GatewayConnection connection, VirtualNetworkGateway gateway, AzureEnvironment environment, ErrorCollector errors)
    {
        Check(connection, gateway, connection.IngressNatRules, VpnNatRuleMode.IngressSnat, "properties.ingressNatRules", environment, errors);
        Check(connection, gateway, connection.EgressNatRules, VpnNatRuleMode.EgressSnat, "properties.egressNatRules", environment, errors);
    }

    static void Check(GatewayConnection connection, VirtualNetworkGateway gateway, ImmutableArray<string> names, VpnNatRuleMode mode, string path,
        AzureEnvironment environment, ErrorCollector errors)
    {
        if (!names.IsEmpty && connection.UsePolicyBasedTrafficSelectors)
            errors.Add(path, "must be empty with usePolicyBasedTrafficSelectors: true");
        for (int index = 0; index < names.Length; index++)
        {
            string place = $"{path}[{index}].id";
            if (names.IndexOf(names[index]) < index)
                errors.Add(place, $"must be a rule that the connection does not have yet, not {names[index]} again");
            else if (gateway.FindNatRule(names[index]) is not NatRule rule)
            {
                errors.AddUnknown(place, $"NAT rule of {gateway.Name}", names[index],
                    gateway.NatRules.Where(known => known.Mode == mode).Select(known => known.Name));
            }
            else if (rule.Mode != mode)
                errors.Add(place, $"must be a rule of the mode {mode}, not {rule.Name}, which has {rule.Mode}");
            else
                CheckSharing(connection, gateway, rule, place, environment, errors);
        }
    }

    static void CheckSharing(GatewayConnection connection, VirtualNetworkGateway gateway, NatRule rule, string place, AzureEnvironment environment,
        ErrorCollector errors)
    {
        GatewayConnection[] earlier = [.. environment.ConnectionsOf(gateway).TakeWhile(other => other != connection)
            .Where(other => other.IngressNatRules.Contains(rule.Name) || other.EgressNatRules.Contains(rule.Name))];
        if (rule.Type == VpnNatRuleType.Dynamic && earlier.Length > 0)
            errors.Add(place, $"must be a rule of this connection alone: the Dynamic rule {rule.Name} is used by {earlier[0].Name}");
        else if (rule.Mode == VpnNatRuleMode.IngressSnat
            && earlier.FirstOrDefault(other => other.LocalNetworkGateway2 != connection.LocalNetworkGateway2) is GatewayConnection other)
            errors.Add(place, $"must be a rule of connections to the same site: {other.Name} uses {rule.Name} for {other.LocalNetworkGateway2}");
    }
}
