using System.Collections.Immutable;
using Ipsec.Azure.Resources;
using Ipsec.Net;

namespace Ipsec.Azure.Tests;

/// <summary>Two virtual networks with a gateway each, connected in both directions; each test changes what it is about.</summary>
static class TwoNetworks
{
    public static AzureEnvironment Create() => new()
    {
        VirtualNetworks = [Network("hub", "10.1.0.0/16"), Network("west", "10.5.0.0/16")],
        PublicIpAddresses =
        [
            new PublicIpAddress("hub-ip", IpAddress.Parse("198.51.100.10")), new PublicIpAddress("hub-ip2", IpAddress.Parse("198.51.100.11")),
            new PublicIpAddress("west-ip", IpAddress.Parse("198.51.100.50")), new PublicIpAddress("west-ip2", IpAddress.Parse("198.51.100.51")),
        ],
        VirtualNetworkGateways = [Gateway("hub"), Gateway("west")],
        Connections = [Connection("hub", "west"), Connection("west", "hub")],
    };

    public static VirtualNetwork Network(string name, string prefix) => new()
    {
        Name = name,
        AddressPrefixes = [IpPrefix.Parse(prefix)],
        Subnets = [new Subnet("GatewaySubnet", [IpPrefix.Parse($"{prefix[..prefix.IndexOf('.', prefix.IndexOf('.') + 1)]}.255.0/27")])],
    };

    public static VirtualNetworkGateway Gateway(string network) => new()
    {
        Name = $"{network}-gw",
        Sku = VirtualNetworkGatewaySkuName.VpnGw2AZ,
        IpConfigurations = [new GatewayIpConfiguration("default", network, "GatewaySubnet", $"{network}-ip")],
    };

    public static GatewayConnection Connection(string from, string to) => new()
    {
        Name = $"{from}-to-{to}",
        ConnectionType = VirtualNetworkGatewayConnectionType.Vnet2Vnet,
        VirtualNetworkGateway1 = $"{from}-gw",
        VirtualNetworkGateway2 = $"{to}-gw",
        SharedKey = SampleEnvironment.Key("Gh7s0pQ2xV9k"),
    };

    /// <summary>Both gateways with two instances.</summary>
    public static AzureEnvironment ActiveActive(this AzureEnvironment environment, params string[] networks) => environment with
    {
        VirtualNetworkGateways =
        [
            .. environment.VirtualNetworkGateways.Select(gateway => networks.Contains(gateway.VirtualNetwork)
                ? gateway with
                {
                    ActiveActive = true,
                    IpConfigurations = [.. gateway.IpConfigurations, new GatewayIpConfiguration("activeActive", gateway.VirtualNetwork, "GatewaySubnet",
                        $"{gateway.VirtualNetwork}-ip2")],
                }
                : gateway),
        ],
    };

    public static ImmutableArray<VirtualNetworkPeering> Peerings(string hub, string spoke, bool isTransit = false) =>
    [
        new VirtualNetworkPeering { Name = $"{hub}-to-{spoke}", VirtualNetwork = hub, RemoteVirtualNetwork = spoke, AllowGatewayTransit = isTransit },
        new VirtualNetworkPeering { Name = $"{spoke}-to-{hub}", VirtualNetwork = spoke, RemoteVirtualNetwork = hub, UseRemoteGateways = isTransit },
    ];
}
