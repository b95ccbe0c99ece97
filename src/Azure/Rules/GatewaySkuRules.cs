using Ipsec.Azure.Resources;

namespace Ipsec.Azure.Rules;

/// <summary>Which SKU, generation and VPN type go together.</summary>
static class GatewaySkuRules
{
    const string SkuPath = "properties.sku.name";
    const string GenerationPath = "properties.vpnGatewayGeneration";
    const string VpnTypePath = "properties.vpnType";

    public static void Check(VirtualNetworkGateway gateway, ErrorCollector errors)
    {
        if (gateway.IsVpn)
            CheckVpn(gateway, errors);
        else
            CheckExpressRoute(gateway, errors);
    }

    static void CheckVpn(VirtualNetworkGateway gateway, ErrorCollector errors)
    {
        VpnGatewayGeneration[] generations = [.. GatewaySku.All.Where(sku => sku.Name == gateway.Sku).Select(sku => sku.Generation)];
        if (generations.Length == 0)
        {
            errors.Add(SkuPath, $"must be a SKU of VPN gateways ({Names(GatewaySku.All.Select(sku => sku.Name))}), not {gateway.Sku}, {WhyNot(gateway.Sku)}");
            return;
        }
        if (gateway.VpnGatewayGeneration is VpnGatewayGeneration generation && !generations.Contains(generation))
            errors.Add(GenerationPath, $"must be {string.Join(" or ", generations)} with the SKU {gateway.Sku}, not {generation}");
        if (gateway is { VpnType: VpnType.PolicyBased, Sku: not VirtualNetworkGatewaySkuName.Basic })
            errors.Add(VpnTypePath, $"must be RouteBased with the SKU {gateway.Sku}: PolicyBased gateways have the SKU Basic only");
        if (gateway.ActiveActive && (gateway.Sku == VirtualNetworkGatewaySkuName.Basic || gateway.VpnType == VpnType.PolicyBased))
        {
            errors.Add("properties.activeActive",
                gateway.VpnType == VpnType.PolicyBased ? "must be false with the vpnType PolicyBased" : "must be false with the SKU Basic");
        }
    }

    static void CheckExpressRoute(VirtualNetworkGateway gateway, ErrorCollector errors)
    {
        if (!GatewaySku.ExpressRoute.Contains(gateway.Sku))
            errors.Add(SkuPath, $"must be a SKU of ExpressRoute gateways ({Names(GatewaySku.ExpressRoute)}), not {gateway.Sku}");
        if (gateway.VpnGatewayGeneration is not (null or VpnGatewayGeneration.None))
            errors.Add(GenerationPath, $"must be None with the gatewayType ExpressRoute, not {gateway.VpnGatewayGeneration}");
        if (gateway.VpnType == VpnType.PolicyBased)
            errors.Add(VpnTypePath, "must not be PolicyBased with the gatewayType ExpressRoute");
        if (gateway.ActiveActive)
            errors.Add("properties.activeActive", "must be false with the gatewayType ExpressRoute");
        if (gateway.DisableIPSecReplayProtection)
            errors.Add("properties.disableIPSecReplayProtection", "must be false with the gatewayType ExpressRoute, which has no IPsec");
    }

    static string WhyNot(VirtualNetworkGatewaySkuName sku) => sku switch
    {
        VirtualNetworkGatewaySkuName.Standard => "which is retired: Azure has made such gateways VpnGw1AZ",
        VirtualNetworkGatewaySkuName.HighPerformance => "which is retired: Azure has made such gateways VpnGw2AZ",
        _ => "which is one of ExpressRoute gateways",
    };

    static string Names(IEnumerable<VirtualNetworkGatewaySkuName> names) => string.Join(", ", names.Distinct().Order());
}
