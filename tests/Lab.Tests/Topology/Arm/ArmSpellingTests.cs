using Ipsec.Azure;
using Ipsec.Azure.Resources;
using Ipsec.Lab.Topology;

namespace Ipsec.Lab.Tests.Topology.Arm;

/// <summary>The shorthand and ARM's full spelling, with children inside their parents and beside them, are the same resources.</summary>
public class ArmSpellingTests
{
    internal const string Shorthand = """
        name: spelling
        azure:
          virtualNetworks:
            hub: { addressPrefixes: [10.1.0.0/16], subnets: { GatewaySubnet: 10.1.255.0/27, app: 10.1.1.0/24 } }
            spoke: { addressPrefixes: [10.11.0.0/16], subnets: { app: 10.11.1.0/24 } }
            west: { addressPrefixes: [10.5.0.0/16], subnets: { GatewaySubnet: 10.5.255.0/27 } }
          virtualNetworkPeerings:
            hub-to-spoke: { virtualNetwork: hub, remoteVirtualNetwork: spoke, allowGatewayTransit: true, allowForwardedTraffic: true }
            spoke-to-hub: { virtualNetwork: spoke, remoteVirtualNetwork: hub, useRemoteGateways: true, allowVirtualNetworkAccess: false }
          virtualNetworkGateways:
            hub-gw:
              virtualNetwork: hub
              sku: VpnGw2AZ
              vpnGatewayGeneration: Generation2
              activeActive: true
              publicIPAddresses: [198.51.100.10, 198.51.100.11]
              gatewayDefaultSite: branch
              natRules:
                out: { mode: EgressSnat, internalMappings: [10.1.1.0/24], externalMappings: [100.64.1.0/24], ipConfigurationId: default }
                in: { type: Dynamic, mode: IngressSnat, internalMappings: [10.2.0.0/24], externalMappings: [100.64.2.0/26], ipConfigurationId: activeActive }
            hub-er: { virtualNetwork: hub, gatewayType: ExpressRoute, sku: ErGw2AZ }
            west-gw: { virtualNetwork: west, publicIPAddresses: [198.51.100.50] }
          localNetworkGateways:
            branch: { gatewayIpAddress: 203.0.113.5, addressPrefixes: [10.2.0.0/24] }
          expressRouteCircuits:
            circuit: { bandwidthInMbps: 50 }
          connections:
            hub-to-branch: { virtualNetworkGateway1: hub-gw, localNetworkGateway2: branch, sharedKey: Gh7s0pQ2xV9k, ingressNatRules: [in], egressNatRules: [out] }
            hub-to-west: { connectionType: Vnet2Vnet, virtualNetworkGateway1: hub-gw, virtualNetworkGateway2: west-gw, sharedKey: Gh7s0pQ2xV9k }
            west-to-hub: { connectionType: Vnet2Vnet, virtualNetworkGateway1: west-gw, virtualNetworkGateway2: hub-gw, sharedKey: Gh7s0pQ2xV9k }
            hub-to-circuit: { connectionType: ExpressRoute, virtualNetworkGateway1: hub-er, peer: circuit, routingWeight: 10 }
        sites:
          branch:
            networks: [10.2.0.0/24]
            expressRoute: circuit
            device: { address: 203.0.113.5, connections: [hub-to-branch], proposals: [aes256-sha1-modp1024] }

        """;

