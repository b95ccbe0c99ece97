using System.Collections.Immutable;
using Ipsec.Azure.Resources;
using Ipsec.Net;

namespace Ipsec.Azure.Tests.Rules;

public class GatewayRulesTests
{
    const string Gateway = "virtualNetworkGateways/hub-gw";

    public static TheoryData<Func<VirtualNetworkGateway, VirtualNetworkGateway>, string> Refused => new()
    {
        {
            gateway => gateway with { Sku = VirtualNetworkGatewaySkuName.Standard },
            $"properties.sku.name: must be a SKU of VPN gateways ({VpnSkus}), not Standard, which is retired: Azure has made such gateways VpnGw1AZ"
        },
        {
            gateway => gateway with { Sku = VirtualNetworkGatewaySkuName.HighPerformance },
            $"properties.sku.name: must be a SKU of VPN gateways ({VpnSkus}), not HighPerformance, which is retired: Azure has made such gateways VpnGw2AZ"
        },
        {
            gateway => gateway with { Sku = VirtualNetworkGatewaySkuName.ErGw2AZ },
            $"properties.sku.name: must be a SKU of VPN gateways ({VpnSkus}), not ErGw2AZ, which is one of ExpressRoute gateways"
        },
        {
            gateway => gateway with { VpnGatewayGeneration = VpnGatewayGeneration.None },
            "properties.vpnGatewayGeneration: must be Generation1 or Generation2 with the SKU VpnGw2AZ, not None"
        },
        {
            gateway => gateway with { Sku = VirtualNetworkGatewaySkuName.VpnGw1, VpnGatewayGeneration = VpnGatewayGeneration.Generation2 },
            "properties.vpnGatewayGeneration: must be Generation1 with the SKU VpnGw1, not Generation2"
        },
        {
            gateway => gateway with { Sku = VirtualNetworkGatewaySkuName.VpnGw5, VpnGatewayGeneration = VpnGatewayGeneration.Generation1 },
            "properties.vpnGatewayGeneration: must be Generation2 with the SKU VpnGw5, not Generation1"
        },
        {
            gateway => gateway with { VpnType = VpnType.PolicyBased },
            "properties.vpnType: must be RouteBased with the SKU VpnGw2AZ: PolicyBased gateways have the SKU Basic only"
        },
        {
            gateway => gateway with { IpConfigurations = [gateway.IpConfigurations[0] with { PublicIpAddress = null }] },
            "properties.ipConfigurations: must have 1 public IP address (2 with activeActive: true), not 0"
        },
        {
            gateway => gateway with { IpConfigurations = [gateway.IpConfigurations[0] with { Subnet = "app" }] },
            "properties.ipConfigurations[0].properties.subnet.id: must be the subnet GatewaySubnet, not app"
        },
        {
            gateway => gateway with { IpConfigurations = [gateway.IpConfigurations[0] with { PublicIpAddress = "hub-ip9" }] },
            "properties.ipConfigurations[0].properties.publicIPAddress.id: must name a public IP address (hub-ip, hub-ip2), not hub-ip9 (Azure: " +
                "InvalidResourceReference)"
        },
        {
            gateway => gateway with { GatewayDefaultSite = "brunch" },
            "properties.gatewayDefaultSite.id: must name a local network gateway (branch), not brunch (Azure: InvalidResourceReference)"
        },
        {
            gateway => Express(gateway) with { Sku = VirtualNetworkGatewaySkuName.VpnGw1AZ },
            "properties.sku.name: must be a SKU of ExpressRoute gateways (Standard, HighPerformance, UltraPerformance, ErGw1AZ, ErGw2AZ, ErGw3AZ, " +
                "ErGwScale), not VpnGw1AZ"
        },
        {
            gateway => Express(gateway) with { VpnGatewayGeneration = VpnGatewayGeneration.Generation1 },
            "properties.vpnGatewayGeneration: must be None with the gatewayType ExpressRoute, not Generation1"
        },
        { gateway => Express(gateway) with { VpnType = VpnType.PolicyBased }, "properties.vpnType: must not be PolicyBased with the gatewayType ExpressRoute" },
        {
            gateway => Express(gateway) with { DisableIPSecReplayProtection = true },
            "properties.disableIPSecReplayProtection: must be false with the gatewayType ExpressRoute, which has no IPsec"
        },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void RefusesWithOneSentence(Func<VirtualNetworkGateway, VirtualNetworkGateway> change, string sentence) =>
        RuleTable.AssertRefused(Alone(change(SampleEnvironment.Gateway)), $"{Gateway} {sentence}");

    [Fact]
    public void ExpressRouteGatewayNeedsNoPublicAddress() => RuleTable.AssertAccepted(Alone(Express(SampleEnvironment.Gateway) with
    {
        VpnGatewayGeneration = VpnGatewayGeneration.None,
    }));

    [Fact]
    public void PolicyBasedGatewayIsBasicWithOneInstance()
    {
        VirtualNetworkGateway basic = SampleEnvironment.Gateway with { Sku = VirtualNetworkGatewaySkuName.Basic, VpnType = VpnType.PolicyBased };
        GatewayIpConfiguration second = new("activeActive", "hub", "GatewaySubnet", "hub-ip2");

        RuleTable.AssertAccepted(Alone(basic));
        RuleTable.AssertRefused(Alone(basic with { ActiveActive = true, IpConfigurations = basic.IpConfigurations.Add(second) }),
            $"{Gateway} properties.activeActive: must be false with the vpnType PolicyBased");
        RuleTable.AssertRefused(Alone(basic with { VpnType = VpnType.RouteBased, ActiveActive = true, IpConfigurations = basic.IpConfigurations.Add(second) }),
            $"{Gateway} properties.activeActive: must be false with the SKU Basic");
    }

    [Theory]
    [InlineData(VirtualNetworkGatewaySkuName.Basic, VirtualNetworkGatewayType.Vpn, "10.1.255.0/29", null)]
    [InlineData(VirtualNetworkGatewaySkuName.VpnGw1, VirtualNetworkGatewayType.Vpn, "10.1.255.0/29",
        "must be a GatewaySubnet of /27 or larger with the SKU VpnGw1, not 10.1.255.0/29")]
    [InlineData(VirtualNetworkGatewaySkuName.ErGw1AZ, VirtualNetworkGatewayType.ExpressRoute, "10.1.255.0/28",
        "must be a GatewaySubnet of /27 or larger with the gatewayType ExpressRoute, not 10.1.255.0/28")]
    [InlineData(VirtualNetworkGatewaySkuName.ErGw1AZ, VirtualNetworkGatewayType.ExpressRoute, "10.1.255.0/27", null)]
    public void GatewaySubnetHasItsSize(VirtualNetworkGatewaySkuName sku, VirtualNetworkGatewayType type, string subnet, string? message)
    {
        AzureEnvironment environment = Alone(SampleEnvironment.Gateway with { Sku = sku, GatewayType = type });
        environment = environment with
        {
            VirtualNetworks = environment.VirtualNetworks.Change(0, network =>
                network with { Subnets = [new Subnet("GatewaySubnet", [IpPrefix.Parse(subnet)])] }),
        };

        if (message is null)
            RuleTable.AssertAccepted(environment);
        else
            RuleTable.AssertRefused(environment, $"{Gateway} properties.ipConfigurations[0].properties.subnet.id: {message}");
    }

    [Fact]
    public void NetworkHasOneGatewayOfEachType()
    {
        AzureEnvironment environment = Alone(SampleEnvironment.Gateway);
        VirtualNetworkGateway circuit = Express(SampleEnvironment.Gateway) with { Name = "hub-er" };

        RuleTable.AssertAccepted(environment with { VirtualNetworkGateways = [SampleEnvironment.Gateway, circuit] });
        RuleTable.AssertRefused(environment with { VirtualNetworkGateways = [circuit, circuit with { Name = "hub-er2" }] },
            "virtualNetworkGateways/hub-er2 properties.ipConfigurations[0].properties.subnet.id: must be in a virtual network without another ExpressRoute " +
                "gateway: hub has hub-er");
    }

    [Fact]
    public void BasicAndPolicyBasedDoNotStandBesideExpressRoute()
    {
        VirtualNetworkGateway circuit = Express(SampleEnvironment.Gateway) with { Name = "hub-er" };
        VirtualNetworkGateway basic = SampleEnvironment.Gateway with { Sku = VirtualNetworkGatewaySkuName.Basic };
        AzureEnvironment environment = Alone(basic);

        RuleTable.AssertRefused(environment with { VirtualNetworkGateways = [basic, circuit] },
            $"{Gateway} properties.sku.name: must not be Basic beside the ExpressRoute gateway hub-er");
        RuleTable.AssertRefused(environment with { VirtualNetworkGateways = [basic with { VpnType = VpnType.PolicyBased }, circuit] },
            $"{Gateway} properties.vpnType: must be RouteBased beside the ExpressRoute gateway hub-er");
    }

    [Fact]
    public void DefaultSiteIsConnected()
    {
        AzureEnvironment environment = SampleEnvironment.Create().With(SampleEnvironment.Gateway with { GatewayDefaultSite = "branch" });

        RuleTable.AssertAccepted(environment);
        RuleTable.AssertRefused(environment with { Connections = [] },
            $"{Gateway} properties.gatewayDefaultSite.id: must name a local network gateway that a connection of hub-gw leads to, which branch is not");
    }

    [Theory]
    [InlineData("gatewaysubnet", "10.1.255.0/27", "properties.subnets[0]: must be called GatewaySubnet, not gatewaysubnet: no gateway finds it otherwise")]
    [InlineData("app", "10.1.255.0/30", "properties.subnets[0]: must be a /29 or larger, not 10.1.255.0/30 (Azure: NetcfgInvalidSubnet)")]
    [InlineData("app", "fd01::/48", "properties.subnets[0]: must be a /64, not fd01::/48 (Azure: NetcfgInvalidSubnet)")]
    public void SubnetHasItsNameAndSize(string name, string prefix, string sentence)
    {
        VirtualNetwork network = SampleEnvironment.Create().VirtualNetworks[0] with
        {
            AddressPrefixes = [IpPrefix.Parse("10.1.0.0/16"), IpPrefix.Parse("fd01::/48")],
            Subnets = [new Subnet(name, [IpPrefix.Parse(prefix)])],
        };

        RuleTable.AssertRefused(new AzureEnvironment { VirtualNetworks = [network] }, $"virtualNetworks/hub {sentence}");
    }

    [Theory]
    [InlineData(VirtualNetworkGatewaySkuName.Basic, null, 10, 100)]
    [InlineData(VirtualNetworkGatewaySkuName.VpnGw1AZ, null, 30, 650)]
    [InlineData(VirtualNetworkGatewaySkuName.VpnGw2, null, 30, 1000)]
    [InlineData(VirtualNetworkGatewaySkuName.VpnGw2, VpnGatewayGeneration.Generation2, 30, 1250)]
    [InlineData(VirtualNetworkGatewaySkuName.VpnGw3AZ, VpnGatewayGeneration.Generation2, 30, 2500)]
    [InlineData(VirtualNetworkGatewaySkuName.VpnGw4AZ, null, 100, 5000)]
    [InlineData(VirtualNetworkGatewaySkuName.VpnGw5, null, 100, 10_000)]
    public void SkuHasItsTunnelsAndBandwidth(VirtualNetworkGatewaySkuName sku, VpnGatewayGeneration? generation, int tunnels, int mbps)
    {
        GatewaySku row = GatewaySku.Of(SampleEnvironment.Gateway with { Sku = sku, VpnGatewayGeneration = generation })!;

        Assert.Equal((tunnels, mbps), (row.MaximumTunnels, row.AggregateMbps));
    }

    const string VpnSkus = "Basic, VpnGw1, VpnGw2, VpnGw3, VpnGw4, VpnGw5, VpnGw1AZ, VpnGw2AZ, VpnGw3AZ, VpnGw4AZ, VpnGw5AZ";

    static VirtualNetworkGateway Express(VirtualNetworkGateway gateway) => gateway with
    {
        GatewayType = VirtualNetworkGatewayType.ExpressRoute,
        Sku = VirtualNetworkGatewaySkuName.ErGw1AZ,
        IpConfigurations = [gateway.IpConfigurations[0] with { PublicIpAddress = null }],
    };

    /// <summary>The gateway without its connection.</summary>
    static AzureEnvironment Alone(VirtualNetworkGateway gateway) => SampleEnvironment.Create().With(gateway) with { Connections = [] };
}
