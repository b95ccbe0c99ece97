using System.Collections.Immutable;
using Ipsec.Azure.Resources;
using Ipsec.Net;

namespace Ipsec.Azure;

/// <summary>Every resource of the emulated cloud, as a subscription would hold them, and how they are emulated.</summary>
public sealed record AzureEnvironment
{
    public static AzureEnvironment Empty { get; } = new();

    public ImmutableArray<VirtualNetwork> VirtualNetworks { get; init; } = [];
    public ImmutableArray<PublicIpAddress> PublicIpAddresses { get; init; } = [];
    public ImmutableArray<VirtualNetworkGateway> VirtualNetworkGateways { get; init; } = [];
    public ImmutableArray<LocalNetworkGateway> LocalNetworkGateways { get; init; } = [];
    public ImmutableArray<GatewayConnection> Connections { get; init; } = [];
    public EmulationOptions Emulation { get; init; } = new();

    public VirtualNetwork? FindVirtualNetwork(string name) => VirtualNetworks.FirstOrDefault(network => network.Name == name);

    public PublicIpAddress? FindPublicIpAddress(string name) => PublicIpAddresses.FirstOrDefault(address => address.Name == name);

    public VirtualNetworkGateway? FindGateway(string name) => VirtualNetworkGateways.FirstOrDefault(gateway => gateway.Name == name);

    public LocalNetworkGateway? FindLocalNetworkGateway(string name) => LocalNetworkGateways.FirstOrDefault(gateway => gateway.Name == name);

    public GatewayConnection? FindConnection(string name) => Connections.FirstOrDefault(connection => connection.Name == name);

    /// <summary>The public address of a gateway's instance. The environment has passed its rules, so there is one.</summary>
    public IpAddress PublicAddressOf(VirtualNetworkGateway gateway, int instance) =>
        FindPublicIpAddress(gateway.IpConfigurations[instance].PublicIpAddress)!.IpAddress;
}
