using System.Collections.Immutable;
using Ipsec.Crypto;
using Ipsec.Esp;
using Ipsec.Ike;
using Ipsec.Ike.Configuration;
using Ipsec.Net;

namespace Ipsec.Endpoint;

/// <summary>Everything one endpoint is told: the checked, immutable model. Made by the Azure and Lab layers from what a user wrote.</summary>
public sealed record EndpointConfiguration
{
    /// <summary>For logs and metrics: the node's name in its topology.</summary>
    public required string Name { get; init; }

    /// <summary>The outer addresses this endpoint owns.</summary>
    public required ImmutableArray<IpAddress> LocalAddresses { get; init; }
    public ushort IkePort { get; init; } = 500;
    public ushort NatTraversalPort { get; init; } = 4500;

    /// <summary>Networks that are behind this endpoint: inner packets to them are delivered locally.</summary>
    public required ImmutableArray<IpPrefix> LocalNetworks { get; init; }

    public required ImmutableArray<TunnelConfiguration> Tunnels { get; init; }
    public required ImmutableArray<PresharedKey> PresharedKeys { get; init; }

    /// <summary>Addresses that connections give to their peers (RFC 7296 §2.19).</summary>
    public ImmutableArray<AddressPool> Pools { get; init; } = [];

    /// <summary>See <see cref="IkeEngineConfiguration.QuickCrashDetectionSecret"/>.</summary>
    public Secret? QuickCrashDetectionSecret { get; init; }
    public IkeEngineOptions Ike { get; init; } = new();
    public InnerOptions Inner { get; init; } = new();

    /// <summary>Whether packets may go from one tunnel into another, as a router does; an Azure gateway without BGP drops and counts them.</summary>
    public bool Transit { get; init; } = true;

    /// <summary>What all tunnels together may carry; null is as much as goes.</summary>
    public ShaperSettings? Shaper { get; init; }
}

/// <summary>A destination of a route-based tunnel.</summary>
/// <param name="Metric">
/// Where several tunnels have the same prefix, the lowest metric of those that are up has it, and tunnels of the same metric share it flow by flow.
/// While all are down it belongs to the lowest metric, of equal ones to the first of the configuration: what goes there is dropped, or starts the tunnel.
/// </param>
public readonly record struct TunnelRoute(IpPrefix Prefix, int Metric = 0)
{
    public static implicit operator TunnelRoute(IpPrefix prefix) => new(prefix);
}

/// <summary>A connection and how inner packets find it.</summary>
public sealed record TunnelConfiguration
{
    public required ConnectionConfiguration Connection { get; init; }

    /// <summary>Route-based: these destinations go into the tunnel. Empty: policy-based, the negotiated remote selectors are its routes.</summary>
    public ImmutableArray<TunnelRoute> Routes { get; init; } = [];

    /// <summary>Address translation, in the order in which rules are tried.</summary>
    public ImmutableArray<NatRule> Nat { get; init; } = [];

    /// <summary>TCP maximum segment size to clamp SYNs to, in octets, both directions; null leaves them alone.</summary>
    public int? MssClamp { get; init; }
}

/// <summary>How this endpoint treats inner packets as a router.</summary>
public sealed record InnerOptions
{
    /// <summary>Largest inner packet in octets that is sealed.</summary>
    public int Mtu { get; init; } = 1400;

    /// <summary>Answer an oversized packet with DF by ICMP "fragmentation needed" / "packet too big"; otherwise drop and count (Azure).</summary>
    public bool SendPacketTooBig { get; init; } = true;

    /// <summary>Fragment oversized IPv4 packets without DF before sealing.</summary>
    public bool FragmentInner { get; init; } = true;

    /// <summary>Copy DSCP outward (RFC 6040 governs ECN in any case).</summary>
    public bool CopyDscp { get; init; } = true;

    /// <summary>Inbound child SAs at a time, a power of two from 256 to 65,536. Each slot takes 13 octets from the start.</summary>
    public int SpiSlots { get; init; } = 16384;

    /// <summary>
    /// New SAs send as if they had sent this many packets before; 0 as RFC 4303 §3.3.3 has it. To see in a minute what happens
    /// where 32 bits of sequence number end.
    /// </summary>
    public ulong InitialSequenceNumber { get; init; }
}
