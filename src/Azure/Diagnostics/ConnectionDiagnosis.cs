using System.Collections.Immutable;

namespace Ipsec.Azure.Diagnostics;

/// <summary>ARM's <c>VirtualNetworkGatewayConnectionStatus</c>, in ARM's spelling.</summary>
public enum VirtualNetworkGatewayConnectionStatus
{
    /// <summary>Nobody can tell: the instance is not served.</summary>
    Unknown,

    /// <summary>A negotiation runs, or the IKE SA has no child SA.</summary>
    Connecting,

    /// <summary>There is a child SA.</summary>
    Connected,

    /// <summary>Nothing runs, or the last attempt failed.</summary>
    NotConnected,
}

/// <summary>What a connection's <c>properties</c> say about its state, with ARM's names, and what <c>getikesas</c> answers for it.</summary>
/// <param name="EgressBytesTransferred">Octets of inner packets that left for the device: the sum over the tunnels.</param>
/// <param name="IngressBytesTransferred">Octets of inner packets that came from the device: the sum over the tunnels.</param>
public sealed record ConnectionDiagnosis(string Name, VirtualNetworkGatewayConnectionStatus ConnectionStatus,
    ulong EgressBytesTransferred, ulong IngressBytesTransferred, ImmutableArray<TunnelConnectionHealth> TunnelConnectionStatus,
    ImmutableArray<MainModeSa> IkeSas);

/// <summary>ARM's <c>TunnelConnectionHealth</c>: one instance's tunnel to one far end.</summary>
/// <param name="Tunnel">The tunnel's name and the instance's public address: "hub-to-branch_198.51.100.10".</param>
/// <param name="IngressBytesTransferred">Since the gateway has the tunnel, over every rekey and failover.</param>
/// <param name="EgressBytesTransferred">As the other one.</param>
/// <param name="LastConnectionEstablishedUtcTime">When it last came up; a rekey does not count. Null where it never did.</param>
/// <param name="Reasons">Azure has none of it: why the tunnel is not up, with Azure's error numbers; of one that is up, what will fail later.</param>
public sealed record TunnelConnectionHealth(string Tunnel, VirtualNetworkGatewayConnectionStatus ConnectionStatus,
    ulong IngressBytesTransferred, ulong EgressBytesTransferred, DateTimeOffset? LastConnectionEstablishedUtcTime, ImmutableArray<ReasonReport> Reasons);
