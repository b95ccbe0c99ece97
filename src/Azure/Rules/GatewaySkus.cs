using Ipsec.Azure.Resources;

namespace Ipsec.Azure.Rules;

/// <summary>What a SKU can do.</summary>
static class GatewaySkus
{
    /// <summary>Site-to-site and VNet-to-VNet tunnels together.</summary>
    public static int MaximumTunnels(VirtualNetworkGatewaySkuName sku) => sku switch
    {
        VirtualNetworkGatewaySkuName.Basic => 10,
        VirtualNetworkGatewaySkuName.VpnGw4 or VirtualNetworkGatewaySkuName.VpnGw5
            or VirtualNetworkGatewaySkuName.VpnGw4AZ or VirtualNetworkGatewaySkuName.VpnGw5AZ => 100,
        _ => 30,
    };

    public static bool HasIpv6(VirtualNetworkGatewaySkuName sku) => sku >= VirtualNetworkGatewaySkuName.VpnGw1AZ;

    public static bool HasCustomPolicy(VirtualNetworkGatewaySkuName sku) => sku != VirtualNetworkGatewaySkuName.Basic;
}
