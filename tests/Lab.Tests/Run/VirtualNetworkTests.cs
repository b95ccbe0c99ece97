using Ipsec.Endpoint;
using Ipsec.Lab.Report;
using Ipsec.Lab.Run;
using Ipsec.Lab.Tests.Support;
using Ipsec.Lab.Tests.Topology;
using Ipsec.Net;

namespace Ipsec.Lab.Tests.Run;

/// <summary>What gateways do among themselves and at their own addresses.</summary>
public class VirtualNetworkTests
{
    const string Networks = """
        name: two-networks
        azure:
          virtualNetworks:
            hub: { addressPrefixes: [10.1.0.0/16], subnets: { GatewaySubnet: 10.1.255.0/27, app: 10.1.1.0/24 } }
            west: { addressPrefixes: [10.5.0.0/16], subnets: { GatewaySubnet: 10.5.255.0/27, app: 10.5.1.0/24 } }
          virtualNetworkGateways:
            hub-gw: { virtualNetwork: hub, sku: VpnGw2AZ, publicIPAddresses: [198.51.100.10] }
            west-gw: { virtualNetwork: west, sku: VpnGw2AZ, publicIPAddresses: [198.51.100.50] }
          connections:
            hub-to-west: { connectionType: Vnet2Vnet, virtualNetworkGateway1: hub-gw, virtualNetworkGateway2: west-gw, sharedKey: Gh7s0pQ2xV9k }
            west-to-hub: { connectionType: Vnet2Vnet, virtualNetworkGateway1: west-gw, virtualNetworkGateway2: hub-gw, sharedKey: Gh7s0pQ2xV9k }
          emulation: { vendorIds: true }
        hosts:
          vm1: { in: hub/app, address: 10.1.1.4 }
          vm5: { in: west/app, address: 10.5.1.4 }
        expect:
          - tunnel hub-to-west is up
          - tunnel west-to-hub is up
          - ping vm1 -> vm5
          - ping vm5 -> vm1 size 1300

        """;

    [Fact]
    public void TwoNetworksReachEachOther()
    {
        LabReport report = Labs.RunToEnd(Samples.Load(Networks));

        Labs.AssertPassed(report);
    }

    [Fact]
    public void EachPairOfInstancesHasATunnel()
    {
        string activeActive = Networks
            .Replace("publicIPAddresses: [198.51.100.10]", "activeActive: true, publicIPAddresses: [198.51.100.10, 198.51.100.11]")
            .Replace("publicIPAddresses: [198.51.100.50]", "activeActive: true, publicIPAddresses: [198.51.100.50, 198.51.100.51]");
        using LabRun run = Labs.Start(Samples.Load(activeActive[..activeActive.IndexOf("expect:", StringComparison.Ordinal)]));
        run.RunUntil(TimeSpan.FromSeconds(30));

        Assert.All(run.Statuses, node => Assert.Equal(
            [(1, TunnelState.Established), (1, TunnelState.Established)],
            node.Status.Tunnels.Select(tunnel => (tunnel.ChildSas.Length, tunnel.State))));
        Assert.Equal(4, run.Statuses.Length);
    }

    [Fact]
    public void OneDirectionAloneDoesNotComeUp()
    {
        string alone = Networks.Replace("    west-to-hub: {", "    #");
        using LabRun run = Labs.Start(Samples.Load(alone[..alone.IndexOf("expect:", StringComparison.Ordinal)]));
        run.RunUntil(TimeSpan.FromSeconds(60));

        Assert.Empty(run.Statuses[0].Status.Tunnels[0].ChildSas);
    }

