using Ipsec.Endpoint;
using Ipsec.Lab.Hosts;
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

    /// <summary>Microsoft's troubleshooting guide: a gateway does not answer a ping of its own address.</summary>
    [Fact]
    public void GatewayDoesNotAnswerAtItsOwnAddress()
    {
        using LabRun run = Labs.Start(Samples.Load(Samples.Read("site-to-site.yaml")));
        run.RunUntil(TimeSpan.FromSeconds(20));
        List<EchoOutcome> outcomes = [];
        foreach (string own in new[] { "10.1.255.4", "10.1.255.30" })
            run.Hosts["pc1"].Ping(IpAddress.Parse(own), 56, TimeSpan.FromSeconds(1), outcomes.Add);
        run.Hosts["pc1"].Ping(IpAddress.Parse("10.1.1.4"), 56, TimeSpan.FromSeconds(1), outcomes.Add);
        run.RunUntil(TimeSpan.FromSeconds(30));

        Assert.Equal([true, false, false], outcomes.Select(outcome => outcome.RoundTripTime is not null));
    }

    [Fact]
    public void NoHostStandsInTheGatewaySubnet() => Assert.Equal(
        ["test.yaml:18:14: hosts.vm1.in must not be a GatewaySubnet, in which gateways stand alone; accepted: hub/app, branch."],
        Samples.Errors(Samples.Read("site-to-site.yaml").Replace("vm1: { in: hub/app, address: 10.1.1.4 }", "vm1: { in: hub/GatewaySubnet, address: 10.1.255.9 }")
            .Replace("vm1 -> pc1", "pc1 -> pc1").Replace("pc1 -> vm1", "pc1 -> pc1"))
            .Where(error => error.Contains("GatewaySubnet")));
}
