using Ipsec.Net;

namespace Ipsec.Esp;

/// <summary>What becomes of an inner packet.</summary>
public enum RouteKind : byte
{
    /// <summary>Dropped and counted.</summary>
    Discard,

    /// <summary>Behind this endpoint: <see cref="IDataPathSink.Deliver"/>.</summary>
    Local,

    /// <summary>Into a tunnel.</summary>
    Tunnel,
}

/// <summary>Where a prefix leads.</summary>
/// <param name="Tunnel">Number of the tunnel; 0 for the other kinds.</param>
public readonly record struct RouteTarget(RouteKind Kind, int Tunnel = 0)
{
    public static RouteTarget Discard => new(RouteKind.Discard);
    public static RouteTarget Local => new(RouteKind.Local);

    public static RouteTarget Into(int tunnel) => new(RouteKind.Tunnel, tunnel);
}

/// <summary>One line of a <see cref="RouteTable"/>.</summary>
public readonly record struct Route(IpPrefix Prefix, RouteTarget Target);
