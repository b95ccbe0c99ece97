using Ipsec.Azure.Resources;
using Ipsec.Net;

namespace Ipsec.Azure.Tests.Rules;

public class PeeringRulesTests
{
    const string Spoke = "virtualNetworks/virtualNetworkPeerings/spoke-a/spoke-a-to-hub";
    const string Hub = "virtualNetworks/virtualNetworkPeerings/hub/hub-to-spoke-a";

    [Fact]
    public void GatewayTransitIsAccepted() => RuleTable.AssertAccepted(Create(isTransit: true));

    [Fact]
    public void AllowGatewayTransitNeedsNoGatewayYet() => RuleTable.AssertAccepted(Create() with
    {
        VirtualNetworkGateways = [],
        VirtualNetworkPeerings = Create().VirtualNetworkPeerings.Change(0, peering => peering with { AllowGatewayTransit = true }),
    });

    [Theory]
    [InlineData("hib", "properties.remoteVirtualNetwork.id: must name a virtual network (hub, spoke-a, spoke-b), not hib (Azure: InvalidResourceReference)")]
    [InlineData("spoke-a", "properties.remoteVirtualNetwork.id: must be another virtual network than spoke-a, which the peering is of")]
    public void RemoteNetworkIsAnotherOne(string remote, string message) => RuleTable.AssertRefused(
        Create() with { VirtualNetworkPeerings = [Create().VirtualNetworkPeerings[1] with { RemoteVirtualNetwork = remote }] }, $"{Spoke} {message}");

    [Fact]
    public void OnePeeringLeadsToANetwork()
    {
        AzureEnvironment environment = Create();

        RuleTable.AssertRefused(environment with { VirtualNetworkPeerings = environment.VirtualNetworkPeerings.Add(environment.VirtualNetworkPeerings[0] with { Name = "again" }) },
            "virtualNetworks/virtualNetworkPeerings/hub/again properties.remoteVirtualNetwork.id: must be a virtual network that no other peering of hub " +
                "leads to, as hub-to-spoke-a leads to spoke-a (Azure: AnotherPeeringAlreadyReferencesRemoteVnet)");
    }

    [Fact]
    public void PeeredNetworksDoNotOverlap()
    {
        AzureEnvironment environment = Create();
        VirtualNetwork spoke = environment.VirtualNetworks[1] with { AddressPrefixes = [IpPrefix.Parse("10.11.0.0/16"), IpPrefix.Parse("10.1.128.0/24")] };

        RuleTable.AssertRefused(environment with
        {
            VirtualNetworks = environment.VirtualNetworks.SetItem(1, spoke),
            VirtualNetworkPeerings = [environment.VirtualNetworkPeerings[0]]
        },
            $"{Hub} properties.remoteVirtualNetwork.id: must be a virtual network that does not overlap hub, as 10.1.128.0/24 of spoke-a does with " +
                "10.1.0.0/16 (Azure: VnetAddressSpacesOverlap)");
    }

    [Fact]
    public void TwoPeersOfOneNetworkDoNotOverlap()
    {
        AzureEnvironment environment = Create();
        VirtualNetwork other = TwoNetworks.Network("spoke-b", "10.11.0.0/16");

        RuleTable.AssertRefused(environment with
        {
            VirtualNetworks = environment.VirtualNetworks.SetItem(2, other),
            VirtualNetworkPeerings = [environment.VirtualNetworkPeerings[0], TwoNetworks.Peerings("hub", "spoke-b")[0]],
        },
            "virtualNetworks/virtualNetworkPeerings/hub/hub-to-spoke-b properties.remoteVirtualNetwork.id: must be a virtual network that does not overlap " +
                "spoke-a, which hub is peered with already, "
            + "as 10.11.0.0/16 of spoke-b does with 10.11.0.0/16 (Azure: VnetAddressSpaceOverlapsWithAlreadyPeeredVnet)");
    }

