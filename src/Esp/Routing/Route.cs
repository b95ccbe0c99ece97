using Ipsec.Net;

namespace Ipsec.Esp;

/// <summary>What becomes of an inner packet.</summary>
public enum RouteKind : byte
{
    /// <summary>Dropped and counted.</summary>
    Discard,

    /// <summary>Behind this endpoint: <see cref="IDataPathSink.Deliver"/>.</summary>
    Local,

    /// <summary>Into a tunnel, or into one of several.</summary>
    Tunnel,
}

/// <summary>Where a prefix leads.</summary>
/// <param name="Tunnel">Number of the tunnel; 0 for the other kinds and for a group.</param>
/// <param name="Group">Several tunnels, of which each flow takes one; null for a single one.</param>
public readonly record struct RouteTarget(RouteKind Kind, int Tunnel = 0, TunnelGroup? Group = null)
{
    public static RouteTarget Discard => new(RouteKind.Discard);
    public static RouteTarget Local => new(RouteKind.Local);

    public static RouteTarget Into(int tunnel) => new(RouteKind.Tunnel, tunnel);

    /// <summary>Into one of several tunnels, by the flow of each packet.</summary>
    public static RouteTarget Into(TunnelGroup group) =>
        group.Tunnels.Length == 1 ? Into(group.Tunnels[0]) : new RouteTarget(RouteKind.Tunnel, Group: group);
}

/// <summary>One line of a <see cref="RouteTable"/>.</summary>
public readonly record struct Route(IpPrefix Prefix, RouteTarget Target);
