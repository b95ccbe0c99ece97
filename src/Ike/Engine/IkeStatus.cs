using System.Collections.Immutable;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;
using Ipsec.Net;

namespace Ipsec.Ike;

/// <summary>State of one connection, in the order in which it comes up.</summary>
public enum ConnectionState
{
    Down,
    Connecting,
    Established,

    /// <summary>The last attempt failed; with <see cref="StartAction.Start"/> another one follows.</summary>
    Failed,
    Closing,
}

/// <summary>A snapshot of an engine: plain values, nothing that lives. Connections stand in the order of the configuration.</summary>
/// <param name="HalfOpen">IKE SAs that a peer began and has not authenticated yet.</param>
/// <param name="Counters">Faults and outcomes, by name.</param>
public sealed record IkeStatus(ImmutableArray<ConnectionStatus> Connections, int HalfOpen, ImmutableSortedDictionary<string, ulong> Counters);

/// <summary>One connection.</summary>
/// <param name="Reasons">Why it is not up: the last attempt's or closure's reasons; empty while it is up.</param>
/// <param name="IkeSas">Newest first; during a rekey or with duplicates there is more than one.</param>
public sealed record ConnectionStatus(string Connection, ConnectionState State, ImmutableArray<Reason> Reasons, ImmutableArray<IkeSaSnapshot> IkeSas);

/// <summary>One established IKE SA.</summary>
/// <param name="RekeyIn">Time until its soft limit; null where none is pending.</param>
public sealed record IkeSaSnapshot(IkeSaId Id, ulong InitiatorSpi, ulong ResponderSpi, bool IsInitiator, IkeSuite Suite, NetworkPath Path,
    string LocalIdentity, string RemoteIdentity, TimeSpan Age, TimeSpan? RekeyIn, bool LocalBehindNat, bool RemoteBehindNat,
    ImmutableArray<ChildSaSnapshot> Children);

/// <summary>One installed child SA.</summary>
public sealed record ChildSaSnapshot(ChildSaId Id, string Child, uint InboundSpi, uint OutboundSpi, EspSuite Suite,
    ImmutableArray<TrafficSelector> LocalSelectors, ImmutableArray<TrafficSelector> RemoteSelectors, TimeSpan Age, TimeSpan? RekeyIn);
