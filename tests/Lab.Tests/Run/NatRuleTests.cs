using Ipsec.Azure.Resources;
using Ipsec.Lab.Report;
using Ipsec.Lab.Run;
using Ipsec.Lab.Tests.Support;
using Ipsec.Lab.Tests.Topology;

namespace Ipsec.Lab.Tests.Run;

/// <summary>NAT rules of a gateway from the file to the packets.</summary>
public class NatRuleTests
{
    const string PortRange = """
        name: ports
        azure:
          virtualNetworks:
            hub: { addressPrefixes: [10.1.0.0/16], subnets: { GatewaySubnet: 10.1.255.0/27, app: 10.1.0.0/24 } }
          virtualNetworkGateways:
            hub-gw:
              virtualNetwork: hub
              sku: VpnGw2AZ
              publicIPAddresses: [198.51.100.10]
              natRules:
                web:
                  mode: EgressSnat
                  internalMappings: [{ addressSpace: 10.1.0.0/16, portRange: 80-89 }]
                  externalMappings: [{ addressSpace: 100.64.0.0/16, portRange: 80-89 }]
          localNetworkGateways:
            branch: { gatewayIpAddress: 203.0.113.5, addressPrefixes: [10.2.0.0/24] }
          connections:
            to-branch: { virtualNetworkGateway1: hub-gw, localNetworkGateway2: branch, sharedKey: Gh7s0pQ2xV9k, egressNatRules: [web] }
        sites:
          branch:
            networks: [10.2.0.0/24]
            device: { profile: azure-sample, vpnType: RouteBased, address: 203.0.113.5, connections: [to-branch] }
        hosts:
          vm1: { in: hub/app, address: 10.1.0.4 }
          pc1: { in: branch, address: 10.2.0.10 }
        expect:
          - fetch pc1 -> vm1 at 100.64.0.4
          - ping pc1 -> vm1
          - no ping pc1 -> vm1 at 100.64.0.4
          - no fetch pc1 -> vm1     # what answers has the other address
        """;

    const string PerInstance = """
        name: instances
        azure:
          virtualNetworks:
            hub: { addressPrefixes: [10.1.0.0/16], subnets: { GatewaySubnet: 10.1.255.0/27, app: 10.1.0.0/24 } }
          virtualNetworkGateways:
            hub-gw:
              virtualNetwork: hub
              sku: VpnGw2AZ
              activeActive: true
              publicIPAddresses: [198.51.100.10, 198.51.100.11]
              natRules:
                first: { type: TYPE, mode: IngressSnat, internalMappings: [10.2.0.0/26], externalMappings: [100.64.1.0/26], ipConfigurationId: default }
                second: { type: TYPE, mode: IngressSnat, internalMappings: [10.2.0.0/26], externalMappings: [100.64.2.0/26], ipConfigurationId: activeActive }
          localNetworkGateways:
            branch: { gatewayIpAddress: 203.0.113.5, addressPrefixes: [10.2.0.0/26] }
          connections:
            to-branch: { virtualNetworkGateway1: hub-gw, localNetworkGateway2: branch, sharedKey: Gh7s0pQ2xV9k, ingressNatRules: [first, second] }
        sites:
          branch:
            networks: [10.2.0.0/26]
            device: { profile: azure-sample, vpnType: RouteBased, address: 203.0.113.5, connections: [to-branch] }
        hosts:
          vm1: { in: hub/app, address: 10.1.0.4 }
          vm2: { in: hub/app, address: 10.1.0.5 }
          pc1: { in: branch, address: 10.2.0.10 }
          pc2: { in: branch, address: 10.2.0.11 }
        expect:
          - ping pc1 -> vm1
          - ping pc1 -> vm2
          - ping pc2 -> vm1
          - ping pc2 -> vm2
          - fetch pc1 -> vm1
          - fetch pc2 -> vm2
        """;

    [Fact]
    public void ARuleForARangeOfPortsTranslatesThoseAlone() => AssertPasses(PortRange);

    [Fact]
    public void ABadRangeIsSaidInOneSentence()
    {
        string error = Assert.Single(Samples.Errors(PortRange.Replace("internalMappings: [{ addressSpace: 10.1.0.0/16, portRange: 80-89",
            "internalMappings: [{ addressSpace: 10.1.0.0/16, portRange: 89-80")));
        Assert.EndsWith(" a range of ports such as 300-400, 1 to 65535, the lower one first, not '89-80'.", error);
    }

    /// <summary>The flow that one instance has translated comes back to it: each has external addresses of its own.</summary>
    [Theory]
    [InlineData("Static")]
    [InlineData("Dynamic")]
    public void EachInstanceHasItsOwnIngressRule(string type) => AssertPasses(PerInstance.Replace("TYPE", type));

    static void AssertPasses(string file)
    {
        using LabRun run = Labs.Start(Samples.Load(file));
        run.RunUntil(TimeSpan.FromMinutes(5));
        Assert.All(run.CreateReport().Expectations, result => Assert.True(result.Passed, $"{result.Description}: {result.Detail}"));
    }
}
