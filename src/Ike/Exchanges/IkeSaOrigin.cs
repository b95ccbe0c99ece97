using Ipsec.Ike.Outputs;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Exchanges;

/// <summary>How an IKE SA was set up. A rekey does not change it, so that both peers tell crossing set-ups apart in the same way.</summary>
/// <param name="NewestAtEnd">The newest IKE SA that either side had begun when this one was established.</param>
/// <param name="ExpectedIdentity">As whom we would have expected the peer; null where that is who it proved to be.</param>
sealed record IkeSaOrigin(bool IsInitiator, ulong InitiatorSpi, IkeSaId Id, IkeSaId NewestAtEnd, Identity? ExpectedIdentity)
{
    /// <summary>A rekey does not prolong it (RFC 4478 §2).</summary>
    public AuthenticationLifetime Authentication { get; } = new();

    /// <summary>The set-up of the other one began before this one was established. Not a question of time: two things happen in one instant.</summary>
    public bool OverlapsWith(IkeSaId newer) => newer.Value <= NewestAtEnd.Value;
}
