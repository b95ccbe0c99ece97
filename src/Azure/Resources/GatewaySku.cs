using System.Collections.Immutable;

namespace Ipsec.Azure.Resources;

/// <summary>
/// What a SKU can do: a row of Microsoft's tables "Gateway SKUs by tunnel, connection and throughput" and "by feature set". A SKU that exists in two
/// generations has two rows.
/// </summary>
public sealed record GatewaySku
{
    public required VirtualNetworkGatewaySkuName Name { get; init; }
    public VpnGatewayGeneration Generation { get; init; } = VpnGatewayGeneration.Generation1;

    /// <summary>Site-to-site and VNet-to-VNet tunnels together, of a route-based gateway; a policy-based one has 1.</summary>
    public required int MaximumTunnels { get; init; }

    /// <summary>Megabits per second that all tunnels of the gateway share.</summary>
    public required int AggregateMbps { get; init; }

    /// <summary>Virtual machines behind it.</summary>
    public required int VirtualMachines { get; init; }

    /// <summary>"AZ": instances in different zones; also what IPv6 inside needs.</summary>
    public bool IsZoneRedundant { get; init; }

    /// <summary><c>ipsecPolicies</c>, active-active mode, BGP, IKEv1 connections and coexistence with ExpressRoute: all but Basic.</summary>
    public bool IsFull => Name != VirtualNetworkGatewaySkuName.Basic;

    /// <summary><c>natRules</c>: from VpnGw2 on.</summary>
    public bool HasNat => IsFull && Name is not (VirtualNetworkGatewaySkuName.VpnGw1 or VirtualNetworkGatewaySkuName.VpnGw1AZ);

    /// <summary>The rows of VPN gateways.</summary>
    public static ImmutableArray<GatewaySku> All { get; } =
    [
        new() { Name = VirtualNetworkGatewaySkuName.Basic, MaximumTunnels = 10, AggregateMbps = 100, VirtualMachines = 200 },
        new() { Name = VirtualNetworkGatewaySkuName.VpnGw1, MaximumTunnels = 30, AggregateMbps = 650, VirtualMachines = 450 },
        new() { Name = VirtualNetworkGatewaySkuName.VpnGw2, MaximumTunnels = 30, AggregateMbps = 1000, VirtualMachines = 1300 },
        new() { Name = VirtualNetworkGatewaySkuName.VpnGw3, MaximumTunnels = 30, AggregateMbps = 1250, VirtualMachines = 4000 },
        new() { Name = VirtualNetworkGatewaySkuName.VpnGw1AZ, MaximumTunnels = 30, AggregateMbps = 650, VirtualMachines = 1000, IsZoneRedundant = true },
        new() { Name = VirtualNetworkGatewaySkuName.VpnGw2AZ, MaximumTunnels = 30, AggregateMbps = 1000, VirtualMachines = 2000, IsZoneRedundant = true },
        new() { Name = VirtualNetworkGatewaySkuName.VpnGw3AZ, MaximumTunnels = 30, AggregateMbps = 1250, VirtualMachines = 5000, IsZoneRedundant = true },
        Second(VirtualNetworkGatewaySkuName.VpnGw2, 30, 1250, 685),
        Second(VirtualNetworkGatewaySkuName.VpnGw3, 30, 2500, 2240),
        Second(VirtualNetworkGatewaySkuName.VpnGw4, 100, 5000, 5300),
        Second(VirtualNetworkGatewaySkuName.VpnGw5, 100, 10_000, 6700),
        Second(VirtualNetworkGatewaySkuName.VpnGw2AZ, 30, 1250, 2000) with { IsZoneRedundant = true },
        Second(VirtualNetworkGatewaySkuName.VpnGw3AZ, 30, 2500, 3300) with { IsZoneRedundant = true },
        Second(VirtualNetworkGatewaySkuName.VpnGw4AZ, 100, 5000, 4400) with { IsZoneRedundant = true },
        Second(VirtualNetworkGatewaySkuName.VpnGw5AZ, 100, 10_000, 9000) with { IsZoneRedundant = true },
    ];

    /// <summary>SKU names of ExpressRoute gateways.</summary>
    public static ImmutableArray<VirtualNetworkGatewaySkuName> ExpressRoute { get; } =
    [
        VirtualNetworkGatewaySkuName.Standard, VirtualNetworkGatewaySkuName.HighPerformance, VirtualNetworkGatewaySkuName.UltraPerformance,
        VirtualNetworkGatewaySkuName.ErGw1AZ, VirtualNetworkGatewaySkuName.ErGw2AZ, VirtualNetworkGatewaySkuName.ErGw3AZ,
        VirtualNetworkGatewaySkuName.ErGwScale,
    ];

    /// <summary>The row of a VPN gateway; null where there is no such SKU, or not in the generation that the gateway names.</summary>
    public static GatewaySku? Of(VirtualNetworkGateway gateway) => All.FirstOrDefault(sku =>
        sku.Name == gateway.Sku && (gateway.VpnGatewayGeneration is null || gateway.VpnGatewayGeneration == sku.Generation));

    static GatewaySku Second(VirtualNetworkGatewaySkuName name, int tunnels, int mbps, int machines) => new()
    {
        Name = name,
        Generation = VpnGatewayGeneration.Generation2,
        MaximumTunnels = tunnels,
        AggregateMbps = mbps,
        VirtualMachines = machines,
    };
}
