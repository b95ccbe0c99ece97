namespace Ipsec.Tests.Support;

/// <summary>A topology file with one Azure gateway and one device of a given profile.</summary>
public static class DeviceTopology
{
    public static string Text(string profile, string more = "") => $$"""
        name: device
        azure:
          virtualNetworks: { hub: { addressPrefixes: [10.1.0.0/16], subnets: { GatewaySubnet: 10.1.255.0/27 } } }
          virtualNetworkGateways: { hub-gw: { virtualNetwork: hub, publicIPAddresses: [198.51.100.10] } }
          localNetworkGateways: { branch: { gatewayIpAddress: 203.0.113.5, addressPrefixes: [10.2.0.0/24] } }
          connections: { hub-to-branch: { virtualNetworkGateway1: hub-gw, localNetworkGateway2: branch, sharedKey: Gh7s0pQ2xV9k } }
        sites:
          branch:
            networks: [10.2.0.0/24]
            device:
              profile: {{profile}}
              address: 203.0.113.5
              connections: [hub-to-branch]
              {{more}}
        """;
}
