using System.Collections.Immutable;

namespace Ipsec.Lab.Topology.Arm;

/// <summary>How a shorthand key becomes ARM properties.</summary>
enum ArmExpansion
{
    /// <summary>The value, whole, stands at the ARM path.</summary>
    Copy,

    /// <summary>A mapping from names to values becomes ARM's array of named resources.</summary>
    NamedSubnets,

    /// <summary>The same with NAT rules.</summary>
    NamedNatRules,

    /// <summary>A list of names becomes ARM's array of references.</summary>
    References,

    /// <summary>The name of the parent stands before the resource's own: "hub/hub-to-spoke".</summary>
    Parent,

    /// <summary>One name becomes the subnet of every IP configuration.</summary>
    GatewaySubnet,

    /// <summary>A list of addresses becomes public IP address resources, one IP configuration each.</summary>
    PublicAddresses,
}

/// <summary>One row: a key of the shorthand and the one ARM path that it stands for.</summary>
/// <param name="ResourceType">"virtualNetworks", without the provider.</param>
/// <param name="Key">The shorthand key of that resource; "subnets.*" with what the mapping's keys stand for.</param>
/// <param name="ArmPath">Below the resource; an index in brackets counts what the shorthand lists.</param>
sealed record ArmShorthandRow(string ResourceType, string Key, string ArmPath, ArmExpansion Expansion = ArmExpansion.Copy);

/// <summary>The table of D6: every shorthand key below <c>azure</c> expands to exactly one ARM path.</summary>
static class ArmShorthand
{
    public const string Provider = "Microsoft.Network/";

    public const string VirtualNetworks = "virtualNetworks";
    public const string VirtualNetworkPeerings = "virtualNetworkPeerings";
    public const string PublicIpAddresses = "publicIPAddresses";
    public const string VirtualNetworkGateways = "virtualNetworkGateways";
    public const string LocalNetworkGateways = "localNetworkGateways";
    public const string ExpressRouteCircuits = "expressRouteCircuits";
    public const string Connections = "connections";

    /// <summary>Types that are children of others in ARM; their names are "PARENT/NAME".</summary>
    public const string ChildPeerings = $"{VirtualNetworks}/{VirtualNetworkPeerings}";
    public const string ChildSubnets = $"{VirtualNetworks}/subnets";
    public const string ChildNatRules = $"{VirtualNetworkGateways}/natRules";

    public static ImmutableArray<ArmShorthandRow> Rows { get; } =
    [
        new(VirtualNetworks, "addressPrefixes", "properties.addressSpace.addressPrefixes"),
        new(VirtualNetworks, "subnets", "properties.subnets", ArmExpansion.NamedSubnets),

        new(VirtualNetworkPeerings, "virtualNetwork", "name", ArmExpansion.Parent),
        new(VirtualNetworkPeerings, "remoteVirtualNetwork", "properties.remoteVirtualNetwork.id"),
        new(VirtualNetworkPeerings, "allowVirtualNetworkAccess", "properties.allowVirtualNetworkAccess"),
        new(VirtualNetworkPeerings, "allowForwardedTraffic", "properties.allowForwardedTraffic"),
        new(VirtualNetworkPeerings, "allowGatewayTransit", "properties.allowGatewayTransit"),
        new(VirtualNetworkPeerings, "useRemoteGateways", "properties.useRemoteGateways"),

        new(VirtualNetworkGateways, "virtualNetwork", "properties.ipConfigurations[].properties.subnet.id", ArmExpansion.GatewaySubnet),
        new(VirtualNetworkGateways, "publicIPAddresses", "properties.ipConfigurations[].properties.publicIPAddress.id", ArmExpansion.PublicAddresses),
        new(VirtualNetworkGateways, "sku", "properties.sku.name"),
        new(VirtualNetworkGateways, "gatewayType", "properties.gatewayType"),
        new(VirtualNetworkGateways, "vpnType", "properties.vpnType"),
        new(VirtualNetworkGateways, "vpnGatewayGeneration", "properties.vpnGatewayGeneration"),
        new(VirtualNetworkGateways, "activeActive", "properties.activeActive"),
        new(VirtualNetworkGateways, "gatewayDefaultSite", "properties.gatewayDefaultSite.id"),
        new(VirtualNetworkGateways, "natRules", "properties.natRules", ArmExpansion.NamedNatRules),
        new(VirtualNetworkGateways, "disableIPSecReplayProtection", "properties.disableIPSecReplayProtection"),

        new(LocalNetworkGateways, "gatewayIpAddress", "properties.gatewayIpAddress"),
        new(LocalNetworkGateways, "fqdn", "properties.fqdn"),
        new(LocalNetworkGateways, "addressPrefixes", "properties.localNetworkAddressSpace.addressPrefixes"),

        new(ExpressRouteCircuits, "bandwidthInMbps", "properties.serviceProviderProperties.bandwidthInMbps"),

        new(Connections, "virtualNetworkGateway1", "properties.virtualNetworkGateway1.id"),
        new(Connections, "localNetworkGateway2", "properties.localNetworkGateway2.id"),
        new(Connections, "virtualNetworkGateway2", "properties.virtualNetworkGateway2.id"),
        new(Connections, "peer", "properties.peer.id"),
        new(Connections, "connectionType", "properties.connectionType"),
        new(Connections, "connectionProtocol", "properties.connectionProtocol"),
        new(Connections, "connectionMode", "properties.connectionMode"),
        new(Connections, "sharedKey", "properties.sharedKey"),
        new(Connections, "dpdTimeoutSeconds", "properties.dpdTimeoutSeconds"),
        new(Connections, "usePolicyBasedTrafficSelectors", "properties.usePolicyBasedTrafficSelectors"),
        new(Connections, "ipsecPolicies", "properties.ipsecPolicies"),
        new(Connections, "trafficSelectorPolicies", "properties.trafficSelectorPolicies"),
        new(Connections, "ingressNatRules", "properties.ingressNatRules[].id", ArmExpansion.References),
        new(Connections, "egressNatRules", "properties.egressNatRules[].id", ArmExpansion.References),
        new(Connections, "routingWeight", "properties.routingWeight"),
    ];

    public static ArmShorthandRow? Find(string resourceType, string key) =>
        Rows.FirstOrDefault(row => row.ResourceType == resourceType && row.Key == key);
}
