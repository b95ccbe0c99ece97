using Ipsec.Azure.Resources;
using Ipsec.Net;

namespace Ipsec.Azure.Rules;

static class GatewayRules
{
    public static void Check(VirtualNetworkGateway gateway, AzureEnvironment environment, ErrorCollector errors)
    {
        CheckCount(gateway, errors);
        for (int index = 0; index < gateway.IpConfigurations.Length; index++)
            CheckConfiguration(gateway, index, environment, errors);
        VirtualNetworkGateway? other = environment.VirtualNetworkGateways
            .TakeWhile(candidate => candidate != gateway)
            .FirstOrDefault(candidate => candidate.IpConfigurations.Length > 0 && gateway.IpConfigurations.Length > 0
                                         && candidate.VirtualNetwork == gateway.VirtualNetwork);
        if (other is not null)
            errors.Add("properties.ipConfigurations[0].properties.subnet.id", $"must be in a virtual network of its own: {gateway.VirtualNetwork} has the gateway {other.Name}");
    }

    static void CheckCount(VirtualNetworkGateway gateway, ErrorCollector errors)
    {
        int wanted = gateway.ActiveActive ? 2 : 1;
        if (gateway.IpConfigurations.Length != wanted)
        {
            errors.Add("properties.ipConfigurations", gateway.ActiveActive
                ? $"must have 2 public IP addresses with activeActive, not {gateway.IpConfigurations.Length}"
                : $"must have 1 public IP address (2 with activeActive: true), not {gateway.IpConfigurations.Length}");
        }
        if (gateway is { ActiveActive: true, Sku: VirtualNetworkGatewaySkuName.Basic })
            errors.Add("properties.activeActive", "must be false with the SKU Basic");
    }

    static void CheckConfiguration(VirtualNetworkGateway gateway, int index, AzureEnvironment environment, ErrorCollector errors)
    {
        GatewayIpConfiguration configuration = gateway.IpConfigurations[index];
        string path = $"properties.ipConfigurations[{index}].properties";
        if (environment.FindPublicIpAddress(configuration.PublicIpAddress) is not PublicIpAddress address)
            errors.AddUnknown($"{path}.publicIPAddress.id", "public IP address", configuration.PublicIpAddress, environment.PublicIpAddresses.Select(known => known.Name));
        else if (UsesOf(address, environment) > 1)
            errors.Add($"{path}.publicIPAddress.id", $"must be an address of its own: {address.IpAddress} has another gateway instance too");
        if (environment.FindVirtualNetwork(configuration.VirtualNetwork) is not VirtualNetwork network)
            errors.AddUnknown($"{path}.subnet.id", "virtual network", configuration.VirtualNetwork, environment.VirtualNetworks.Select(known => known.Name));
        else
            CheckSubnet(gateway, configuration, network, $"{path}.subnet.id", errors);
    }

    static int UsesOf(PublicIpAddress address, AzureEnvironment environment) => environment.VirtualNetworkGateways
        .SelectMany(gateway => gateway.IpConfigurations)
        .Count(used => environment.FindPublicIpAddress(used.PublicIpAddress)?.IpAddress == address.IpAddress);

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
        int longest = gateway.Sku == VirtualNetworkGatewaySkuName.Basic ? 29 : 27;
        foreach (IpPrefix prefix in subnet.AddressPrefixes)
        {
            if (prefix.Address.IsV4 && prefix.Length > longest)
                errors.Add(path, $"must be a {Subnet.GatewaySubnetName} of /{longest} or larger with the SKU {gateway.Sku}, not {prefix}");
            if (prefix.Address.IsV6 && !GatewaySkus.HasIpv6(gateway.Sku))
                errors.Add(path, $"must be an IPv4 {Subnet.GatewaySubnetName} with the SKU {gateway.Sku}; IPv6 needs VpnGw1AZ to VpnGw5AZ");
        }
    }
}
