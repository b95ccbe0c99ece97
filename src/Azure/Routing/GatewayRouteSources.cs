using System.Collections.Immutable;
using Ipsec.Net;

namespace Ipsec.Azure.Routing;

/// <summary>What gateways learn from outside, beside the resources themselves.</summary>
public sealed record GatewayRouteSources
{
    public static GatewayRouteSources None { get; } = new();

    /// <summary>What is announced over circuits: in real Azure by BGP, here by the sites that are connected to them.</summary>
    public ImmutableArray<CircuitAnnouncement> Circuits { get; init; } = [];

    /// <summary>Circuits that carry nothing now; what was learned over them is withdrawn.</summary>
    public ImmutableArray<string> CutCircuits { get; init; } = [];

    /// <summary>Where a BGP speaker puts what peers of a gateway's connections have told it.</summary>
    public ImmutableArray<BgpAnnouncement> Bgp { get; init; } = [];
}

/// <summary>Prefixes that a site announces over a circuit.</summary>
public sealed record CircuitAnnouncement(string Circuit, string Site, ImmutableArray<IpPrefix> Prefixes)
{
    /// <summary>The AS of Microsoft's edge routers, through which every route of a circuit comes (seen by Microsoft's own examples as "12076-65020").</summary>
    public const uint MicrosoftEdge = 12076;

    public ImmutableArray<uint> AsPath { get; init; } = [MicrosoftEdge];
}

/// <summary>A route that one gateway has from BGP.</summary>
public sealed record BgpAnnouncement(string Gateway, GatewayRoute Route);
