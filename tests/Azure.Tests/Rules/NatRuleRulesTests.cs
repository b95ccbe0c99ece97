using System.Collections.Immutable;
using Ipsec.Azure.Resources;
using Ipsec.Net;

namespace Ipsec.Azure.Tests.Rules;

public class NatRuleRulesTests
{
    const string Gateway = "virtualNetworkGateways/hub-gw";

    /// <summary>The example of Microsoft's documents: the network and the site have the same addresses.</summary>
    [Fact]
    public void SameAddressesOnBothSidesAreTranslated()
    {
        AzureEnvironment environment = Overlapping();

        RuleTable.AssertAccepted(environment);
        Assert.Equal([IpPrefix.Parse("100.0.2.0/24")], ConnectionPrefixes.Of(environment, environment.Connections[0]));
        RuleTable.AssertRefused(environment with { Connections = environment.Connections.Change(0, connection => connection with { IngressNatRules = [] }) },
            "connections/hub-to-branch properties.localNetworkGateway2.id: must have address prefixes outside 10.0.1.0/24 of hub, which 10.0.1.0/24 is not; " +
                "where both sides have the same addresses, NAT rules translate them");
    }

    public static TheoryData<Func<NatRule, NatRule>, string> Refused => new()
    {
        {
            rule => rule with { InternalMappings = [] },
            "properties.natRules[0].properties.internalMappings: must have exactly 1 prefix, not 0; another prefix has a rule of its own"
        },
        {
            rule => rule with { ExternalMappings = [IpPrefix.Parse("100.0.1.0/24"), IpPrefix.Parse("100.0.9.0/24")] },
            "properties.natRules[0].properties.externalMappings: must have exactly 1 prefix, not 2; another prefix has a rule of its own"
        },
        {
            rule => rule with { ExternalMappings = [IpPrefix.Parse("100.0.1.0/25")] },
            "properties.natRules[0].properties.externalMappings[0]: must be a /24 as the internal mapping of a Static rule is, not 100.0.1.0/25"
        },
        {
            rule => rule with { Type = VpnNatRuleType.Dynamic },
            "properties.natRules[0].properties.externalMappings[0]: must be a /26 or smaller with a Dynamic rule, not 100.0.1.0/24"
        },
        {
            rule => rule with { ExternalMappings = [IpPrefix.Parse("fd00::/120")] },
            "properties.natRules[0].properties.externalMappings[0]: must be IPv4, not fd00::/120: a gateway translates IPv4 only"
        },
        {
            rule => rule with { ExternalMappings = [IpPrefix.Parse("10.0.1.0/24")] },
            "properties.natRules[0].properties.externalMappings[0]: must not overlap 10.0.1.0/24 of hub, as 10.0.1.0/24 does"
        },
        {
            rule => rule with { InternalPortRange = new PortRange(200, 300) },
            "properties.natRules[0].properties.externalMappings[0].portRange: must be given with a Static rule whose internal mapping has one, 200-300"
        },
        {
            rule => rule with { ExternalPortRange = new PortRange(200, 300) },
            "properties.natRules[0].properties.internalMappings[0].portRange: must be given with a Static rule whose external mapping has one, 200-300"
        },
        {
            rule => rule with { InternalPortRange = new PortRange(200, 300), ExternalPortRange = new PortRange(300, 390) },
            "properties.natRules[0].properties.externalMappings[0].portRange: must have 101 ports as the internal mapping of a Static rule has, not 91 of " +
                "300-390"
        },
        {
            rule => rule with { IpConfigurationId = "activeActive" },
            "properties.natRules[0].properties.ipConfigurationId: must name an IP configuration of the gateway (default), not activeActive (Azure: " +
                "InvalidResourceReference)"
        },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void RefusesWithOneSentence(Func<NatRule, NatRule> change, string sentence)
    {
        AzureEnvironment environment = Overlapping();

        RuleTable.AssertRefused(environment.With(environment.VirtualNetworkGateways[0] with { NatRules = environment.VirtualNetworkGateways[0].NatRules.Change(0, change) }),
            $"{Gateway} {sentence}");
    }

    [Fact]
    public void ExternalMappingsOfTwoRulesDoNotOverlap()
    {
        AzureEnvironment environment = Overlapping();
        NatRule other = environment.VirtualNetworkGateways[0].NatRules[1] with
        {
            Name = "other",
            ExternalMappings = [IpPrefix.Parse("100.0.2.128/25")],
            InternalMappings = [IpPrefix.Parse("10.0.1.0/25")]
        };

        RuleTable.AssertRefused(environment.With(environment.VirtualNetworkGateways[0] with { NatRules = environment.VirtualNetworkGateways[0].NatRules.Add(other) }),
            $"{Gateway} properties.natRules[2].properties.externalMappings[0]: must not overlap 100.0.2.0/24, the external mapping of branch, as " +
                "100.0.2.128/25 does");
    }

    [Theory]
    [InlineData(VirtualNetworkGatewaySkuName.VpnGw1AZ)]
    [InlineData(VirtualNetworkGatewaySkuName.VpnGw1)]
    [InlineData(VirtualNetworkGatewaySkuName.Basic)]
    public void SmallGatewaysDoNotTranslate(VirtualNetworkGatewaySkuName sku)
    {
        AzureEnvironment environment = Overlapping();

        RuleTable.AssertRefused(environment.With(environment.VirtualNetworkGateways[0] with { Sku = sku }),
            $"{Gateway} properties.natRules: must be empty with the SKU {sku}; NAT needs VpnGw2 to VpnGw5 or VpnGw2AZ to VpnGw5AZ");
    }

    [Fact]
    public void EachInstanceHasItsOwnRule()
    {
        AzureEnvironment environment = Overlapping();
        VirtualNetworkGateway gateway = environment.VirtualNetworkGateways[0];
        gateway = gateway with
        {
            ActiveActive = true,
            IpConfigurations = gateway.IpConfigurations.Add(new GatewayIpConfiguration("activeActive", "hub", "GatewaySubnet", "hub-ip2")),
        };
        NatRule dynamic = gateway.NatRules[0] with { Name = "dynamic", Type = VpnNatRuleType.Dynamic, ExternalMappings = [IpPrefix.Parse("100.0.9.0/28")] };
        ImmutableArray<NatRule> pair = [gateway.NatRules[0] with { IpConfigurationId = "default" }, gateway.NatRules[1],
            gateway.NatRules[0] with { Name = "vnet2", IpConfigurationId = "activeActive" }];

        RuleTable.AssertAccepted(environment.With(gateway with { NatRules = pair }));
        RuleTable.AssertRefused(environment.With(gateway with { NatRules = gateway.NatRules.Add(dynamic) }),
            $"{Gateway} properties.natRules[2].properties.ipConfigurationId: must be given for a Dynamic rule of an active-active gateway (default, " +
                "activeActive): each instance has a rule of its own");
    }

    public static TheoryData<Func<GatewayConnection, GatewayConnection>, string> RefusedUses => new()
    {
        {
            connection => connection with { IngressNatRules = ["branch", "vnet"] },
            "properties.ingressNatRules[1].id: must be a rule of the mode IngressSnat, not vnet, which has EgressSnat"
        },
        {
            connection => connection with { EgressNatRules = ["vnet", "vnet"] },
            "properties.egressNatRules[1].id: must be a rule that the connection does not have yet, not vnet again"
        },
        {
            connection => connection with { EgressNatRules = ["other"] },
            "properties.egressNatRules[0].id: must name a NAT rule of hub-gw (vnet), not other (Azure: InvalidResourceReference)"
        },
        {
            connection => connection with { EgressNatRules = [], UsePolicyBasedTrafficSelectors = true },
            "properties.ingressNatRules: must be empty with usePolicyBasedTrafficSelectors: true"
        },
    };

    [Theory]
    [MemberData(nameof(RefusedUses))]
    public void RefusesUsesWithOneSentence(Func<GatewayConnection, GatewayConnection> change, string sentence)
    {
        AzureEnvironment environment = Overlapping();

        RuleTable.AssertRefused(environment with { Connections = environment.Connections.Change(0, change) }, $"connections/hub-to-branch {sentence}");
    }

    [Fact]
    public void SitesDoNotShareIngressRulesNorConnectionsDynamicOnes()
    {
        AzureEnvironment environment = Overlapping();
        VirtualNetworkGateway gateway = environment.VirtualNetworkGateways[0];
        LocalNetworkGateway second = SampleEnvironment.LocalGateway with
        {
            Name = "second",
            GatewayIpAddress = IpAddress.Parse("203.0.113.6"),
            AddressPrefixes = [IpPrefix.Parse("10.0.1.0/24")]
        };
        environment = environment with
        {
            LocalNetworkGateways = environment.LocalNetworkGateways.Add(second),
            Connections = environment.Connections.Add(environment.Connections[0] with { Name = "c2", LocalNetworkGateway2 = "second" }),
        };

        RuleTable.AssertRefused(environment,
            "connections/c2 properties.ingressNatRules[0].id: must be a rule of connections to the same site: hub-to-branch uses branch for branch");
        NatRule dynamic = gateway.NatRules[0] with { Type = VpnNatRuleType.Dynamic, ExternalMappings = [IpPrefix.Parse("100.0.1.0/28")] };
        NatRule secondBranch = gateway.NatRules[1] with { Name = "branch2", ExternalMappings = [IpPrefix.Parse("100.0.3.0/24")] };
        environment = environment.With(gateway with { NatRules = [dynamic, gateway.NatRules[1], secondBranch] }) with
        {
            Connections = environment.Connections.Change(1, connection => connection with { IngressNatRules = ["branch2"] }),
        };
        RuleTable.AssertRefused(environment,
            "connections/c2 properties.egressNatRules[0].id: must be a rule of this connection alone: the Dynamic rule vnet is used by hub-to-branch");
    }

    static AzureEnvironment Overlapping()
    {
        AzureEnvironment environment = SampleEnvironment.Create();
        return environment with
        {
            VirtualNetworks =
            [
                new VirtualNetwork
                {
                    Name = "hub",
                    AddressPrefixes = [IpPrefix.Parse("10.0.1.0/24")],
                    Subnets = [new Subnet("GatewaySubnet", [IpPrefix.Parse("10.0.1.224/27")])],
                },
            ],
            VirtualNetworkGateways =
            [
                SampleEnvironment.Gateway with
                {
                    NatRules =
                    [
                        new NatRule { Name = "vnet", Mode = VpnNatRuleMode.EgressSnat, InternalMappings = [IpPrefix.Parse("10.0.1.0/24")],
                            ExternalMappings = [IpPrefix.Parse("100.0.1.0/24")] },
                        new NatRule { Name = "branch", Mode = VpnNatRuleMode.IngressSnat, InternalMappings = [IpPrefix.Parse("10.0.1.0/24")],
                            ExternalMappings = [IpPrefix.Parse("100.0.2.0/24")] },
                    ],
                },
            ],
            LocalNetworkGateways = [SampleEnvironment.LocalGateway with { AddressPrefixes = [IpPrefix.Parse("10.0.1.0/24")] }],
            Connections = [SampleEnvironment.Connection with { IngressNatRules = ["branch"], EgressNatRules = ["vnet"] }],
        };
    }
}
