using Ipsec.Endpoint;
using Ipsec.Lab.Topology;

namespace Ipsec.Lab.Tests.Topology;

/// <summary>What a device routes into its tunnels to an Azure gateway.</summary>
public class DeviceRoutesTests
{
    [Fact]
    public void ADeviceReachesTheNetworkTheSpokesOfItsGatewayAndNoOtherPeer() =>
        Assert.Equal(["hub-to-branch 10.1.0.0/16 10.3.0.0/16"], Routes(Load("", "", "")));

    [Fact]
    public void ADeviceReachesTranslatedNetworksUnderTheAddressesThatTheGatewayGivesThem() =>
        Assert.Equal(["hub-to-branch 100.1.0.0/16 10.3.0.0/16"], Routes(Load(
            ", natRules: { out: { mode: EgressSnat, internalMappings: [10.1.0.0/16], externalMappings: [100.1.0.0/16] } }", ", egressNatRules: [out]", "")));

    [Fact]
    public void EachInstanceOfAGatewayHasItsOwnMapping()
    {
        const string rules = ", activeActive: true, natRules: { "
            + "first: { type: Dynamic, mode: EgressSnat, internalMappings: [10.1.0.0/16], externalMappings: [100.1.0.0/27], ipConfigurationId: default }, "
            + "second: { type: Dynamic, mode: EgressSnat, internalMappings: [10.1.0.0/16], externalMappings: [100.1.0.32/27], ipConfigurationId: " +
                "activeActive } }";
        TopologyModel model = Load(rules, ", egressNatRules: [first, second]", "", "198.51.100.10, 198.51.100.11");
        Assert.Equal(["hub-to-branch 100.1.0.0/27 10.3.0.0/16", "hub-to-branch/1 100.1.0.32/27 10.3.0.0/16"], Routes(model));
    }

    [Fact]
    public void TunnelsOfAConnectionShareTheirMetric()
    {
        TopologyModel model = Load(", activeActive: true", "", ", routeMetric: 20", "198.51.100.10, 198.51.100.11");
        Assert.Equal(2, Device(model).Tunnels.Length);
        Assert.All(Device(model).Tunnels, tunnel => Assert.All(tunnel.Routes, route => Assert.Equal(20, route.Metric)));
        Assert.All(Device(Load("", "", "")).Tunnels, tunnel => Assert.All(tunnel.Routes, route => Assert.Equal(0, route.Metric)));
    }

    static TopologyModel Load(string gateway, string connection, string device, string addresses = "198.51.100.10") => Samples.Load($$"""
        name: routes
        azure:
          virtualNetworks:
            hub: { addressPrefixes: [10.1.0.0/16], subnets: { GatewaySubnet: 10.1.255.0/27 } }
            spoke: { addressPrefixes: [10.3.0.0/16], subnets: { app: 10.3.1.0/24 } }
            neighbour: { addressPrefixes: [10.4.0.0/16], subnets: { app: 10.4.1.0/24 } }
          virtualNetworkPeerings:
            hub-spoke: { virtualNetwork: hub, remoteVirtualNetwork: spoke, allowGatewayTransit: true }
            spoke-hub: { virtualNetwork: spoke, remoteVirtualNetwork: hub, useRemoteGateways: true }
            hub-neighbour: { virtualNetwork: hub, remoteVirtualNetwork: neighbour }
            neighbour-hub: { virtualNetwork: neighbour, remoteVirtualNetwork: hub }
          virtualNetworkGateways:
            hub-gw: { virtualNetwork: hub, sku: VpnGw2AZ, publicIPAddresses: [{{addresses}}]{{gateway}} }
          localNetworkGateways:
            branch: { gatewayIpAddress: 203.0.113.5, addressPrefixes: [10.2.0.0/24] }
          connections:
            hub-to-branch: { virtualNetworkGateway1: hub-gw, localNetworkGateway2: branch, sharedKey: Gh7s0pQ2xV9k{{connection}} }
        sites:
          branch:
            networks: [10.2.0.0/24]
            device: { profile: strongswan, address: 203.0.113.5, connections: [hub-to-branch]{{device}} }

        """);

    static EndpointConfiguration Device(TopologyModel model) => model.Nodes.Single(node => node.Kind == NodeKind.Device).Endpoint;

    static string[] Routes(TopologyModel model) =>
        [.. Device(model).Tunnels.Select(tunnel => $"{tunnel.Connection.Name} {string.Join(' ', tunnel.Routes.Select(route => route.Prefix))}")];
}
