using System.Collections.Immutable;

namespace Ipsec.Azure.Resources;

/// <summary>Microsoft.Network/virtualNetworkGateways.</summary>
public sealed record VirtualNetworkGateway
{
    public required string Name { get; init; }

    /// <summary><c>properties.gatewayType</c></summary>
    public VirtualNetworkGatewayType GatewayType { get; init; }

    /// <summary><c>properties.vpnType</c>; without a meaning where <see cref="GatewayType"/> is ExpressRoute.</summary>
    public VpnType VpnType { get; init; }

    /// <summary><c>properties.vpnGatewayGeneration</c>; null where it is not said: the first one that the SKU has.</summary>
    public VpnGatewayGeneration? VpnGatewayGeneration { get; init; }

    /// <summary><c>properties.sku.name</c></summary>
    public required VirtualNetworkGatewaySkuName Sku { get; init; }

    /// <summary><c>properties.ipConfigurations</c>: one, or two with <see cref="ActiveActive"/>.</summary>
    public required ImmutableArray<GatewayIpConfiguration> IpConfigurations { get; init; }

    /// <summary><c>properties.activeActive</c></summary>
    public bool ActiveActive { get; init; }

    /// <summary><c>properties.disableIPSecReplayProtection</c></summary>
    public bool DisableIPSecReplayProtection { get; init; }

    /// <summary>The name of <c>properties.gatewayDefaultSite.id</c>: the local network gateway that gets what no other route has (forced tunnelling).</summary>
    public string? GatewayDefaultSite { get; init; }

    /// <summary><c>properties.natRules</c></summary>
    public ImmutableArray<NatRule> NatRules { get; init; } = [];

    /// <summary>The network it is in: that of its first IP configuration.</summary>
    public string VirtualNetwork => IpConfigurations[0].VirtualNetwork;

    /// <summary>An IPsec endpoint; an ExpressRoute gateway is none.</summary>
    public bool IsVpn => GatewayType == VirtualNetworkGatewayType.Vpn;

    public NatRule? FindNatRule(string name) => NatRules.FirstOrDefault(rule => rule.Name == name);
}

/// <summary>One instance's addresses.</summary>
/// <param name="VirtualNetwork">The network of <c>properties.subnet.id</c>.</param>
/// <param name="Subnet">The subnet of <c>properties.subnet.id</c>.</param>
/// <param name="PublicIpAddress">The name of <c>properties.publicIPAddress.id</c>; null where an ExpressRoute gateway has none.</param>
public sealed record GatewayIpConfiguration(string Name, string VirtualNetwork, string Subnet, string? PublicIpAddress);

// The values of the following enumerations are ARM's own, in ARM's spelling.

public enum VirtualNetworkGatewayType
{
    Vpn,
    ExpressRoute,
}

public enum VpnType
{
    RouteBased,
    PolicyBased,
}

public enum VpnGatewayGeneration
{
    /// <summary>For gateways that are no VPN gateways.</summary>
    None,
    Generation1,
    Generation2,
}

/// <summary>Every SKU name that ARM knows. Which gateway can have which: <see cref="GatewaySku"/>.</summary>
public enum VirtualNetworkGatewaySkuName
{
    Basic,
    Standard,
    HighPerformance,
    UltraPerformance,
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
    ErGw1AZ,
    ErGw2AZ,
    ErGw3AZ,
    ErGwScale,
}
