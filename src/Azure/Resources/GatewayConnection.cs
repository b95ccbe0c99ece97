using System.Collections.Immutable;
using Ipsec.Crypto;
using Ipsec.Net;

namespace Ipsec.Azure.Resources;

/// <summary>Microsoft.Network/connections with <c>connectionType</c> IPsec and <c>connectionProtocol</c> IKEv2.</summary>
public sealed record GatewayConnection
{
    public required string Name { get; init; }

    /// <summary>The name of <c>properties.virtualNetworkGateway1.id</c>.</summary>
    public required string VirtualNetworkGateway1 { get; init; }

    /// <summary>The name of <c>properties.localNetworkGateway2.id</c>.</summary>
    public required string LocalNetworkGateway2 { get; init; }

    /// <summary><c>properties.sharedKey</c>. Whoever made this record owns it.</summary>
    public required Secret SharedKey { get; init; }

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
