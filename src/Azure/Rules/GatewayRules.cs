using Ipsec.Azure.Resources;
using Ipsec.Net;

namespace Ipsec.Azure.Rules;

static class GatewayRules
{
    public static void Check(VirtualNetworkGateway gateway, AzureEnvironment environment, ErrorCollector errors)
    {
        GatewaySkuRules.Check(gateway, errors);
        CheckCount(gateway, errors);
        for (int index = 0; index < gateway.IpConfigurations.Length; index++)
            CheckConfiguration(gateway, index, environment, errors);
        CheckNeighbours(gateway, environment, errors);
        CheckDefaultSite(gateway, environment, errors);
        NatRuleRules.Check(gateway, environment, errors);
    }

    static void CheckCount(VirtualNetworkGateway gateway, ErrorCollector errors)
    {
        int wanted = gateway.ActiveActive ? 2 : 1;
        int given = gateway.IpConfigurations.Count(configuration => configuration.PublicIpAddress is not null || !gateway.IsVpn);
        if (given != wanted)
        {
            errors.Add("properties.ipConfigurations", gateway.ActiveActive
                ? $"must have 2 public IP addresses with activeActive, not {given}"
                : $"must have 1 public IP address (2 with activeActive: true), not {given}");
        }
    }

    static void CheckConfiguration(VirtualNetworkGateway gateway, int index, AzureEnvironment environment, ErrorCollector errors)
    {
        GatewayIpConfiguration configuration = gateway.IpConfigurations[index];
        string path = $"properties.ipConfigurations[{index}].properties";
        if (configuration.PublicIpAddress is string name)
        {
            if (environment.FindPublicIpAddress(name) is not PublicIpAddress address)
                errors.AddUnknown($"{path}.publicIPAddress.id", "public IP address", name, environment.PublicIpAddresses.Select(known => known.Name));
            else if (UsesOf(address, environment) > 1)
                errors.Add($"{path}.publicIPAddress.id", $"must be an address of its own: {address.IpAddress} has another gateway instance too");
        }
        if (environment.FindVirtualNetwork(configuration.VirtualNetwork) is not VirtualNetwork network)
            errors.AddUnknown($"{path}.subnet.id", "virtual network", configuration.VirtualNetwork, environment.VirtualNetworks.Select(known => known.Name));
        else
            CheckSubnet(gateway, configuration, network, $"{path}.subnet.id", errors);
    }

    static int UsesOf(PublicIpAddress address, AzureEnvironment environment) => environment.VirtualNetworkGateways
        .SelectMany(gateway => gateway.IpConfigurations)
        .Count(used => used.PublicIpAddress is string name && environment.FindPublicIpAddress(name)?.IpAddress == address.IpAddress);

    static void CheckSubnet(VirtualNetworkGateway gateway, GatewayIpConfiguration configuration, VirtualNetwork network, string path, ErrorCollector errors)
    {
        if (configuration.Subnet != Subnet.GatewaySubnetName)
            errors.Add(path, $"must be the subnet {Subnet.GatewaySubnetName}, not {configuration.Subnet}");
        else if (network.FindSubnet(Subnet.GatewaySubnetName) is not Subnet subnet)
            errors.Add(path, $"must be in a virtual network with a subnet {Subnet.GatewaySubnetName}, which {network.Name} does not have");
        else
            CheckPrefixes(gateway, subnet, path, errors);
        if (configuration.VirtualNetwork != gateway.VirtualNetwork)
            errors.Add(path, $"must be in the same virtual network as the first one, {gateway.VirtualNetwork}");
    }

    /// <summary>Basic lives in a /29, everything else wants a /27; IPv6 needs a zone-redundant SKU.</summary>
    static void CheckPrefixes(VirtualNetworkGateway gateway, Subnet subnet, string path, ErrorCollector errors)
    {
        bool isBasic = gateway.IsVpn && gateway.Sku == VirtualNetworkGatewaySkuName.Basic;
        int longest = isBasic ? 29 : 27;
        foreach (IpPrefix prefix in subnet.AddressPrefixes)
        {
            if (prefix.Address.IsV4 && prefix.Length > longest)
            {
                string what = gateway.IsVpn ? $"the SKU {gateway.Sku}" : "the gatewayType ExpressRoute";
                errors.Add(path, $"must be a {Subnet.GatewaySubnetName} of /{longest} or larger with {what}, not {prefix}");
            }
            if (prefix.Address.IsV6 && gateway.IsVpn && GatewaySku.Of(gateway) is { IsZoneRedundant: false })
                errors.Add(path, $"must be an IPv4 {Subnet.GatewaySubnetName} with the SKU {gateway.Sku}; IPv6 needs VpnGw1AZ to VpnGw5AZ");
        }
    }

    /// <summary>One gateway of each type in a network; beside an ExpressRoute gateway a route-based one that is not Basic.</summary>
    static void CheckNeighbours(VirtualNetworkGateway gateway, AzureEnvironment environment, ErrorCollector errors)
    {
        if (gateway.IpConfigurations.IsEmpty)
            return;
        const string path = "properties.ipConfigurations[0].properties.subnet.id";
        VirtualNetworkGateway[] neighbours = [.. environment.VirtualNetworkGateways.Where(other =>
            other != gateway && !other.IpConfigurations.IsEmpty && other.VirtualNetwork == gateway.VirtualNetwork)];
        VirtualNetworkGateway? same = environment.VirtualNetworkGateways.TakeWhile(other => other != gateway)
            .FirstOrDefault(other => neighbours.Contains(other) && other.GatewayType == gateway.GatewayType);
        if (same is not null)
            errors.Add(path, $"must be in a virtual network without another {gateway.GatewayType} gateway: {gateway.VirtualNetwork} has {same.Name}");
        if (gateway.IsVpn && neighbours.FirstOrDefault(other => !other.IsVpn) is VirtualNetworkGateway circuitGateway)
        {
            if (gateway.VpnType == VpnType.PolicyBased)
                errors.Add("properties.vpnType", $"must be RouteBased beside the ExpressRoute gateway {circuitGateway.Name}");
            else if (gateway.Sku == VirtualNetworkGatewaySkuName.Basic)
                errors.Add("properties.sku.name", $"must not be Basic beside the ExpressRoute gateway {circuitGateway.Name}");
        }
    }

    static void CheckDefaultSite(VirtualNetworkGateway gateway, AzureEnvironment environment, ErrorCollector errors)
    {
        const string path = "properties.gatewayDefaultSite.id";
        if (gateway.GatewayDefaultSite is not string site)
            return;
        if (!gateway.IsVpn || gateway.VpnType == VpnType.PolicyBased)
            errors.Add(path, "must be absent unless the gateway is of the gatewayType Vpn and the vpnType RouteBased");
        if (environment.FindLocalNetworkGateway(site) is null)
            errors.AddUnknown(path, "local network gateway", site, environment.LocalNetworkGateways.Select(known => known.Name));
        else if (!environment.ConnectionsOf(gateway).Any(connection => connection.LocalNetworkGateway2 == site))
            errors.Add(path, $"must name a local network gateway that a connection of {gateway.Name} leads to, which {site} is not");
    }
}
