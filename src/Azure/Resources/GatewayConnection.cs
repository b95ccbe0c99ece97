using System.Collections.Immutable;
using Ipsec.Crypto;
using Ipsec.Net;

namespace Ipsec.Azure.Resources;

/// <summary>Microsoft.Network/connections.</summary>
public sealed record GatewayConnection
{
    public required string Name { get; init; }

    /// <summary><c>properties.connectionType</c></summary>
    public VirtualNetworkGatewayConnectionType ConnectionType { get; init; }

    /// <summary><c>properties.connectionProtocol</c></summary>
    public VirtualNetworkGatewayConnectionProtocol ConnectionProtocol { get; init; }

    /// <summary>The name of <c>properties.virtualNetworkGateway1.id</c>.</summary>
    public required string VirtualNetworkGateway1 { get; init; }

    /// <summary>The name of <c>properties.localNetworkGateway2.id</c>: the device of an IPsec connection, otherwise null.</summary>
    public string? LocalNetworkGateway2 { get; init; }

    /// <summary>The name of <c>properties.virtualNetworkGateway2.id</c>: the other gateway of a Vnet2Vnet connection, otherwise null.</summary>
    public string? VirtualNetworkGateway2 { get; init; }

    /// <summary>The name of <c>properties.peer.id</c>: the circuit of an ExpressRoute connection, otherwise null.</summary>
    public string? Peer { get; init; }

    /// <summary><c>properties.sharedKey</c>; null where there is none. Whoever made this record owns it.</summary>
    public Secret? SharedKey { get; init; }

    /// <summary><c>properties.routingWeight</c>, 0 to 32000; Azure looks at it for ExpressRoute connections only.</summary>
    public int RoutingWeight { get; init; }

    /// <summary><c>properties.connectionMode</c></summary>
    public VirtualNetworkGatewayConnectionMode ConnectionMode { get; init; }

    /// <summary><c>properties.dpdTimeoutSeconds</c>, 9 to 3600.</summary>
    public int DpdTimeoutSeconds { get; init; } = 45;

    /// <summary><c>properties.usePolicyBasedTrafficSelectors</c></summary>
    public bool UsePolicyBasedTrafficSelectors { get; init; }

    /// <summary><c>properties.ipsecPolicies</c>: empty for the default policy, otherwise exactly one.</summary>
    public ImmutableArray<IpsecPolicy> IpsecPolicies { get; init; } = [];

    /// <summary><c>properties.trafficSelectorPolicies</c></summary>
    public ImmutableArray<TrafficSelectorPolicy> TrafficSelectorPolicies { get; init; } = [];

    /// <summary>The names of <c>properties.ingressNatRules[].id</c>: rules of the gateway, mode IngressSnat.</summary>
    public ImmutableArray<string> IngressNatRules { get; init; } = [];

    /// <summary>The names of <c>properties.egressNatRules[].id</c>: rules of the gateway, mode EgressSnat.</summary>
    public ImmutableArray<string> EgressNatRules { get; init; } = [];

    /// <summary>A tunnel; an ExpressRoute connection is none.</summary>
    public bool IsIpsec => ConnectionType != VirtualNetworkGatewayConnectionType.ExpressRoute;
}

public enum VirtualNetworkGatewayConnectionType
{
    /// <summary>To a device, which a local network gateway describes.</summary>
    IPsec,

    /// <summary>To another virtual network gateway. Each direction has a connection of its own.</summary>
    Vnet2Vnet,

    /// <summary>From an ExpressRoute gateway to a circuit.</summary>
    ExpressRoute,
}

public enum VirtualNetworkGatewayConnectionProtocol
{
    IKEv2,
    IKEv1,
}

/// <summary>Who may begin. It governs the first establishment only: a rekey may come from either side.</summary>
public enum VirtualNetworkGatewayConnectionMode
{
    /// <summary>The gateway takes whoever dials and dials itself, whichever comes first.</summary>
    Default,
    InitiatorOnly,
    ResponderOnly,
}

/// <summary>One element of <c>trafficSelectorPolicies</c>.</summary>
public sealed record TrafficSelectorPolicy(ImmutableArray<IpPrefix> LocalAddressRanges, ImmutableArray<IpPrefix> RemoteAddressRanges);