    internal const string Full = """
        name: spelling
        azure:
          resources:
            - type: Microsoft.Network/virtualNetworks
              name: hub
              properties:
                addressSpace: { addressPrefixes: [10.1.0.0/16] }
                subnets: [{ name: GatewaySubnet, properties: { addressPrefix: 10.1.255.0/27 } }]
                virtualNetworkPeerings:
                  - name: hub-to-spoke
                    properties: { remoteVirtualNetwork: { id: /subscriptions/s/providers/Microsoft.Network/virtualNetworks/spoke }, allowGatewayTransit: true, allowForwardedTraffic: true }
            - { type: Microsoft.Network/virtualNetworks/subnets, name: hub/app, properties: { addressPrefix: 10.1.1.0/24 } }
            - { type: Microsoft.Network/virtualNetworks, name: spoke, properties: { addressSpace: { addressPrefixes: [10.11.0.0/16] }, subnets: [{ name: app, properties: { addressPrefix: 10.11.1.0/24 } }] } }
            - { type: Microsoft.Network/virtualNetworks, name: west, properties: { addressSpace: { addressPrefixes: [10.5.0.0/16] }, subnets: [{ name: GatewaySubnet, properties: { addressPrefix: 10.5.255.0/27 } }] } }
            - type: Microsoft.Network/virtualNetworks/virtualNetworkPeerings
              name: spoke/spoke-to-hub
              properties: { remoteVirtualNetwork: { id: hub }, useRemoteGateways: true, allowVirtualNetworkAccess: false }
            - { type: Microsoft.Network/publicIPAddresses, name: hub-gw-ip1, properties: { ipAddress: 198.51.100.10 } }
            - { type: Microsoft.Network/publicIPAddresses, name: hub-gw-ip2, properties: { ipAddress: 198.51.100.11 } }
            - { type: Microsoft.Network/publicIPAddresses, name: west-gw-ip1, properties: { ipAddress: 198.51.100.50 } }
            - type: Microsoft.Network/virtualNetworkGateways
              name: hub-gw
              properties:
                gatewayType: Vpn
                vpnType: RouteBased
                vpnGatewayGeneration: Generation2
                sku: { name: VpnGw2AZ }
                activeActive: true
                gatewayDefaultSite: { id: /subscriptions/s/providers/Microsoft.Network/localNetworkGateways/branch }
                ipConfigurations:
                  - { name: default, properties: { subnet: { id: hub/GatewaySubnet }, publicIPAddress: { id: hub-gw-ip1 } } }
                  - { name: activeActive, properties: { subnet: { id: hub/GatewaySubnet }, publicIPAddress: { id: hub-gw-ip2 } } }
                natRules:
                  - name: out
                    properties:
                      type: Static
                      mode: EgressSnat
                      internalMappings: [{ addressSpace: 10.1.1.0/24 }]
                      externalMappings: [{ addressSpace: 100.64.1.0/24 }]
                      ipConfigurationId: /subscriptions/s/providers/Microsoft.Network/virtualNetworkGateways/hub-gw/ipConfigurations/default
            - type: Microsoft.Network/virtualNetworkGateways/natRules
              name: hub-gw/in
              properties: { type: Dynamic, mode: IngressSnat, internalMappings: [{ addressSpace: 10.2.0.0/24 }], externalMappings: [{ addressSpace: 100.64.2.0/26 }], ipConfigurationId: activeActive }
            - type: Microsoft.Network/virtualNetworkGateways
              name: hub-er
              properties: { gatewayType: ExpressRoute, sku: { name: ErGw2AZ }, ipConfigurations: [{ name: default, properties: { subnet: { id: hub/GatewaySubnet } } }] }
            - type: Microsoft.Network/virtualNetworkGateways
              name: west-gw
              properties: { ipConfigurations: [{ name: default, properties: { subnet: { id: west/GatewaySubnet }, publicIPAddress: { id: west-gw-ip1 } } }] }
            - { type: Microsoft.Network/localNetworkGateways, name: branch, properties: { gatewayIpAddress: 203.0.113.5, localNetworkAddressSpace: { addressPrefixes: [10.2.0.0/24] } } }
            - type: Microsoft.Network/expressRouteCircuits
              name: circuit
              sku: { name: Standard_MeteredData, tier: Standard, family: MeteredData }
              properties: { serviceProviderProperties: { serviceProviderName: Example, peeringLocation: Amsterdam, bandwidthInMbps: 50 } }
            - type: Microsoft.Network/connections
              name: hub-to-branch
              properties:
                connectionType: IPsec
                virtualNetworkGateway1: { id: hub-gw }
                localNetworkGateway2: { id: branch }
                sharedKey: Gh7s0pQ2xV9k
                ingressNatRules: [{ id: /subscriptions/s/providers/Microsoft.Network/virtualNetworkGateways/hub-gw/natRules/in }]
                egressNatRules: [{ id: out }]
            - { type: Microsoft.Network/connections, name: hub-to-west, properties: { connectionType: Vnet2Vnet, virtualNetworkGateway1: { id: hub-gw }, virtualNetworkGateway2: { id: west-gw }, sharedKey: Gh7s0pQ2xV9k } }
            - { type: Microsoft.Network/connections, name: west-to-hub, properties: { connectionType: Vnet2Vnet, virtualNetworkGateway1: { id: west-gw }, virtualNetworkGateway2: { id: hub-gw }, sharedKey: Gh7s0pQ2xV9k } }
            - { type: Microsoft.Network/connections, name: hub-to-circuit, properties: { connectionType: ExpressRoute, virtualNetworkGateway1: { id: hub-er }, peer: { id: circuit }, routingWeight: 10 } }
        sites:
          branch:
            networks: [10.2.0.0/24]
            expressRoute: circuit
            device: { address: 203.0.113.5, connections: [hub-to-branch], proposals: [aes256-sha1-modp1024] }

        """;

