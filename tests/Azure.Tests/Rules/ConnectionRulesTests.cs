using System.Collections.Immutable;
using Ipsec.Azure.Resources;
using Ipsec.Azure.Rules;
using Ipsec.Net;

namespace Ipsec.Azure.Tests.Rules;

public class ConnectionRulesTests
{
    const string Branch = "connections/hub-to-branch";
    const string Return = "connections/west-to-hub";

    public static TheoryData<Func<GatewayConnection, GatewayConnection>, string> Refused => new()
    {
        {
            connection => connection with { SharedKey = null },
            "properties.sharedKey: must be given: Azure would make one up, and the other side of this emulator could not know it"
        },
        {
            connection => connection with { ConnectionProtocol = VirtualNetworkGatewayConnectionProtocol.IKEv1 },
            "properties.connectionProtocol: must be IKEv2, not IKEv1, which this emulator does not speak yet"
        },
        {
            connection => connection with { LocalNetworkGateway2 = null },
            "properties.localNetworkGateway2.id: must name a local network gateway (branch), not nothing (Azure: InvalidResourceReference)"
        },
        {
            connection => connection with { VirtualNetworkGateway2 = "hub-gw" },
            "properties.virtualNetworkGateway2.id: must be absent with the connectionType IPsec"
        },
        { connection => connection with { Peer = "circuit" }, "properties.peer.id: must be absent with the connectionType IPsec" },
        { connection => connection with { RoutingWeight = 32_001 }, "properties.routingWeight: must be 0 to 32000, not 32001" },
        {
            connection => connection with { IngressNatRules = ["in"] },
            "properties.ingressNatRules[0].id: must name a NAT rule of hub-gw, of which there is none (Azure: InvalidResourceReference)"
        },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void RefusesWithOneSentence(Func<GatewayConnection, GatewayConnection> change, string sentence) =>
        RuleTable.AssertRefused(SampleEnvironment.Create().With(change(SampleEnvironment.Connection)), $"{Branch} {sentence}");

    public static TheoryData<Func<GatewayConnection, GatewayConnection>, string> RefusedBetweenNetworks => new()
    {
        {
            connection => connection with { VirtualNetworkGateway2 = null },
            "properties.virtualNetworkGateway2.id: must name a virtual network gateway (hub-gw, west-gw), not nothing (Azure: InvalidResourceReference)"
        },
        {
            connection => connection with { VirtualNetworkGateway2 = "east-gw" },
            "properties.virtualNetworkGateway2.id: must name a virtual network gateway (hub-gw, west-gw), not east-gw (Azure: InvalidResourceReference)"
        },
        {
            connection => connection with { VirtualNetworkGateway2 = "west-gw" },
            "properties.virtualNetworkGateway2.id: must be another gateway than west-gw, at which the connection begins"
        },
        {
            connection => connection with { LocalNetworkGateway2 = "hub" },
            "properties.localNetworkGateway2.id: must be absent with the connectionType Vnet2Vnet"
        },
        {
            connection => connection with { EgressNatRules = ["out"] },
            "properties.egressNatRules: must be empty with the connectionType Vnet2Vnet: NAT rules are for IPsec connections only"
        },
    };

    [Theory]
    [MemberData(nameof(RefusedBetweenNetworks))]
    public void RefusesBetweenNetworksWithOneSentence(Func<GatewayConnection, GatewayConnection> change, string sentence)
    {
        AzureEnvironment environment = TwoNetworks.Create();

        RuleTable.AssertRefused(environment with { Connections = environment.Connections.Change(1, change) }, $"{Return} {sentence}");
    }

    [Fact]
    public void TwoNetworksAreAccepted() => RuleTable.AssertAccepted(TwoNetworks.Create().ActiveActive("hub", "west"));

    [Fact]
    public void ConnectedNetworksDoNotOverlap()
    {
        AzureEnvironment environment = TwoNetworks.Create();
        VirtualNetwork west = environment.VirtualNetworks[1] with { AddressPrefixes = [IpPrefix.Parse("10.5.0.0/16"), IpPrefix.Parse("10.1.4.0/24")] };

        RuleTable.AssertRefused(environment with { VirtualNetworks = environment.VirtualNetworks.SetItem(1, west), Connections = [environment.Connections[0]] },
            "connections/hub-to-west properties.virtualNetworkGateway2.id: must be in a virtual network that does not overlap hub, as 10.1.4.0/24 of west " +
                "does with 10.1.0.0/16");
    }

    [Fact]
    public void OneConnectionLeadsToAGateway()
    {
        AzureEnvironment environment = TwoNetworks.Create();

        RuleTable.AssertRefused(environment with { Connections = environment.Connections.Add(environment.Connections[0] with { Name = "again" }) },
            "connections/again properties.virtualNetworkGateway2.id: must be a gateway that no other connection of hub-gw leads to, as hub-to-west does to " +
                "west-gw");
    }

    [Fact]
    public void PolicyBasedGatewayHasNoConnectionThatThisEmulatorSpeaks()
    {
        VirtualNetworkGateway gateway = SampleEnvironment.Gateway with { Sku = VirtualNetworkGatewaySkuName.Basic, VpnType = VpnType.PolicyBased };
        AzureEnvironment environment = SampleEnvironment.Create().With(gateway);
        const string first = $"{Branch} properties.virtualNetworkGateway1.id: must be a RouteBased gateway, not hub-gw: a PolicyBased one speaks IKEv1 " +
            "only, which this emulator does not speak yet";

        RuleTable.AssertRefused(environment, first);
        environment = environment with
        {
            LocalNetworkGateways = [SampleEnvironment.LocalGateway,
                SampleEnvironment.LocalGateway with { Name = "second", GatewayIpAddress = IpAddress.Parse("203.0.113.6") }],
            Connections = [SampleEnvironment.Connection, SampleEnvironment.Connection with { Name = "c2", LocalNetworkGateway2 = "second" }],
        };
        Assert.Equal([first, "connections/c2 properties.virtualNetworkGateway1.id: must be a gateway with a free tunnel: hub-gw has all 1 of the vpnType " +
            "PolicyBased"],
            AzureRules.Check(environment).Select(RuleTable.Text));
    }

    [Fact]
    public void PolicyBasedGatewayHasNoVnet2Vnet()
    {
        AzureEnvironment environment = TwoNetworks.Create();
        environment = environment with
        {
            VirtualNetworkGateways = environment.VirtualNetworkGateways.Change(1, gateway =>
                gateway with { Sku = VirtualNetworkGatewaySkuName.Basic, VpnType = VpnType.PolicyBased }),
        };

        Assert.Equal(
            [
                "connections/hub-to-west properties.virtualNetworkGateway2.id: must be a RouteBased gateway of the gatewayType Vpn, not west-gw, which is " +
                    "PolicyBased",
                "connections/west-to-hub properties.virtualNetworkGateway1.id: must be a RouteBased gateway with the connectionType Vnet2Vnet, not west-gw, " +
                    "which is PolicyBased",
            ],
            AzureRules.Check(environment).Select(RuleTable.Text));
    }

    [Fact]
    public void Ikev1IsNothingForBasic() => RuleTable.AssertRefused(
        SampleEnvironment.Create().With(SampleEnvironment.Gateway with { Sku = VirtualNetworkGatewaySkuName.Basic })
            .With(SampleEnvironment.Connection with { ConnectionProtocol = VirtualNetworkGatewayConnectionProtocol.IKEv1 }),
        $"{Branch} properties.connectionProtocol: must be IKEv2 with a RouteBased gateway of the SKU Basic, not IKEv1");

    [Fact]
    public void EachConnectionLeadsToADeviceOfItsOwn()
    {
        AzureEnvironment environment = SampleEnvironment.Create();
        const string end = "properties.localNetworkGateway2.id: must be a device of its own: the connection hub-to-branch of hub-gw leads to 203.0.113.5 too";

        RuleTable.AssertRefused(environment with { Connections = [SampleEnvironment.Connection, SampleEnvironment.Connection with { Name = "again" }] },
            $"connections/again {end}");
        RuleTable.AssertRefused(environment with
        {
            LocalNetworkGateways = [SampleEnvironment.LocalGateway, SampleEnvironment.LocalGateway with { Name = "twin" }],
            Connections = [SampleEnvironment.Connection, SampleEnvironment.Connection with { Name = "again", LocalNetworkGateway2 = "twin" }],
        },
            $"connections/again {end}");
    }

    [Fact]
    public void DevicesWithoutAnAddressShareAKey()
    {
        LocalNetworkGateway first = SampleEnvironment.LocalGateway with { GatewayIpAddress = null, Fqdn = "branch.example.org" };
        LocalNetworkGateway second = first with { Name = "second", Fqdn = "second.example.org", AddressPrefixes = [IpPrefix.Parse("10.3.0.0/24")] };
        GatewayConnection other = SampleEnvironment.Connection with { Name = "c2", LocalNetworkGateway2 = "second" };
        AzureEnvironment environment = SampleEnvironment.Create() with
        {
            LocalNetworkGateways = [first, second],
            Connections = [SampleEnvironment.Connection, other]
        };

        RuleTable.AssertAccepted(environment);
        RuleTable.AssertRefused(environment with { Connections = [SampleEnvironment.Connection, other with { SharedKey = SampleEnvironment.Key("another") }] },
            "connections/c2 properties.sharedKey: must be that of hub-to-branch: both devices have an fqdn and no address, and this emulator finds a key by " +
                "the address");
    }

    [Theory]
    [InlineData("10.1.7.0/24", false)]
    [InlineData("10.1.0.0/16", false)]
    [InlineData("10.0.0.0/8", true)]
    [InlineData("10.2.0.0/16", true)]
    public void SiteDoesNotOverlapTheNetwork(string prefix, bool isAccepted)
    {
        AzureEnvironment environment = SampleEnvironment.Create() with { LocalNetworkGateways = [SampleEnvironment.LocalGateway with { AddressPrefixes = [IpPrefix.Parse(prefix)] }] };

        if (isAccepted)
            RuleTable.AssertAccepted(environment);
        else
        {
            RuleTable.AssertRefused(environment,
                $"{Branch} properties.localNetworkGateway2.id: must have address prefixes outside 10.1.0.0/16 of hub, which {prefix} is not; where both " +
                    "sides have the same addresses, NAT rules translate them");
        }
    }

    [Fact]
    public void ExpressRouteConnectionLeadsFromItsGatewayToACircuit()
    {
        AzureEnvironment environment = Circuit();

        RuleTable.AssertAccepted(environment);
        RuleTable.AssertRefused(environment with { Connections = environment.Connections.Change(0, connection => connection with { Peer = "other" }) },
            "connections/to-circuit properties.peer.id: must name an ExpressRoute circuit (circuit), not other (Azure: InvalidResourceReference)");
        RuleTable.AssertRefused(environment with
        {
            Connections = environment.Connections.Change(0, connection =>
            connection with { SharedKey = SampleEnvironment.Key("abc") })
        },
            "connections/to-circuit properties.sharedKey: must be absent with the connectionType ExpressRoute, which has no IPsec");
        RuleTable.AssertRefused(environment with
        {
            Connections = environment.Connections.Change(0, connection =>
            connection with { VirtualNetworkGateway1 = "hub-gw" }),
            VirtualNetworkGateways = [SampleEnvironment.Gateway]
        },
            "connections/to-circuit properties.virtualNetworkGateway1.id: must be a gateway of the gatewayType ExpressRoute with the connectionType " +
                "ExpressRoute, not hub-gw, which is of the type Vpn");
        RuleTable.AssertRefused(environment with
        {
            Connections = environment.Connections.Change(0, _ =>
            SampleEnvironment.Connection with { VirtualNetworkGateway1 = "hub-er" })
        },
            "connections/hub-to-branch properties.virtualNetworkGateway1.id: must be a gateway of the gatewayType Vpn with the connectionType IPsec, not " +
                "hub-er, which is of the type ExpressRoute");
    }

    static AzureEnvironment Circuit() => SampleEnvironment.Create() with
    {
        ExpressRouteCircuits = [new ExpressRouteCircuit("circuit")],
        VirtualNetworkGateways =
        [
            SampleEnvironment.Gateway with
            {
                Name = "hub-er",
                GatewayType = VirtualNetworkGatewayType.ExpressRoute,
                Sku = VirtualNetworkGatewaySkuName.ErGw1AZ,
                IpConfigurations = [new GatewayIpConfiguration("default", "hub", "GatewaySubnet", null)],
            },
        ],
        Connections =
        [
            new GatewayConnection { Name = "to-circuit", ConnectionType = VirtualNetworkGatewayConnectionType.ExpressRoute, VirtualNetworkGateway1 = "hub-er",
                Peer = "circuit" },
        ],
    };
}
