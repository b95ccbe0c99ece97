using Ipsec.Azure.Resources;
using Ipsec.Net;

namespace Ipsec.Azure.Rules;

/// <summary>The rules of <c>natRules</c> on a gateway (Microsoft's "About NAT on Azure VPN Gateway" and its limitations).</summary>
static class NatRuleRules
{
    const int MaximumRules = 500;

    /// <summary>The largest external prefix of a dynamic rule.</summary>
    const int ShortestDynamic = 26;

    public static void Check(VirtualNetworkGateway gateway, AzureEnvironment environment, ErrorCollector errors)
    {
        if (gateway.NatRules.IsEmpty)
            return;
        if (!gateway.IsVpn || gateway.VpnType == VpnType.PolicyBased)
            errors.Add("properties.natRules", "must be empty unless the gateway is of the gatewayType Vpn and the vpnType RouteBased");
        else if (GatewaySku.Of(gateway) is { HasNat: false })
            errors.Add("properties.natRules", $"must be empty with the SKU {gateway.Sku}; NAT needs VpnGw2 to VpnGw5 or VpnGw2AZ to VpnGw5AZ");
        if (gateway.NatRules.Length > MaximumRules)
            errors.Add("properties.natRules", $"must have {MaximumRules} rules at most, not {gateway.NatRules.Length}");
        HashSet<string> names = [];
        for (int index = 0; index < gateway.NatRules.Length; index++)
        {
            NatRule rule = gateway.NatRules[index];
            string path = $"properties.natRules[{index}]";
            if (!names.Add(rule.Name))
                errors.Add($"{path}.name", $"must be a name of its own, not {rule.Name} again");
            CheckMappings(rule, path, errors);
            CheckPorts(rule, path, errors);
            CheckInstance(rule, gateway, path, errors);
            CheckExternal(rule, index, gateway, environment, path, errors);
        }
    }

    static void CheckMappings(NatRule rule, string path, ErrorCollector errors)
    {
        CheckMapping(rule.InternalMappings.Length, $"{path}.properties.internalMappings", errors);
        CheckMapping(rule.ExternalMappings.Length, $"{path}.properties.externalMappings", errors);
        if (rule is not { InternalMappings: [IpPrefix inside, ..], ExternalMappings: [IpPrefix outside, ..] })
            return;
        string external = $"{path}.properties.externalMappings[0]";
        if (inside.Address.IsV6 || outside.Address.IsV6)
        {
            errors.Add(inside.Address.IsV6 ? $"{path}.properties.internalMappings[0]" : external,
                $"must be IPv4, not {(inside.Address.IsV6 ? inside : outside)}: a gateway translates IPv4 only");
        }
        else if (rule.Type == VpnNatRuleType.Static && inside.Length != outside.Length)
            errors.Add(external, $"must be a /{inside.Length} as the internal mapping of a Static rule is, not {outside}");
        else if (rule.Type == VpnNatRuleType.Dynamic && outside.Length < ShortestDynamic)
            errors.Add(external, $"must be a /{ShortestDynamic} or smaller with a Dynamic rule, not {outside}");
    }

    /// <summary>One to one needs as many ports on both sides.</summary>
    static void CheckPorts(NatRule rule, string path, ErrorCollector errors)
    {
        if (rule.Type == VpnNatRuleType.Dynamic || rule.InternalPortRange?.Count == rule.ExternalPortRange?.Count)
            return;
        if (rule.InternalPortRange is not PortRange inside)
            errors.Add($"{path}.properties.internalMappings[0].portRange",
                $"must be given with a Static rule whose external mapping has one, {rule.ExternalPortRange}");
        else if (rule.ExternalPortRange is not PortRange outside)
            errors.Add($"{path}.properties.externalMappings[0].portRange", $"must be given with a Static rule whose internal mapping has one, {inside}");
        else
            errors.Add($"{path}.properties.externalMappings[0].portRange",
                $"must have {inside.Count} ports as the internal mapping of a Static rule has, not {outside.Count} of {outside}");
    }

    static void CheckMapping(int count, string path, ErrorCollector errors)
    {
        if (count != 1)
            errors.Add(path, $"must have exactly 1 prefix, not {count}; another prefix has a rule of its own");
    }

    static void CheckInstance(NatRule rule, VirtualNetworkGateway gateway, string path, ErrorCollector errors)
    {
        string[] names = [.. gateway.IpConfigurations.Select(configuration => configuration.Name)];
        if (rule.IpConfigurationId is string name && !names.Contains(name))
            errors.AddUnknown($"{path}.properties.ipConfigurationId", "IP configuration of the gateway", name, names);
        // A flow's ports are known to the instance that translated it, and to no other.
        else if (rule is { IpConfigurationId: null, Type: VpnNatRuleType.Dynamic } && gateway.ActiveActive)
        {
            errors.Add($"{path}.properties.ipConfigurationId",
                $"must be given for a Dynamic rule of an active-active gateway ({string.Join(", ", names)}): each instance has a rule of its own");
        }
    }

    /// <summary>What one side sees of another must be an address space of its own.</summary>
    static void CheckExternal(NatRule rule, int index, VirtualNetworkGateway gateway, AzureEnvironment environment, string path, ErrorCollector errors)
    {
        foreach (IpPrefix external in rule.ExternalMappings)
        {
            string place = $"{path}.properties.externalMappings[0]";
            foreach (NatRule other in gateway.NatRules.Take(index))
            {
                // The same mapping in the other instance of an active-active gateway.
                bool isTwin = rule.IpConfigurationId != other.IpConfigurationId && rule.Mode == other.Mode
                    && rule.InternalMappings.SequenceEqual(other.InternalMappings) && rule.ExternalMappings.SequenceEqual(other.ExternalMappings);
                if (!isTwin && ErrorCollector.FirstOverlap(other.ExternalMappings, external) is IpPrefix taken)
                    errors.Add(place, $"must not overlap {taken}, the external mapping of {other.Name}, as {external} does");
            }
            if (!gateway.IpConfigurations.IsEmpty && environment.FindVirtualNetwork(gateway.VirtualNetwork) is VirtualNetwork network
                && ErrorCollector.FirstOverlap(network.AddressPrefixes, external) is IpPrefix space)
                errors.Add(place, $"must not overlap {space} of {network.Name}, as {external} does");
        }
    }
}
