namespace Ipsec.Simulation.Report;

/// <summary>What is done to the endpoints and their packets.</summary>
enum FaultKind
{
    Loss,
    Duplicate,
    Reorder,
    Delay,
    Corruption,

    /// <summary>A copy of a packet arrives much later.</summary>
    Replay,

    /// <summary>The peer seals a packet that is outside the selectors, in place of one inside.</summary>
    ForeignPlaintext,
    Outage,
    NatRebinding,
    NatAddressChange,

    /// <summary>A node has another address of its own, without a NAT.</summary>
    AddressChange,

    /// <summary>State lost, at once up again.</summary>
    Restart,

    /// <summary>State lost, up again after a while.</summary>
    RestartAfterDowntime,

    /// <summary>An orderly end, and up again.</summary>
    OrderlyRestart,
    RestartOfBothEnds,

    /// <summary>The hub sends a spoke away, to a gateway that sends it back.</summary>
    Redirect,
    ClockForward,
    ClockBack,
}

/// <summary>Two requests that meet, as seen by who receives one while its own is under way; and the answers that RFC 7296 §2.25 has for it.</summary>
enum CollisionKind
{
    SimultaneousChildRekey,
    SimultaneousIkeRekey,
    ChildRekeyAndIkeRekey,
    NewChildAndIkeRekey,
    SimultaneousNewChild,
    ChildDeleteAndChildRekey,
    ChildDeleteAndIkeRekey,
    SimultaneousChildDelete,
    IkeDeleteAndRekey,
    SimultaneousIkeDelete,
    CrossingInitialExchanges,
    InvalidKeInCollision,
    TemporaryFailure,
    ChildSaNotFound,
}

/// <summary>What else is counted.</summary>
enum CountKind
{
    ChildRekeys,
    IkeRekeys,
    Handshakes,
    Commands,
    InnerSent,
    InnerDelivered,
    OuterPackets,
    InvalidKe,
    LivenessChecks,
    RefusedReplays,
    RefusedForeign,
    SequenceNumbersChecked,

    /// <summary>Initial exchanges with a post-quantum preshared key.</summary>
    PostquantumHandshakes,
    CertificateHandshakes,
    VirtualAddresses,

    /// <summary>REDIRECTs that reached a spoke.</summary>
    Redirections,

    /// <summary>IKE SAs that gave way to another one authenticated in their place.</summary>
    Reauthentications,

    /// <summary>IKE SAs closed because the peer's token proved that it has lost them.</summary>
    CrashesProven,

    /// <summary>Child SAs closed because nobody used them.</summary>
    InactiveClosed,
}
