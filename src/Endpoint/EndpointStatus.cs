using System.Collections.Immutable;
using Ipsec.Esp;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;
using Ipsec.Net;

namespace Ipsec.Endpoint;

/// <summary>State of one tunnel, in the order in which it comes up.</summary>
public enum TunnelState
{
    Down,
    Connecting,
    Established,

    /// <summary>The last attempt failed; another one follows.</summary>
    Failed,
    Closing,
}

/// <summary>A snapshot for status output; plain values, nothing that lives.</summary>
public sealed record EndpointStatus(string Name, ImmutableArray<TunnelStatus> Tunnels, ImmutableSortedDictionary<string, ulong> Counters);

/// <summary>One tunnel of an endpoint.</summary>
/// <param name="Reasons">Why it is not up, the last attempt's reasons; empty while it is.</param>
public sealed record TunnelStatus(string Connection, TunnelState State, IpAddress? Local, IpAddress? Remote, ImmutableArray<Reason> Reasons,
    IkeSaStatus? IkeSa, ImmutableArray<ChildSaStatus> ChildSas)
{
    /// <summary>What the tunnel has carried since this endpoint knows it, over every rekey; octets count inner packets.</summary>
    public SaCounters Traffic { get; init; }

    /// <summary>What each translation rule of the tunnel did, in their order.</summary>
    public ImmutableArray<NatCounters> Nat { get; init; } = [];
}

/// <summary>One IKE SA.</summary>
public sealed record IkeSaStatus(ulong InitiatorSpi, ulong ResponderSpi, bool IsInitiator, IkeSuite Suite, NetworkPath Path,
    string LocalIdentity, string RemoteIdentity, TimeSpan Age, TimeSpan? RekeyIn, bool LocalBehindNat, bool RemoteBehindNat);

/// <summary>One child SA with its counters; octets count inner packets.</summary>
public sealed record ChildSaStatus(string Child, uint InboundSpi, uint OutboundSpi, EspSuite Suite,
    ImmutableArray<TrafficSelector> LocalSelectors, ImmutableArray<TrafficSelector> RemoteSelectors,
    ulong PacketsIn, ulong PacketsOut, ulong BytesIn, ulong BytesOut, TimeSpan Age, TimeSpan? RekeyIn);
