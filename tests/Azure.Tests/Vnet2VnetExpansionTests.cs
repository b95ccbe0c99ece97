using Ipsec.Azure.Resources;
using Ipsec.Endpoint;
using Ipsec.Ike.Configuration;
using Ipsec.Net;

namespace Ipsec.Azure.Tests;

public class Vnet2VnetExpansionTests
{
    [Fact]
    public void EachGatewayKnowsTheOthersAddressAndNetwork()
    {
        AzureEnvironment environment = TwoNetworks.Create();

        Assert.Equal(["hub-to-west 198.51.100.10 -> 198.51.100.50 10.5.0.0/16"], Tunnels(environment, "hub-gw", 0));
        Assert.Equal(["west-to-hub 198.51.100.50 -> 198.51.100.10 10.1.0.0/16"], Tunnels(environment, "west-gw", 0));
    }

    [Fact]
    public void EveryInstanceHasATunnelToEachInstance()
    {
        AzureEnvironment environment = TwoNetworks.Create().ActiveActive("hub", "west");

        Assert.Equal(
            ["hub-to-west 198.51.100.10 -> 198.51.100.50 10.5.0.0/16", "hub-to-west/1 198.51.100.10 -> 198.51.100.51 10.5.0.0/16"],
            Tunnels(environment, "hub-gw", 0));
        Assert.Equal(
            ["hub-to-west 198.51.100.11 -> 198.51.100.50 10.5.0.0/16", "hub-to-west/1 198.51.100.11 -> 198.51.100.51 10.5.0.0/16"],
            Tunnels(environment, "hub-gw", 1));
        Assert.Equal(
            ["west-to-hub 198.51.100.51 -> 198.51.100.10 10.1.0.0/16", "west-to-hub/1 198.51.100.51 -> 198.51.100.11 10.1.0.0/16"],
            Tunnels(environment, "west-gw", 1));
    }

    [Fact]
    public void EveryTunnelHasItsKey()
    {
        EndpointConfiguration endpoint = Expand(TwoNetworks.Create().ActiveActive("west"), "hub-gw", 0);

        Assert.Equal([IpAddress.Parse("198.51.100.50"), IpAddress.Parse("198.51.100.51")], endpoint.PresharedKeys.Select(key => key.RemoteAddress!.Value));
        Assert.All(endpoint.PresharedKeys, key => Assert.Equal("Gh7s0pQ2xV9k"u8, key.Key.Span));
    }

    [Fact]
    public void TheSecondOfTwoDialsLater()
    {
        AzureEnvironment environment = TwoNetworks.Create();

        Assert.Equal(TimeSpan.FromSeconds(5), Expand(environment, "hub-gw", 0).Tunnels[0].Connection.StartDelay);
        Assert.Equal(TimeSpan.FromSeconds(10), Expand(environment, "west-gw", 0).Tunnels[0].Connection.StartDelay);
    }

    [Fact]
    public void PortsOfTheEmulationAreThoseOfBothSides()
    {
        AzureEnvironment environment = TwoNetworks.Create() with { Emulation = new EmulationOptions { IkePort = 5500, NatTraversalPort = 5501 } };

        ConnectionConfiguration connection = Expand(environment, "hub-gw", 0).Tunnels[0].Connection;

        Assert.Equal((5500, 5501), (connection.RemoteIkePort, connection.RemoteNatTraversalPort));
    }

    [Fact]
    public void PolicyBasedSelectorsAreTheTwoAddressSpaces()
    {
        AzureEnvironment environment = TwoNetworks.Create();
        environment = environment with
        {
            Connections = environment.Connections.SetItem(0,
            environment.Connections[0] with { UsePolicyBasedTrafficSelectors = true })
        };

        ChildConfiguration child = Assert.Single(Expand(environment, "hub-gw", 0).Tunnels[0].Connection.Children);

        Assert.Equal([TrafficSelector.From(IpPrefix.Parse("10.1.0.0/16"))], child.LocalSelectors);
        Assert.Equal([TrafficSelector.From(IpPrefix.Parse("10.5.0.0/16"))], child.RemoteSelectors);
    }

    /// <summary>Two gateways that know each other by local network gateways, as a classic one and one of Resource Manager do.</summary>
    [Fact]
    public void HandMadeLocalNetworkGatewaysWorkBetweenGatewaysToo()
    {
        AzureEnvironment environment = TwoNetworks.Create() with
        {
            LocalNetworkGateways = [Site("hub", "198.51.100.10", "10.1.0.0/16"), Site("west", "198.51.100.50", "10.5.0.0/16")],
            Connections = [ByHand("hub", "west"), ByHand("west", "hub")],
            Emulation = new EmulationOptions { IkePort = 5500 },
        };

        Assert.Empty(Azure.Rules.AzureRules.Check(environment));
        Assert.Equal(["hub-to-west 198.51.100.10 -> 198.51.100.50 10.5.0.0/16"], Tunnels(environment, "hub-gw", 0));
        ConnectionConfiguration second = Expand(environment, "west-gw", 0).Tunnels[0].Connection;
        Assert.Equal((TimeSpan.FromSeconds(10), 5500), (second.StartDelay, second.RemoteIkePort));
    }

    [Fact]
    public void NetworksThatUseTheGatewayOverAPeeringAreBehindIt()
    {
        AzureEnvironment environment = TwoNetworks.Create();
        environment = environment with
        {
            VirtualNetworks = environment.VirtualNetworks.Add(TwoNetworks.Network("spoke", "10.11.0.0/16")),
            VirtualNetworkPeerings = TwoNetworks.Peerings("hub", "spoke", isTransit: true),
        };

        Assert.Equal([IpPrefix.Parse("10.1.0.0/16"), IpPrefix.Parse("10.11.0.0/16")], Expand(environment, "hub-gw", 0).LocalNetworks);
        Assert.Equal([IpPrefix.Parse("10.1.0.0/16")], Expand(environment with { VirtualNetworkPeerings = TwoNetworks.Peerings("hub", "spoke") }, "hub-gw", 0)
            .LocalNetworks);
    }

    static LocalNetworkGateway Site(string name, string address, string prefix) => new()
    {
        Name = $"{name}-site",
        GatewayIpAddress = IpAddress.Parse(address),
        AddressPrefixes = [IpPrefix.Parse(prefix)],
    };

    static GatewayConnection ByHand(string from, string to) => TwoNetworks.Connection(from, to) with
    {
        ConnectionType = VirtualNetworkGatewayConnectionType.IPsec,
        VirtualNetworkGateway2 = null,
        LocalNetworkGateway2 = $"{to}-site",
    };

    static EndpointConfiguration Expand(AzureEnvironment environment, string gateway, int instance) =>
        AzureExpansion.Expand(environment, environment.FindGateway(gateway)!, instance);

    static IEnumerable<string> Tunnels(AzureEnvironment environment, string gateway, int instance) =>
        Expand(environment, gateway, instance).Tunnels.Select(tunnel =>
        $"{tunnel.Connection.Name} {tunnel.Connection.LocalAddress} -> {tunnel.Connection.RemoteAddress} " +
            $"{string.Join(' ', tunnel.Routes.Select(route => route.Prefix))}");
}