    [Fact]
    public void BothSpellingsAreTheSameResources()
    {
        AzureEnvironment shorthand = Samples.Load(Shorthand).Azure;

        Assert.Equal(Text(shorthand), Text(Samples.Load(Full).Azure));
        Assert.Equal(
            [
                "network hub 10.1.0.0/16 GatewaySubnet=10.1.255.0/27 app=10.1.1.0/24", "network spoke 10.11.0.0/16 app=10.11.1.0/24",
                    "network west 10.5.0.0/16 GatewaySubnet=10.5.255.0/27",
                "peering hub/hub-to-spoke to spoke access True forwarded True transit True remote False",
                    "peering spoke/spoke-to-hub to hub access False forwarded False transit False remote True",
                "gateway hub-er ExpressRoute RouteBased ErGw2AZ  False default=",
                    "gateway hub-gw Vpn RouteBased VpnGw2AZ Generation2 True default=hub-gw-ip1 activeActive=hub-gw-ip2 site branch",
                "rule in Dynamic IngressSnat 10.2.0.0/24 100.64.2.0/26 activeActive", "rule out Static EgressSnat 10.1.1.0/24 100.64.1.0/24 default",
                "gateway west-gw Vpn RouteBased VpnGw1AZ  False default=west-gw-ip1",
                "circuit circuit 50",
                "connection hub-to-branch IPsec hub-gw branch in out 0", "connection hub-to-circuit ExpressRoute hub-er circuit   10",
                "connection hub-to-west Vnet2Vnet hub-gw west-gw   0", "connection west-to-hub Vnet2Vnet west-gw hub-gw   0",
            ],
            Text(shorthand));
    }

