using System.Collections.Immutable;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Engine;
using Ipsec.Ike.Exchanges;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Tasks;
using Ipsec.Net;

namespace Ipsec.Ike.Associations;

/// <summary>One installed pair of ESP SAs. It belongs to a <see cref="ChildSlot"/>, which says what part it plays there.</summary>
sealed class ChildSa(ChildSaId id, ChildSlot slot, ChildSaAgreement agreement, Instant now)
{
    public ChildSaId Id { get; } = id;
    public ChildSlot Slot { get; } = slot;
    public ChildConfiguration Configuration { get; } = agreement.Configuration;
    public EspSuite Suite { get; } = agreement.Suite;
    public uint InboundSpi { get; } = agreement.InboundSpi;
    public uint OutboundSpi { get; } = agreement.OutboundSpi;
    public ChildSelectors Selectors { get; } = agreement.Selectors;
    public ExchangeNonces Nonces { get; } = agreement.Nonces;
    public Instant CreatedAt { get; } = now;

    public ImmutableArray<TrafficSelector> LocalSelectors => Selectors.Local;
    public ImmutableArray<TrafficSelector> RemoteSelectors => Selectors.Remote;

    /// <summary>The IKE SA that manages it; a rekey of that one changes it.</summary>
    public EstablishedIkeSa Owner => Slot.Owner;

    /// <summary>Set by its slot.</summary>
    public ChildSaStage Stage { get; set; }

    /// <summary>Why another SA took over its traffic, which leaves the inbound side some grace after its deletion (D4); empty while none did.</summary>
    public ImmutableArray<Reason> WhyReplaced { get; set; } = [];
    public bool IsReplaced => !WhyReplaced.IsEmpty;

    /// <summary>Closed or to be closed by one of the two sides: nobody may rekey it.</summary>
    public bool IsLeaving => Stage is ChildSaStage.AwaitingDelete or ChildSaStage.Closing or ChildSaStage.DeleteSent;

    public EngineTimer? SoftTimer { get; set; }
    public EngineTimer? HardTimer { get; set; }

    /// <summary>Until it sends, whether the peer has used it or not; null where it does not wait for that.</summary>
    public EngineTimer? ActivationTimer { get; set; }

    /// <summary>When somebody who should have deleted it by then has not.</summary>
    public EngineTimer? LeaveTimer { get; set; }

    /// <summary>Inbound packets when liveness was looked at last.</summary>
    public ulong InboundPacketsSeen { get; set; }

    /// <summary>Packets of both directions when the inactivity timeout was looked at last.</summary>
    public ulong PacketsSeen { get; set; }

    /// <summary>When the first of a row of failed rekeys failed.</summary>
    public TimeSpan? RekeyFailingSince { get; set; }
}

/// <summary>What part a child SA plays in its slot.</summary>
enum ChildSaStage
{
    /// <summary>It carries the traffic; it is the one that a rekey replaces.</summary>
    Current,

    /// <summary>
    /// The peer made it to replace the current one while our own rekey is under way: which of the two stays is not known yet (RFC 7296 §2.8.1).
    /// </summary>
    Contending,

    /// <summary>It has been replaced, or is redundant, and the peer is the one to delete it.</summary>
    AwaitingDelete,

    /// <summary>A DELETE of ours is queued.</summary>
    Closing,

    /// <summary>A DELETE of ours is on its way: the peer's own is answered without one (RFC 7296 §1.4.1).</summary>
    DeleteSent,
}
