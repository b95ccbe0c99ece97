namespace Ipsec.EndpointHost.Tests.Kit;

/// <summary>
/// A topology of a gateway and a device on two loopback addresses of their own and high ports: real sockets, no privileges,
/// and no collision with other tests or other copies of this one.
/// </summary>
sealed class LoopbackPair : IDisposable
{
    public const string Gateway = "hub-gw";
    public const string Device = "branch";
    public const string Connection = "hub-to-branch";

    static int _count;

    public LoopbackPair()
    {
        int number = Interlocked.Increment(ref _count);
        string network = $"127.{100 + number}.{Environment.ProcessId >> 8 & 0xFF}";
        int host = Environment.ProcessId & 0x7F;
        GatewayAddress = $"{network}.{host + 1}";
        SecondGatewayAddress = $"127.{100 + number}.{(Environment.ProcessId >> 8 & 0xFF) ^ 1}.{host + 1}";
        DeviceAddress = $"{network}.{host + 128}";
        Folder = Directory.CreateTempSubdirectory("ipsec-endpoint-").FullName;
        File.WriteAllText(TopologyFile, Text());
    }

    public string GatewayAddress { get; }

    /// <summary>Of an active-active gateway.</summary>
    public string SecondGatewayAddress { get; }
    public string DeviceAddress { get; }

    /// <summary>For the files of one test; removed afterwards.</summary>
    public string Folder { get; }

    public string TopologyFile => Path.Combine(Folder, "pair.yaml");

    public string ControlPath(string node) => Path.Combine(Folder, $"{node}.sock");

    /// <summary>The file's content. The gateway waits, the device dials when told so (or at once, with "start").</summary>
    public string Text(string startAction = "none", string sharedKey = "Gh7s0pQ2xV9k", string moreSites = "", string deviceNetworks = "10.2.0.0/24") => $$"""
        name: pair
        azure:
          emulation: { ikePort: 10500, natTraversalPort: 14500 }
          virtualNetworks:
            hub: { addressPrefixes: [10.1.0.0/16], subnets: { GatewaySubnet: 10.1.255.0/27, app: 10.1.1.0/24 } }
          virtualNetworkGateways:
            hub-gw: { virtualNetwork: hub, sku: VpnGw2AZ, publicIPAddresses: [{{GatewayAddress}}] }
          localNetworkGateways:
            branch: { gatewayIpAddress: {{DeviceAddress}}, addressPrefixes: [10.2.0.0/24] }
          connections:
            hub-to-branch: { virtualNetworkGateway1: hub-gw, localNetworkGateway2: branch, connectionMode: ResponderOnly, sharedKey: {{sharedKey}} }
        sites:
          branch:
            networks: [{{deviceNetworks}}]
            device:
              address: {{DeviceAddress}}
              ikePort: 10500
              natTraversalPort: 14500
              connections: [hub-to-branch]
              proposals: [aes256-sha1-modp1024]
              startAction: {{startAction}}
              retransmission: { timeout: 200ms, tries: 2 }
        {{moreSites}}
        hosts:
          vm1: { in: hub/app, address: 10.1.1.4 }
          pc1: { in: branch, address: 10.2.0.10 }
        """;

    /// <summary>An active-active gateway that waits, and a device with a tunnel to each instance. Failovers take tenths of a second.</summary>
    /// <param name="connection">Other properties of the connection, with a comma in front.</param>
    /// <param name="moreConnections">Other connections of the gateway, with their local network gateways below <paramref name="moreGateways"/>.</param>
    public string ActiveActiveText(string sharedKey = "Gh7s0pQ2xV9k", string connection = "", string moreConnections = "", string moreGateways = "") => $$"""
        name: pair
        azure:
          emulation: { ikePort: 10500, natTraversalPort: 14500, retryDelay: 300ms, failover: { planned: 300ms, unplanned: 600ms, reboot: 500ms } }
          virtualNetworks:
            hub: { addressPrefixes: [10.1.0.0/16], subnets: { GatewaySubnet: 10.1.255.0/27, app: 10.1.1.0/24 } }
          virtualNetworkGateways:
            hub-gw: { virtualNetwork: hub, sku: VpnGw2AZ, activeActive: true, publicIPAddresses: [{{GatewayAddress}}, {{SecondGatewayAddress}}] }
          localNetworkGateways:
            branch: { gatewayIpAddress: {{DeviceAddress}}, addressPrefixes: [10.2.0.0/24] }
        {{moreGateways}}
          connections:
            hub-to-branch: { virtualNetworkGateway1: hub-gw, localNetworkGateway2: branch, sharedKey: {{sharedKey}}{{connection}} }
        {{moreConnections}}
        sites:
          branch:
            networks: [10.2.0.0/24]
            device:
              vpnType: RouteBased
              address: {{DeviceAddress}}
              ikePort: 10500
              natTraversalPort: 14500
              connections: [hub-to-branch]
              proposals: [aes256-sha1-modp1024]
              retryDelay: 200ms
              retransmission: { timeout: 200ms, tries: 2 }
              dpdDelay: 1s
        hosts:
          vm1: { in: hub/app, address: 10.1.1.4 }
          pc1: { in: branch, address: 10.2.0.10 }
        """;

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
