namespace Ipsec.Fuzz;

/// <summary>What the engine is in the middle of when mutated messages arrive.</summary>
enum Stage
{
    /// <summary>It knows nothing of the peer.</summary>
    Nothing,

    /// <summary>It waits for the answer to its IKE_SA_INIT.</summary>
    InitSent,

    /// <summary>It answered IKE_SA_INIT and waits for IKE_AUTH.</summary>
    HalfOpen,

    /// <summary>The same with an additional key exchange agreed on: IKE_INTERMEDIATE comes first.</summary>
    HalfOpenIntermediate,

    /// <summary>Its own IKE_INTERMEDIATE request is on its way.</summary>
    IntermediateSent,

    /// <summary>Its own IKE_AUTH request is on its way, with a pre-shared key.</summary>
    AuthSent,

    /// <summary>The same with a certificate.</summary>
    AuthSentWithCertificate,

    /// <summary>The same, asking for addresses.</summary>
    AuthSentByClient,

    /// <summary>The same, with a post-quantum preshared key.</summary>
    AuthSentWithPostquantumKey,

    /// <summary>The same, with a raw public key.</summary>
    AuthSentWithRawKey,

    /// <summary>An IKE SA with a child SA, begun by the peer.</summary>
    Established,

    /// <summary>The same, begun by the engine itself.</summary>
    EstablishedByUs,

    /// <summary>The same, by an engine that was given an address, and may be given others.</summary>
    EstablishedByClient,

    /// <summary>It granted a child SA that IKE_FOLLOWUP_KE has to complete.</summary>
    FollowupAwaited,

    /// <summary>Its own request for a child SA, or for its rekey, is on its way.</summary>
    CreatingChild,

    /// <summary>Its own rekey of the IKE SA is on its way.</summary>
    RekeyingIke,

    /// <summary>Its own IKE_FOLLOWUP_KE request is on its way.</summary>
    FollowupSent,

    /// <summary>Its own INFORMATIONAL request is on its way: liveness, deletion, addresses, redirection, a token.</summary>
    Informing,

    /// <summary>Its own DELETE of the IKE SA is on its way.</summary>
    Closing,

    /// <summary>The peer rekeyed the IKE SA, and has not deleted the old one.</summary>
    Retired,

    /// <summary>The peer deleted it; the last answer is still kept.</summary>
    Lingering,
}
