using Ipsec.Lab.Netns;
using Ipsec.Lab.Tests.Support;
using Ipsec.Lab.Tests.Topology;
using Ipsec.Lab.Topology;

namespace Ipsec.Lab.Tests.Netns;

public sealed class NamespacePlanTests
{
    static readonly string[] Topologies =
    [
        "01-site-to-site", "02-multi-site", "03-policy-based-device", "04-active-standby", "05-active-active", "06-dual-redundancy", "07-vnet-to-vnet",
        "08-vnet-to-vnet-multi-site", "09-classic-to-resource-manager", "10-peering-gateway-transit", "11-expressroute-coexistence", "12-overlapping-sites",
            "13-behind-nat",
    ];

    public static TheoryData<string> All => [.. Topologies.Select(name => $"topologies/{name}.yaml"), "ipv6-inside.yaml", "moving-device.yaml"];

    [Fact]
    public void ASiteToSiteLabHasANamespaceForEverything()
    {
        NamespacePlan plan = NamespacePlan.Of(Labs.Sample("topologies/01-site-to-site.yaml"));
        Assert.Equal(["hub-gw-0", "hub-gw-1", "branch", "vm1", "pc1", "pc2", "internet", "hub", "branch-lan"], plan.Namespaces.Select(space => space.Node));
        Assert.Equal(
        [
            "link add name hub-gw-0 mtu 1500 netns ipl-01-site-to-site-internet type veth peer name outer mtu 1500 netns ipl-01-site-to-site-hub-gw-0",
            "link add name hub-gw-0 mtu 1500 netns ipl-01-site-to-site-hub type veth peer name inside mtu 1500 netns ipl-01-site-to-site-hub-gw-0",
            "link add name hub-gw-1 mtu 1500 netns ipl-01-site-to-site-internet type veth peer name outer mtu 1500 netns ipl-01-site-to-site-hub-gw-1",
            "link add name hub-gw-1 mtu 1500 netns ipl-01-site-to-site-hub type veth peer name inside mtu 1500 netns ipl-01-site-to-site-hub-gw-1",
            "link add name branch mtu 1500 netns ipl-01-site-to-site-internet type veth peer name outer mtu 1500 netns ipl-01-site-to-site-branch",
            "link add name branch mtu 1500 netns ipl-01-site-to-site-branch-lan type veth peer name inside mtu 1500 netns ipl-01-site-to-site-branch",
            "link add name vm1 mtu 1500 netns ipl-01-site-to-site-hub type veth peer name eth0 mtu 1500 netns ipl-01-site-to-site-vm1",
            "link add name pc1 mtu 1500 netns ipl-01-site-to-site-branch-lan type veth peer name eth0 mtu 1500 netns ipl-01-site-to-site-pc1",
            "link add name pc2 mtu 1500 netns ipl-01-site-to-site-branch-lan type veth peer name eth0 mtu 1500 netns ipl-01-site-to-site-pc2",
        ], NamespaceText.Links(plan));
    }

    [Fact]
    public void AHostsPacketsComeFromItsOwnAddress()
    {
        NamespacePlan plan = NamespacePlan.Of(Labs.Sample("topologies/01-site-to-site.yaml"));
        Assert.Equal(["link set dev lo up", "addr add 169.254.1.18/32 dev eth0 scope link", "link set dev eth0 up", "addr add 10.2.0.10/32 dev eth0"],
            NamespaceText.Interfaces(plan, plan.Hosts["pc1"]));
    }

    [Fact]
    public void WhatNoTunnelTakesDoesNotLeaveANodeInClear()
    {
        NamespacePlan plan = NamespacePlan.Of(Labs.Sample("topologies/01-site-to-site.yaml"));
        Assert.Equal(["rule add priority 300 iif inside blackhole", "rule add priority 301 iif ipsec0 lookup 100",
            "rule add priority 302 iif ipsec0 blackhole"],
            NamespaceText.Rules(plan.Namespaces.Single(space => space.Node == "branch")));
    }