    [Fact]
    public void RemoteGatewaysNeedAGatewayThere() => RuleTable.AssertRefused(Create(isTransit: true) with { VirtualNetworkGateways = [] },
        $"{Spoke} properties.useRemoteGateways: must be false where the remote virtual network has no gateway, as hub has none (Azure: " +
            "RemoteVnetHasNoGateways)");

    [Fact]
    public void RemoteGatewaysDoNotStandBesideOwnOnes()
    {
        AzureEnvironment environment = Create(isTransit: true);

        RuleTable.AssertRefused(environment with
        {
            PublicIpAddresses = environment.PublicIpAddresses.Add(new PublicIpAddress("spoke-a-ip", IpAddress.Parse("198.51.100.60"))),
            VirtualNetworkGateways = environment.VirtualNetworkGateways.Add(TwoNetworks.Gateway("spoke-a")),
        },
            $"{Spoke} properties.useRemoteGateways: must be false where the virtual network has a gateway of its own: spoke-a has spoke-a-gw");
    }

    [Fact]
    public void RemoteGatewaysMustBeAllowedThere()
    {
        AzureEnvironment environment = Create(isTransit: true);

        RuleTable.AssertRefused(environment with
        {
            VirtualNetworkPeerings = environment.VirtualNetworkPeerings.Change(0, peering =>
            peering with { AllowGatewayTransit = false })
        },
            $"{Spoke} properties.useRemoteGateways: must be false while the peering hub-to-spoke-a of hub has allowGatewayTransit: false");
        RuleTable.AssertRefused(environment with { VirtualNetworkPeerings = [environment.VirtualNetworkPeerings[1]] },
            $"{Spoke} properties.useRemoteGateways: must be false until hub has a peering to spoke-a with allowGatewayTransit: true");
    }

    [Fact]
    public void OnePeeringOnlyUsesRemoteGateways()
    {
        AzureEnvironment environment = Create(isTransit: true);
        environment = environment with
        {
            PublicIpAddresses = environment.PublicIpAddresses.Add(new PublicIpAddress("spoke-b-ip", IpAddress.Parse("198.51.100.60"))),
            VirtualNetworkGateways = environment.VirtualNetworkGateways.Add(TwoNetworks.Gateway("spoke-b")),
            VirtualNetworkPeerings = environment.VirtualNetworkPeerings.AddRange(TwoNetworks.Peerings("spoke-b", "spoke-a", isTransit: true)),
        };

        RuleTable.AssertRefused(environment,
            "virtualNetworks/virtualNetworkPeerings/spoke-a/spoke-a-to-spoke-b properties.useRemoteGateways: must be true in one peering of a virtual " +
                "network only, and spoke-a-to-hub of spoke-a has it");
    }

    [Fact]
    public void GatewaysAreNotHandedOn()
    {
        AzureEnvironment environment = Create(isTransit: true);

        RuleTable.AssertRefused(environment with
        {
            VirtualNetworkPeerings = environment.VirtualNetworkPeerings.Change(1, peering =>
            peering with { AllowGatewayTransit = true })
        },
            $"{Spoke} properties.allowGatewayTransit: must be false with useRemoteGateways: true: gateways are not handed on");
    }

    /// <summary>A hub with a gateway, a spoke that is peered with it and one that is not.</summary>
    static AzureEnvironment Create(bool isTransit = false) => new()
    {
        VirtualNetworks = [TwoNetworks.Network("hub", "10.1.0.0/16"), TwoNetworks.Network("spoke-a", "10.11.0.0/16"),
            TwoNetworks.Network("spoke-b", "10.12.0.0/16")],
        VirtualNetworkPeerings = TwoNetworks.Peerings("hub", "spoke-a", isTransit),
        PublicIpAddresses = [new PublicIpAddress("hub-ip", IpAddress.Parse("198.51.100.10"))],
        VirtualNetworkGateways = [TwoNetworks.Gateway("hub")],
    };
}
