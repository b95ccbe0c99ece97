using Ipsec.Net;

namespace Ipsec.Azure.Routing;

/// <summary>Azure's names in <c>effectiveRouteTable</c>.</summary>
public enum EffectiveRouteSource
{
    /// <summary>A system route.</summary>
    Default,
    VirtualNetworkGateway,
}

public enum EffectiveRouteState
{
    Active,

    /// <summary>Known, and another route is used instead.</summary>
    Invalid,
}

public enum RouteNextHopType
{
    VnetLocal,
    VNetPeering,
    VirtualNetworkGateway,

    /// <summary>Dropped.</summary>
    None,
}

/// <summary>A route as a virtual machine's network interface has it.</summary>
/// <param name="NextHop">The network, the peered network, or the gateway; it may be the gateway of a peered network. The gateway's own table says what it does then.</param>
public sealed record EffectiveRoute(IpPrefix Prefix, EffectiveRouteSource Source, EffectiveRouteState State, RouteNextHopType NextHopType, string NextHop);