    [Fact]
    public void NodesAreVpnGatewaysAndSitesAndKnowTheirCircuit()
    {
        TopologyModel model = Samples.Load(Shorthand);

        Assert.Equal([("hub-gw", 0, null), ("hub-gw", 1, null), ("west-gw", 0, null), ("branch", 0, "circuit")],
            model.Nodes.Select(node => (node.Name, node.Instance, node.ExpressRouteCircuit)));
        Assert.All(model.Azure.Connections, connection => Assert.Null(connection.SharedKey));
        Assert.DoesNotContain(model.Warnings, warning => warning.Key.StartsWith("azure", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("virtualNetworks/subnets, name: hub/app", "virtualNetworks/subnets, name: hib/app",
        "must be of a resource of the type virtualNetworks in the file (hub, spoke, west), which hib/app is not.")]
    [InlineData("name: hub-gw/in", "name: hub-gw2/in",
        "must be of a resource of the type virtualNetworkGateways in the file (hub-gw, hub-er, west-gw), which hub-gw2/in is not.")]
    [InlineData("name: spoke/spoke-to-hub", "name: spoke-to-hub", "must be PARENT/NAME, not 'spoke-to-hub'.")]
    [InlineData("name: spoke/spoke-to-hub", "name: spike/spoke-to-hub",
        "must name a virtual network (hub, spoke, west), not spike (Azure: InvalidResourceReference).")]
    public void ChildHasItsParent(string original, string changed, string end)
    {
        Assert.Contains(original, Full);
        Assert.Contains(Samples.Errors(Full.Replace(original, changed)), error => error.EndsWith(end, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("expressRoute: circuit", "expressRoute: other",
        "test.yaml:35:19: sites.branch.expressRoute must name an ExpressRoute circuit (circuit), not other.")]
    [InlineData("remoteVirtualNetwork: spoke,", "remoteVirtualNetwork: spike,",
        "test.yaml:8:64: azure.virtualNetworkPeerings.hub-to-spoke.remoteVirtualNetwork " +
            "(Microsoft.Network/virtualNetworks/virtualNetworkPeerings/hub/hub-to-spoke properties.remoteVirtualNetwork.id) must name a virtual network " +
                "(hub, spoke, west), not spike (Azure: InvalidResourceReference).")]
    [InlineData("externalMappings: [100.64.1.0/24]", "externalMappings: [100.64.1.0/25]",
        "test.yaml:19:86: azure.virtualNetworkGateways.hub-gw.natRules.out.externalMappings[0] (Microsoft.Network/virtualNetworkGateways/hub-gw " +
            "properties.natRules[0].properties.externalMappings[0]) must be a /24 as the internal mapping of a Static rule is, not 100.64.1.0/25.")]
    [InlineData("ingressNatRules: [in]", "ingressNatRules: [out]",
        "test.yaml:28:127: azure.connections.hub-to-branch.ingressNatRules[0] (Microsoft.Network/connections/hub-to-branch " +
            "properties.ingressNatRules[0].id) must be a rule of the mode IngressSnat, not out, which has EgressSnat.")]
    [InlineData("peer: circuit,", "peer: other,",
        "test.yaml:31:91: azure.connections.hub-to-circuit.peer (Microsoft.Network/connections/hub-to-circuit properties.peer.id) must name an ExpressRoute " +
            "circuit (circuit), not other (Azure: InvalidResourceReference).")]
    public void SaysWhereInTheShorthand(string original, string changed, string sentence)
    {
        Assert.Contains(original, Shorthand);
        Assert.Contains(sentence, Samples.Errors(Shorthand.Replace(original, changed)));
    }

    [Fact]
    public void AnExpressionOfATemplateIsToldAsSuch()
    {
        const string Site = "[resourceId('Microsoft.Network/localNetworkGateways', 'branch')]";
        string template = Full
            .Replace("      name: hub\n", "      name: \"[parameters('networkName')]\"\n      location: \"[resourceGroup().location]\"\n")
            .Replace("sharedKey: Gh7s0pQ2xV9k", "sharedKey: \"[parameters('sharedKey')]\"")
            .Replace("localNetworkGateway2: { id: branch }", $"localNetworkGateway2: {{ id: \"{Site}\" }}");

        string[] errors = Samples.Errors(template);

        Assert.All(errors, error => Assert.Contains("is an expression of an ARM template, which nothing evaluates here: write ", error));
        Assert.Contains(errors, error => error.Contains("azure.resources[0].name (") && error.EndsWith("write its value."));
        Assert.Contains(errors, error => error.Contains("properties.sharedKey"));
        Assert.Contains(errors, error => error.EndsWith("write the resource's name, of a subnet NETWORK/SUBNET."));
        Assert.DoesNotContain(errors, error => error.Contains("location"));
    }

    [Fact]
    public void WarnsOfAPeeringWithoutItsOtherDirection()
    {
        string alone = Shorthand.Replace("    hub-to-spoke: {", "    #").Replace("useRemoteGateways: true, ", "");

        Assert.Equal("is Initiated, and no traffic passes, until hub has a peering to spoke.", Samples.Load(alone).Warnings[0].Message);
    }

    static IEnumerable<string> Text(AzureEnvironment azure) =>
    [
        .. azure.VirtualNetworks.Select(network =>
            $"network {network.Name} {network.AddressPrefixes[0]} " +
                $"{string.Join(' ', network.Subnets.Select(subnet => $"{subnet.Name}={subnet.AddressPrefixes[0]}"))}"),
        .. azure.VirtualNetworkPeerings.OrderBy(peering => peering.Name)
            .Select(peering => $"peering {peering.FullName} to {peering.RemoteVirtualNetwork} access {peering.AllowVirtualNetworkAccess} "
            + $"forwarded {peering.AllowForwardedTraffic} transit {peering.AllowGatewayTransit} remote {peering.UseRemoteGateways}"),
        .. azure.VirtualNetworkGateways.OrderBy(gateway => gateway.Name).SelectMany(Text),
        .. azure.ExpressRouteCircuits.Select(circuit => $"circuit {circuit.Name} {circuit.BandwidthInMbps}"),
        .. azure.Connections.OrderBy(connection => connection.Name)
            .Select(connection => $"connection {connection.Name} {connection.ConnectionType} {connection.VirtualNetworkGateway1} "
            + $"{connection.LocalNetworkGateway2}{connection.VirtualNetworkGateway2}{connection.Peer} {string.Join(' ', connection.IngressNatRules)} " +
                $"{string.Join(' ', connection.EgressNatRules)} {connection.RoutingWeight}"),
    ];

    static IEnumerable<string> Text(VirtualNetworkGateway gateway) =>
    [
        $"gateway {gateway.Name} {gateway.GatewayType} {gateway.VpnType} {gateway.Sku} {gateway.VpnGatewayGeneration} {gateway.ActiveActive} "
            + string.Join(' ', gateway.IpConfigurations.Select(configuration => $"{configuration.Name}={configuration.PublicIpAddress}"))
            + (gateway.GatewayDefaultSite is string site ? $" site {site}" : ""),
        .. gateway.NatRules.OrderBy(rule => rule.Name).Select(rule =>
            $"rule {rule.Name} {rule.Type} {rule.Mode} {rule.InternalMappings[0]} {rule.ExternalMappings[0]} {rule.IpConfigurationId}"),
    ];
}
