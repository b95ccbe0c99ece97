using System.Collections.Immutable;
using Ipsec.Net;

namespace Ipsec.Azure.Routing;

/// <summary>How a gateway knows a route; the names are those of <c>getLearnedRoutes</c>, where there is one.</summary>
public enum GatewayRouteOrigin
{
    /// <summary>The address space of the network or of a peered one.</summary>
    Network,

    /// <summary>The address prefixes of a local network gateway, or of the network behind a Vnet2Vnet connection.</summary>
    Static,
    EBgp,

    /// <summary>From the other instance.</summary>
    IBgp,
}

/// <summary>One route of a gateway.</summary>
/// <param name="Weight">The higher one is preferred: <see cref="VpnWeight"/> or <see cref="ExpressRouteWeight"/>.</param>
/// <param name="AsPath">The nearest system first; empty for what BGP has not told.</param>
/// <param name="SourcePeer">Who told it: an address, or a name where a route is static.</param>
public sealed record GatewayRoute(IpPrefix Prefix, GatewayNextHop NextHop, GatewayRouteOrigin Origin, int Weight, ImmutableArray<uint> AsPath, string SourcePeer)
{
    // The reference, §10: seen in Get-AzVirtualNetworkGatewayLearnedRoute.
    public const int VpnWeight = 32768;
    public const int ExpressRouteWeight = 32769;

    /// <summary><c>routingWeight</c> of the connection; only those of ExpressRoute have one that counts.</summary>
    public int RoutingWeight { get; init; }

    public bool IsOfAzure => NextHop is GatewayNextHop.ThisNetwork or GatewayNextHop.PeeredNetwork;

    /// <summary>
    /// Below zero if the left one is preferred among routes of one prefix, zero if both are used. Azure's own networks first; then the weight, by which
    /// ExpressRoute comes before VPN (the reference, §10); then the shorter AS path (§6).
    /// </summary>
    public static int ComparePreference(GatewayRoute left, GatewayRoute right)
    {
        int order = right.IsOfAzure.CompareTo(left.IsOfAzure);
        if (order == 0)
            order = right.Weight.CompareTo(left.Weight);
        if (order == 0)
            order = right.RoutingWeight.CompareTo(left.RoutingWeight);
        return order != 0 ? order : left.AsPath.Length.CompareTo(right.AsPath.Length);
    }

    /// <summary>As <c>getLearnedRoutes</c> shows it.</summary>
    /// <param name="localAddress">The BGP address of the instance that is asked.</param>
    public LearnedRoute ToLearnedRoute(IpAddress localAddress)
    {
        bool isOwn = Origin == GatewayRouteOrigin.Network;
        return new LearnedRoute(localAddress.ToString(), Prefix.ToString(), isOwn ? "" : SourcePeer, isOwn ? localAddress.ToString() : SourcePeer,
            Origin.ToString(), string.Join('-', AsPath), Weight);
    }

    public bool Equals(GatewayRoute? other) => other is not null && Prefix == other.Prefix && NextHop == other.NextHop && Origin == other.Origin
        && Weight == other.Weight && RoutingWeight == other.RoutingWeight && SourcePeer == other.SourcePeer && AsPath.AsSpan().SequenceEqual(other.AsPath.AsSpan());

    public override int GetHashCode() => Prefix.GetHashCode();
}

/// <summary>An element of the answer to <c>getLearnedRoutes</c>, in ARM's property names.</summary>
/// <param name="AsPath">Separated by hyphens, "12076-65020".</param>
public sealed record LearnedRoute(string LocalAddress, string Network, string NextHop, string SourcePeer, string Origin, string AsPath, int Weight);
