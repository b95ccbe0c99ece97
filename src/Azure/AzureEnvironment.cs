using System.Collections.Immutable;
using Ipsec.Azure.Resources;
using Ipsec.Net;

namespace Ipsec.Azure;

/// <summary>Every resource of the emulated cloud, as a subscription would hold them, and how they are emulated.</summary>
public sealed record AzureEnvironment
{
    public static AzureEnvironment Empty { get; } = new();

    public ImmutableArray<VirtualNetwork> VirtualNetworks { get; init; } = [];
    public ImmutableArray<VirtualNetworkPeering> VirtualNetworkPeerings { get; init; } = [];
    public ImmutableArray<PublicIpAddress> PublicIpAddresses { get; init; } = [];
    public ImmutableArray<VirtualNetworkGateway> VirtualNetworkGateways { get; init; } = [];
    public ImmutableArray<LocalNetworkGateway> LocalNetworkGateways { get; init; } = [];
    public ImmutableArray<ExpressRouteCircuit> ExpressRouteCircuits { get; init; } = [];
    public ImmutableArray<GatewayConnection> Connections { get; init; } = [];
    public EmulationOptions Emulation { get; init; } = new();

    public VirtualNetwork? FindVirtualNetwork(string name) => VirtualNetworks.FirstOrDefault(network => network.Name == name);

    public PublicIpAddress? FindPublicIpAddress(string name) => PublicIpAddresses.FirstOrDefault(address => address.Name == name);

    public VirtualNetworkGateway? FindGateway(string name) => VirtualNetworkGateways.FirstOrDefault(gateway => gateway.Name == name);

    public LocalNetworkGateway? FindLocalNetworkGateway(string name) => LocalNetworkGateways.FirstOrDefault(gateway => gateway.Name == name);

    public ExpressRouteCircuit? FindExpressRouteCircuit(string name) => ExpressRouteCircuits.FirstOrDefault(circuit => circuit.Name == name);

    public GatewayConnection? FindConnection(string name) => Connections.FirstOrDefault(connection => connection.Name == name);

    /// <summary>The gateways that are IPsec endpoints.</summary>
    public IEnumerable<VirtualNetworkGateway> VpnGateways => VirtualNetworkGateways.Where(gateway => gateway.IsVpn);

    /// <summary>A network's gateway of a type; it has one of each type at most.</summary>
    public VirtualNetworkGateway? FindGatewayOf(string virtualNetwork, VirtualNetworkGatewayType type) => VirtualNetworkGateways.FirstOrDefault(gateway =>
        gateway.GatewayType == type && !gateway.IpConfigurations.IsEmpty && gateway.VirtualNetwork == virtualNetwork);

    /// <summary>The connections that begin at a gateway.</summary>
    public IEnumerable<GatewayConnection> ConnectionsOf(VirtualNetworkGateway gateway) =>
        Connections.Where(connection => connection.VirtualNetworkGateway1 == gateway.Name);

    /// <summary>The peering in the other direction.</summary>
    public VirtualNetworkPeering? FindOpposite(VirtualNetworkPeering peering) => VirtualNetworkPeerings.FirstOrDefault(other =>
        other.VirtualNetwork == peering.RemoteVirtualNetwork && other.RemoteVirtualNetwork == peering.VirtualNetwork);

    public VirtualNetworkPeeringState StateOf(VirtualNetworkPeering peering) =>
        FindOpposite(peering) is null ? VirtualNetworkPeeringState.Initiated : VirtualNetworkPeeringState.Connected;

    /// <summary>The network whose gateways a network uses over a peering (gateway transit); null where it uses its own or none.</summary>
    public VirtualNetwork? FindTransitNetworkOf(string virtualNetwork) => VirtualNetworkPeerings
        .Where(peering => peering.VirtualNetwork == virtualNetwork && peering.UseRemoteGateways && FindOpposite(peering) is { AllowGatewayTransit: true })
        .Select(peering => FindVirtualNetwork(peering.RemoteVirtualNetwork))
        .FirstOrDefault();

    /// <summary>The connection of the other gateway that leads back; null where nobody has created it.</summary>
    public GatewayConnection? FindOpposite(GatewayConnection connection) => Connections.FirstOrDefault(other =>
        other.ConnectionType == VirtualNetworkGatewayConnectionType.Vnet2Vnet
        && other.VirtualNetworkGateway1 == connection.VirtualNetworkGateway2 && other.VirtualNetworkGateway2 == connection.VirtualNetworkGateway1);

    /// <summary>The same resources without shared keys, for those who need no secrets.</summary>
    public AzureEnvironment WithoutKeys() => this with { Connections = [.. Connections.Select(connection => connection with { SharedKey = null })] };

    /// <summary>The public address of a VPN gateway's instance. The environment has passed its rules, so there is one.</summary>
    public IpAddress PublicAddressOf(VirtualNetworkGateway gateway, int instance) =>
        FindPublicIpAddress(gateway.IpConfigurations[instance].PublicIpAddress!)!.IpAddress;
}
