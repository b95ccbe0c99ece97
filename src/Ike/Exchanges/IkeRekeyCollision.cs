using Ipsec.Ike.Associations;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Exchanges;

/// <summary>
/// A simultaneous rekey (RFC 7296 §2.8.2) as it stands at one IKE SA: at the one that both sides replace, and at the one that the peer made for that.
/// </summary>
sealed class IkeRekeyCollision(EstablishedIkeSa ike)
{
    PeerIkeRekey? _peerRekey;
    EstablishedIkeSa? _pendingOn;

    /// <summary>The peer's rekey of this IKE SA while ours is under way.</summary>
    public PeerIkeRekey? PeerRekey
    {
        get => _peerRekey;
        set
        {
            _peerRekey = value;
            ike.Sa.Heir = value?.Successor.Sa;
        }
    }

    /// <summary>The peer made this IKE SA to replace one that we are rekeying too; it has not taken its place yet.</summary>
    public void AwaitOutcomeOn(EstablishedIkeSa old) => _pendingOn = old;

    /// <summary>It takes its place.</summary>
    public void HandleBegun() => _pendingOn = null;

    /// <summary>What ended before the collision was settled is nobody's successor.</summary>
    public void Forget()
    {
        if (_pendingOn is EstablishedIkeSa old)
            old.Collision.PeerRekey = null;
        _pendingOn = null;
    }

    /// <summary>
    /// The peer speaks on its new IKE SA, so it knows the outcome before our own exchange has one: it either deletes this one as redundant, or
    /// uses it, and then the old one is over.
    /// </summary>
    public void HandleRequest(IkeMessage request, Instant now)
    {
        if (_pendingOn is not EstablishedIkeSa old)
            return;
        Forget();
        if (old.IsLive && !request.Payloads.Any(payload => payload is DeletePayload { Protocol: ProtocolId.Ike }))
            old.Closing.GiveWayTo(ike, Farewell.AwaitDelete, now);
    }
}

/// <summary>The peer's new IKE SA of a simultaneous rekey, waiting for the outcome of our own.</summary>
sealed record PeerIkeRekey(EstablishedIkeSa Successor, ExchangeNonces Nonces);
