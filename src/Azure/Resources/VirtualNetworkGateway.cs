using System.Collections.Immutable;
using Ipsec.Net;

namespace Ipsec.Azure.Resources;

/// <summary>Microsoft.Network/virtualNetworkGateways with <c>gatewayType</c> Vpn and <c>vpnType</c> RouteBased.</summary>
public sealed record VirtualNetworkGateway
{
    public required string Name { get; init; }

    /// <summary><c>properties.sku.name</c></summary>
    public required VirtualNetworkGatewaySkuName Sku { get; init; }

    /// <summary><c>properties.ipConfigurations</c>: one, or two with <see cref="ActiveActive"/>.</summary>
    public required ImmutableArray<GatewayIpConfiguration> IpConfigurations { get; init; }

    /// <summary><c>properties.activeActive</c></summary>
    public bool ActiveActive { get; init; }

    /// <summary><c>properties.disableIPSecReplayProtection</c></summary>
    public bool DisableIPSecReplayProtection { get; init; }

    /// <summary>The network it is in: that of its first IP configuration.</summary>
    public string VirtualNetwork => IpConfigurations[0].VirtualNetwork;
}

/// <summary>One instance's addresses.</summary>
/// <param name="VirtualNetwork">The network of <c>properties.subnet.id</c>.</param>
/// <param name="Subnet">The subnet of <c>properties.subnet.id</c>.</param>
/// <param name="PublicIpAddress">The name of <c>properties.publicIPAddress.id</c>.</param>
public sealed record GatewayIpConfiguration(string Name, string VirtualNetwork, string Subnet, string PublicIpAddress);

/// <summary>Microsoft.Network/publicIPAddresses.</summary>
/// <param name="IpAddress"><c>properties.ipAddress</c>; Azure assigns it, an emulator is told.</param>
public sealed record PublicIpAddress(string Name, IpAddress IpAddress);

/// <summary>The SKU names of a VPN gateway that can still be created or resized to.</summary>
public enum VirtualNetworkGatewaySkuName
{
    Basic,
    VpnGw1,
    VpnGw2,
    VpnGw3,
    VpnGw4,
    VpnGw5,
    VpnGw1AZ,
    VpnGw2AZ,
    VpnGw3AZ,
    VpnGw4AZ,
    VpnGw5AZ,
}
