namespace Ipsec.Azure.Resources;

/// <summary>Microsoft.Network/virtualNetworks/virtualNetworkPeerings: one direction. Two networks are peered when each has one to the other.</summary>
public sealed record VirtualNetworkPeering
{
    public required string Name { get; init; }

    /// <summary>The network that the peering is a child of.</summary>
    public required string VirtualNetwork { get; init; }

    /// <summary>ARM's name of a child resource: "hub/hub-to-spoke".</summary>
    public string FullName => $"{VirtualNetwork}/{Name}";

    /// <summary>The name of <c>properties.remoteVirtualNetwork.id</c>.</summary>
    public required string RemoteVirtualNetwork { get; init; }

    /// <summary><c>properties.allowVirtualNetworkAccess</c>: false blocks traffic from the remote network though the peering is connected.</summary>
    public bool AllowVirtualNetworkAccess { get; init; } = true;

    /// <summary><c>properties.allowForwardedTraffic</c>: traffic that a virtual machine of the remote network forwards for others.</summary>
    public bool AllowForwardedTraffic { get; init; }

    /// <summary><c>properties.allowGatewayTransit</c>: the remote network may use this network's gateways.</summary>
    public bool AllowGatewayTransit { get; init; }

    /// <summary><c>properties.useRemoteGateways</c>: this network uses the remote network's gateways.</summary>
    public bool UseRemoteGateways { get; init; }
}

/// <summary><c>properties.peeringState</c></summary>
public enum VirtualNetworkPeeringState
{
    /// <summary>The other direction has not been created.</summary>
    Initiated,
    Connected,
}
