using System.Collections.Immutable;
using Ipsec.Azure.Resources;
using Ipsec.Net;

namespace Ipsec.Azure.Tests;

public class AzureChangesTests
{
    [Fact]
    public void NothingChangesWhereNothingDid()
    {
        Assert.Empty(AzureChanges.Between(SampleEnvironment.Create(), SampleEnvironment.Create()));
        Assert.Empty(AzureChanges.Between(TwoNetworks.Create().ActiveActive("hub", "west"), TwoNetworks.Create().ActiveActive("hub", "west")));
    }

    [Fact]
    public void SiteThatGrowsChangesItsGatewayAlone()
    {
        AzureEnvironment before = TwoNetworks.Create() with
        {
            LocalNetworkGateways = [SampleEnvironment.LocalGateway],
            Connections = [.. TwoNetworks.Create().Connections, SampleEnvironment.Connection],
        };
        AzureEnvironment after = before with { LocalNetworkGateways = [SampleEnvironment.LocalGateway with { AddressPrefixes = [IpPrefix.Parse("10.2.0.0/24"), IpPrefix.Parse("10.3.0.0/24")] }] };

        InstanceChange change = Assert.Single(AzureChanges.Between(before, after));

        Assert.Equal(("hub-gw", 0, false), (change.Gateway, change.Instance, change.MustStart));
        Assert.Empty(change.TunnelsToReset);
        Assert.Equal([IpPrefix.Parse("10.2.0.0/24"), IpPrefix.Parse("10.3.0.0/24")], change.Endpoint!.Tunnels[1].Routes.Select(route => route.Prefix));
    }

    [Fact]
    public void NetworkThatGrowsChangesBothSidesOfVnet2Vnet()
    {
        AzureEnvironment before = TwoNetworks.Create();
        VirtualNetwork grown = before.VirtualNetworks[1] with { AddressPrefixes = [IpPrefix.Parse("10.5.0.0/16"), IpPrefix.Parse("10.6.0.0/16")] };

        Assert.Equal([("hub-gw", 0), ("west-gw", 0)], Places(AzureChanges.Between(before, before with { VirtualNetworks = before.VirtualNetworks.SetItem(1, grown) })));
    }

    [Fact]
    public void NewKeyResetsItsTunnels()
    {
        AzureEnvironment before = TwoNetworks.Create().ActiveActive("west");
        GatewayConnection renewed = before.Connections[0] with { SharedKey = SampleEnvironment.Key("another") };

        InstanceChange change = Assert.Single(AzureChanges.Between(before, before with { Connections = before.Connections.SetItem(0, renewed) }));

        Assert.False(change.MustStart);
        Assert.Equal(["hub-to-west", "hub-to-west/1"], change.TunnelsToReset);
        Assert.All(change.Endpoint!.PresharedKeys, key => Assert.Equal("another"u8, key.Key.Span));
    }

    [Fact]
    public void NewPolicyIsForTheReload()
    {
        AzureEnvironment before = SampleEnvironment.Create();

        InstanceChange change = Assert.Single(AzureChanges.Between(before, before.With(SampleEnvironment.Connection with { IpsecPolicies = [SampleEnvironment.Policy] })));

        Assert.False(change.MustStart);
        Assert.Empty(change.TunnelsToReset);
    }

    [Fact]
    public void GatewaysComeAndGo()
    {
        AzureEnvironment two = TwoNetworks.Create();
        AzureEnvironment one = two with { VirtualNetworkGateways = [two.VirtualNetworkGateways[0]], Connections = [] };
        AzureEnvironment none = two with { VirtualNetworkGateways = [], Connections = [] };

        Assert.Equal([("hub-gw", 0, true), ("west-gw", 0, true)], AzureChanges.Between(none, two).Select(change => (change.Gateway, change.Instance, change.MustStart)));
        InstanceChange gone = AzureChanges.Between(two, one)[1];
        Assert.Equal(("west-gw", false), (gone.Gateway, gone.MustStart));
        Assert.Null(gone.Endpoint);
    }

    [Fact]
    public void SecondInstanceStartsAndTheFirstStays()
    {
        AzureEnvironment before = SampleEnvironment.Create();
        VirtualNetworkGateway gateway = SampleEnvironment.Gateway with
        {
            ActiveActive = true,
            IpConfigurations = SampleEnvironment.Gateway.IpConfigurations.Add(new GatewayIpConfiguration("activeActive", "hub", "GatewaySubnet", "hub-ip2")),
        };

        Assert.Equal([("hub-gw", 1)], Places(AzureChanges.Between(before, before.With(gateway))));
    }

    [Fact]
    public void NewAddressStartsAnew()
    {
        AzureEnvironment before = SampleEnvironment.Create();
        AzureEnvironment after = before with { PublicIpAddresses = before.PublicIpAddresses.SetItem(0, new PublicIpAddress("hub-ip", IpAddress.Parse("198.51.100.99"))) };

        Assert.True(Assert.Single(AzureChanges.Between(before, after)).MustStart);
    }

    [Fact]
    public void NatRuleChangesTheDataPathAlone()
    {
        VirtualNetworkGateway gateway = SampleEnvironment.Gateway with
        {
            NatRules = [new NatRule { Name = "out", Mode = VpnNatRuleMode.EgressSnat, InternalMappings = [IpPrefix.Parse("10.1.1.0/24")], ExternalMappings = [IpPrefix.Parse("100.64.1.0/24")] }],
        };
        AzureEnvironment before = SampleEnvironment.Create().With(gateway);

        InstanceChange change = Assert.Single(AzureChanges.Between(before, before.With(SampleEnvironment.Connection with { EgressNatRules = ["out"] })));

        Assert.Equal(AzureExpansion.Expand(before, gateway, 0).Tunnels[0].Connection, change.Endpoint!.Tunnels[0].Connection);
        Assert.Single(change.Endpoint.Tunnels[0].Nat);
    }

    static IEnumerable<(string, int)> Places(ImmutableArray<InstanceChange> changes) => changes.Select(change => (change.Gateway, change.Instance));
}