    [Fact]
    public void OneAddressHasTwoMachinesAndTwoAddressesHaveOneEach()
    {
        NamespacePlan standby = NamespacePlan.Of(Labs.Sample("topologies/04-active-standby.yaml"));
        Assert.Equal(["hub-gw-0", "hub-gw-1"], standby.Machines["hub-gw"].Select(machine => machine.Node));
        Assert.Equal("ipl-04-active-standby-hub-gw-0", Assert.Single(standby.Addresses, one => one.Address.ToString() == "198.51.100.10").Interface.Namespace);

        NamespacePlan active = NamespacePlan.Of(Labs.Sample("topologies/05-active-active.yaml"));
        Assert.Equal("hub-gw-0", Assert.Single(active.Machines["hub-gw-0"]).Node);
        Assert.Equal("hub-gw-1", Assert.Single(active.Machines["hub-gw-1"]).Node);
    }

    [Fact]
    public void ANatStandsBetweenItsDeviceAndTheInternet()
    {
        NamespacePlan plan = NamespacePlan.Of(Labs.Sample("topologies/13-behind-nat.yaml"));
        Assert.Equal("home-nat", Assert.Single(plan.Nats).Value.Node);
        Assert.Equal(plan.Nats.Values.Single().Name, Assert.Single(plan.WireEnds("home")).Namespace);
        Assert.Equal(["10.1.1.4", "10.2.0.10", "10.9.0.10", "192.168.1.2", "198.51.100.10", "203.0.113.77"],
            plan.Addresses.Select(one => one.Address.ToString()).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void NamesAndAddressesOfALabAreThereOnce(string sample)
    {
        NamespacePlan plan = NamespacePlan.Of(Labs.Sample(sample));
        PlannedInterface[] ends = [.. plan.Links.SelectMany(link => (PlannedInterface[])[link.Upper, link.Lower])];
        Assert.Equal(plan.Namespaces.Length, plan.Namespaces.Select(space => space.Name).Distinct().Count());
        Assert.Equal(plan.Namespaces.Length, plan.Namespaces.Select(space => space.Node).Distinct().Count());
        Assert.Equal(ends.Length, ends.Distinct().Count());
        Assert.All(ends, end => Assert.InRange(end.Name.Length, 1, 15));
        string[] addresses = [.. plan.Links.SelectMany(link =>
            (string[])[link.AddressOf(link.Upper, false).ToString(), link.AddressOf(link.Lower, false).ToString()])];
        Assert.Equal(addresses.Length, addresses.Distinct().Count());
    }

    [Fact]
    public void ANameThatTwoThingsHaveIsTheNodesOwn()
    {
        TopologyModel model = Samples.Load("""
            name: twice
            azure:
              virtualNetworks:
                same: { addressPrefixes: [10.1.0.0/16], subnets: { GatewaySubnet: 10.1.255.0/27, app: 10.1.1.0/24 } }
              virtualNetworkGateways:
                gw: { virtualNetwork: same, sku: VpnGw1AZ, publicIPAddresses: [198.51.100.10] }
              localNetworkGateways:
                there: { gatewayIpAddress: 203.0.113.5, addressPrefixes: [10.2.0.0/24] }
              connections:
                c: { virtualNetworkGateway1: gw, localNetworkGateway2: there, sharedKey: Gh7s0pQ2xV9k }
            sites:
              internet:
                networks: [10.2.0.0/24]
                device: { address: 203.0.113.5, connections: [c] }
            hosts:
              same: { in: same/app, address: 10.1.1.4 }
              internet: { in: internet, address: 10.2.0.10 }
            """);
        Assert.Equal(["gw-0", "gw-1", "internet", "same", "internet-host", "internet-0", "same-vnet", "internet-lan"],
            NamespacePlan.Of(model).Namespaces.Select(space => space.Node));
    }
}
