using System.Collections.Immutable;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Engine;
using Ipsec.Ike.Exchanges;
using Ipsec.Ike.Outputs;
using Ipsec.Net;

namespace Ipsec.Ike.Associations;

/// <summary>One installed pair of ESP SAs. It belongs to an IKE SA and moves to its successor in a rekey.</summary>
sealed class ChildSa
{
    public required ChildSaId Id { get; init; }
    public required ChildConfiguration Configuration { get; init; }
    public required EspSuite Suite { get; init; }
    public required uint InboundSpi { get; init; }
    public required uint OutboundSpi { get; init; }
    public required ImmutableArray<TrafficSelector> LocalSelectors { get; init; }
    public required ImmutableArray<TrafficSelector> RemoteSelectors { get; init; }
    public required Instant CreatedAt { get; init; }

    /// <summary>The IKE SA that manages it; a rekey of that one changes it.</summary>
    public required EstablishedIkeSa Owner { get; set; }

    public EngineTimer? SoftTimer { get; set; }
    public EngineTimer? HardTimer { get; set; }

    /// <summary>A rekey of ours is queued or under way.</summary>
    public bool IsRekeying { get; set; }

    /// <summary>The SA that the peer made to replace this one while our own rekey was under way, and the nonces of that exchange.</summary>
    public PeerRekey? PeerRekey { get; set; }

    /// <summary>A DELETE of ours is queued or under way.</summary>
    public bool IsClosing { get; set; }

    /// <summary>The peer has been asked to delete it, or is being asked: its own DELETE for it is answered without one (RFC 7296 §1.4.1).</summary>
    public bool IsDeleteSent { get; set; }

    /// <summary>Another SA took over its traffic: a deletion leaves the inbound side some grace (D4).</summary>
    public bool IsReplaced { get; set; }

    /// <summary>Inbound packets when liveness was looked at last.</summary>
    public ulong InboundPacketsSeen { get; set; }

    /// <summary>When the first of a row of failed rekeys failed.</summary>
    public TimeSpan? RekeyFailingSince { get; set; }
}

/// <summary>The other exchange of a simultaneous child rekey (RFC 7296 §2.8.1).</summary>
sealed record PeerRekey(ChildSa Replacement, ReadOnlyMemory<byte> NonceI, ReadOnlyMemory<byte> NonceR);
