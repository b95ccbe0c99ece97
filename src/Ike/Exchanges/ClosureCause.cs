namespace Ipsec.Ike.Exchanges;

/// <summary>Who ended an IKE SA, as far as it decides what follows.</summary>
enum ClosureCause
{
    /// <summary>We did, for a reason of ours or a fault of the peer's.</summary>
    Ourselves,
    DeletedByPeer,

    /// <summary>We did, because its child SAs carried nothing any more.</summary>
    Inactivity,

    /// <summary>A request was not answered.</summary>
    DeadPeer,
}