    /// <summary>The example of Microsoft's documents: network and site have the same addresses, and each sees the other under translated ones.</summary>
    [Fact]
    public void SameAddressesOnBothSidesAreTranslated()
    {
        using LabRun run = Labs.Start(Samples.Load("""
            name: overlapping
            azure:
              virtualNetworks:
                hub: { addressPrefixes: [10.0.1.0/24], subnets: { GatewaySubnet: 10.0.1.224/27, app: 10.0.1.0/25 } }
              virtualNetworkGateways:
                hub-gw:
                  virtualNetwork: hub
                  sku: VpnGw2AZ
                  publicIPAddresses: [198.51.100.10]
                  natRules:
                    network: { mode: EgressSnat, internalMappings: [10.0.1.0/24], externalMappings: [100.0.1.0/24] }
                    branch: { mode: IngressSnat, internalMappings: [10.0.1.0/24], externalMappings: [100.0.2.0/24] }
              localNetworkGateways:
                branch: { gatewayIpAddress: 203.0.113.5, addressPrefixes: [10.0.1.0/24] }
              connections:
                hub-to-branch: { virtualNetworkGateway1: hub-gw, localNetworkGateway2: branch, sharedKey: Gh7s0pQ2xV9k, ingressNatRules: [branch], egressNatRules: [network] }
            sites:
              branch:
                networks: [10.0.1.0/24]
                device: { address: 203.0.113.5, connections: [hub-to-branch], proposals: [aes256-sha1-modp1024] }
            hosts:
              vm1: { in: hub/app, address: 10.0.1.4 }
              pc1: { in: branch, address: 10.0.1.10 }

            """));
        run.RunUntil(TimeSpan.FromSeconds(20));

        Assert.Equal([true, true, false], Pings(run, ("pc1", "100.0.1.4"), ("vm1", "100.0.2.10"), ("vm1", "100.0.2.11")));
    }

    /// <summary>Forced tunnelling: what no other route has goes to the gateway's default site.</summary>
    [Theory]
    [InlineData("gatewayDefaultSite: branch, ", true)]
    [InlineData("", false)]
    public void DefaultSiteGetsEverythingElse(string key, bool isReached)
    {
        string text = Samples.Read("site-to-site.yaml")
            .Replace("hub-gw: { ", $"hub-gw: {{ {key}")
            .Replace("networks: [10.2.0.0/24]", "networks: [10.2.0.0/24, 192.0.2.0/24]")
            .Replace("  pc1: {", "  web: { in: branch, address: 192.0.2.80 }\n  pc1: {");
        using LabRun run = Labs.Start(Samples.Load(text));
        run.RunUntil(TimeSpan.FromSeconds(20));

        Assert.Equal([isReached, true], Pings(run, ("vm1", "192.0.2.80"), ("vm1", "10.2.0.10")));
    }

    /// <summary>Microsoft's troubleshooting guide: a gateway does not answer a ping of its own address.</summary>
    [Fact]
    public void GatewayDoesNotAnswerAtItsOwnAddress()
    {
        using LabRun run = Labs.Start(Samples.Load(Samples.Read("site-to-site.yaml")));
        run.RunUntil(TimeSpan.FromSeconds(20));
        Assert.Equal([true, false, false], Pings(run, ("pc1", "10.1.1.4"), ("pc1", "10.1.255.4"), ("pc1", "10.1.255.30")));
    }

    static IEnumerable<bool> Pings(LabRun run, params (string From, string To)[] pings)
    {
        bool[] answered = new bool[pings.Length];
        for (int index = 0; index < pings.Length; index++)
        {
            int place = index;
            run.Memory.Hosts[pings[index].From].Ping(IpAddress.Parse(pings[index].To), 56, TimeSpan.FromSeconds(1), outcome =>
                answered[place] = outcome.RoundTripTime is not null);
        }
        run.RunUntil(run.Now + TimeSpan.FromSeconds(5));
        return answered;
    }

    [Fact]
    public void NoHostStandsInTheGatewaySubnet() => Assert.Equal(
        ["test.yaml:18:14: hosts.vm1.in must not be a GatewaySubnet, in which gateways stand alone; accepted: hub/app, branch."],
        Samples.Errors(Samples.Read("site-to-site.yaml").Replace("vm1: { in: hub/app, address: 10.1.1.4 }",
            "vm1: { in: hub/GatewaySubnet, address: 10.1.255.9 }")
            .Replace("vm1 -> pc1", "pc1 -> pc1").Replace("pc1 -> vm1", "pc1 -> pc1"))
            .Where(error => error.Contains("GatewaySubnet")));
}
