using System.Collections.Immutable;
using Ipsec.Azure.Resources;
using Ipsec.Azure.Routing;
using Ipsec.Net;

namespace Ipsec.Azure.Tests.Routing;

/// <summary>
/// A hub with a VPN gateway to the sites branch and office, and an ExpressRoute gateway on a circuit; a spoke that uses its gateways, a neighbour that is
/// peered without, and a far network behind a Vnet2Vnet connection that has a peered network of its own.
/// </summary>
static class CoexistingGateways
{
    public const string Circuit = "circuit";

    public static VirtualNetworkGateway Vpn => SampleEnvironment.Gateway;

    public static AzureEnvironment Create() => SampleEnvironment.Create() with
    {
        VirtualNetworks =
        [
            Network("hub", "10.1.0.0/16"), Network("spoke", "10.3.0.0/16"), Network("neighbour", "10.4.0.0/16"), Network("far", "10.5.0.0/16"),
                Network("beyond", "10.6.0.0/16"),
        ],
        VirtualNetworkPeerings =
        [
            .. Peering("hub", "spoke", gatewayTransit: true), .. Peering("hub", "neighbour"), .. Peering("far", "beyond"),
        ],
        VirtualNetworkGateways = [Vpn, Gateway("hub-er", "hub", VirtualNetworkGatewayType.ExpressRoute),
            Gateway("far-gw", "far", VirtualNetworkGatewayType.Vpn)],
        LocalNetworkGateways = [Site("branch", "203.0.113.5", "10.2.0.0/24"), Site("office", "203.0.113.6", "10.8.0.0/24", "10.9.0.0/24")],
        ExpressRouteCircuits = [new ExpressRouteCircuit(Circuit)],
        Connections =
        [
            SampleEnvironment.Connection,
            SampleEnvironment.Connection with { Name = "hub-to-office", LocalNetworkGateway2 = "office", SharedKey = SampleEnvironment.Key("k") },
            new GatewayConnection
            {
                Name = "hub-to-far",
                ConnectionType = VirtualNetworkGatewayConnectionType.Vnet2Vnet,
                VirtualNetworkGateway1 = "hub-gw",
                VirtualNetworkGateway2 = "far-gw",
                SharedKey = SampleEnvironment.Key("k"),
            },
            new GatewayConnection
            {
                Name = "hub-circuit",
                ConnectionType = VirtualNetworkGatewayConnectionType.ExpressRoute,
                VirtualNetworkGateway1 = "hub-er",
                Peer = Circuit,
            },
        ],
    };

    /// <summary>The branch is on the circuit too, with its own network and a larger one.</summary>
    public static GatewayRouteSources Sources { get; } = new()
    {
        Circuits = [new CircuitAnnouncement(Circuit, "branch", [IpPrefix.Parse("10.2.0.0/24"), IpPrefix.Parse("10.8.0.0/15")])],
    };

    public static GatewayRouteSources Cut { get; } = Sources with { CutCircuits = [Circuit] };

    public static VirtualNetwork Network(string name, string prefix) => new() { Name = name, AddressPrefixes = [IpPrefix.Parse(prefix)], Subnets = [] };

    public static LocalNetworkGateway Site(string name, string address, params string[] prefixes) => new()
    {
        Name = name,
        GatewayIpAddress = IpAddress.Parse(address),
        AddressPrefixes = [.. prefixes.Select(IpPrefix.Parse)],
    };

    public static VirtualNetworkGateway Gateway(string name, string network, VirtualNetworkGatewayType type) => new()
    {
        Name = name,
        GatewayType = type,
        Sku = type == VirtualNetworkGatewayType.Vpn ? VirtualNetworkGatewaySkuName.VpnGw2AZ : VirtualNetworkGatewaySkuName.ErGw1AZ,
        IpConfigurations = [new GatewayIpConfiguration("default", network, "GatewaySubnet", null)],
    };

    /// <summary>Both directions.</summary>
    public static ImmutableArray<VirtualNetworkPeering> Peering(string one, string other, bool gatewayTransit = false) =>
    [
        new() { Name = $"{one}-{other}", VirtualNetwork = one, RemoteVirtualNetwork = other, AllowGatewayTransit = gatewayTransit },
        new() { Name = $"{other}-{one}", VirtualNetwork = other, RemoteVirtualNetwork = one, UseRemoteGateways = gatewayTransit },
    ];
}
