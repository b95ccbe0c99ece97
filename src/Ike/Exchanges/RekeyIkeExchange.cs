using System.Collections.Immutable;
using Ipsec.Crypto;
using Ipsec.Ike.Associations;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Diagnosis;
using Ipsec.Ike.Engine;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Tasks;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Exchanges;

/// <summary>Rekeys the IKE SA (RFC 7296 §1.3.2, §2.8, §2.18). If the peer did the same, the nonces decide which new one stays (§2.8.2).</summary>
/// <param name="wanted">The group that an INVALID_KE_PAYLOAD named; null for our own choice.</param>
sealed class RekeyIkeExchange(KeyExchangeMethod? wanted) : InitiatedExchange
{
    IkeRekeyOffer? _offer;

    public override ExchangeType Exchange => ExchangeType.CreateChildSa;

    public override RequestContent? Begin(EstablishedIkeSa ike, Instant now)
    {
        ImmutableArray<AlgorithmProposal> proposals = ike.Connection.Configuration.InitiatorProposals;
        _offer = new IkeRekeyOffer(ike.Sa.Context, proposals, wanted ?? PreferredGroup(proposals, ike.Channel.Suite.KeyExchange));
        return new RequestContent(_offer.ToPayloads(), ["rekeys the IKE SA"]);
    }

    public override void HandleResponse(EstablishedIkeSa ike, IkeMessage response, MessageKind kind, MessageTrace trace, Instant now)
    {
        using IkeRekeyOffer offer = _offer!;
        if (kind != MessageKind.RekeyIkeResponse)
        {
            HandleRefused(ike, response, trace, now);
            return;
        }
        if (!offer.TryRead(response, out IkeSuite? suite, out ulong peerSpi, out Secret? sharedSecret))
        {
            // RFC 7296 §2.21: the peer has a new IKE SA that we cannot use, nor delete; starting over cleans up.
            ike.Close([Reasons.Known("invalid-proposal", "The peer answered the rekey of the IKE SA with what was not offered.")], Farewell.Delete, now);
            return;
        }
        byte[] nonceR = response.Find<NoncePayload>()!.Data.ToArray();
        EstablishedIkeSa successor = IkeSuccessor.Create(ike, isInitiator: true, offer.Spi, peerSpi, suite, sharedSecret, offer.Nonce, nonceR, now);
        trace.Note($"chose {ProposalText.Print(suite)}");
        if (ike.PeerRekey is PeerIkeRekey collision && Collision.IsRedundant(new ExchangeNonces(offer.Nonce, nonceR), collision.Nonces))
        {
            trace.Note("both sides rekeyed at once; ours is redundant");
            // RFC 7296 §2.8.2: ours is deleted by us; the peer's inherits, and the peer deletes the old one.
            successor.Withdraw(now);
            ike.PeerRekey = null;
            ike.GiveWayTo(collision.Successor, Farewell.AwaitDelete, now);
            return;
        }
        if (ike.PeerRekey is PeerIkeRekey redundant)
        {
            trace.Note("both sides rekeyed at once; the peer's is redundant");
            redundant.Successor.AwaitWithdrawal(now);
            ike.PeerRekey = null;
        }
        ike.GiveWayTo(successor, Farewell.Delete, now);
    }

    public override void Abandon(EstablishedIkeSa ike) => _offer?.Dispose();

    /// <summary>
    /// The IKE SA ended meanwhile. A peer that granted the rekey has moved the child SAs to the new one, and would keep it: it is deleted too.
    /// </summary>
    public void HandleLateResponse(EstablishedIkeSa ended, IkeMessage response, MessageKind kind, Instant now)
    {
        if (kind != MessageKind.RekeyIkeResponse || !_offer!.TryRead(response, out IkeSuite? suite, out ulong peerSpi, out Secret? sharedSecret))
            return;
        byte[] nonceR = response.Find<NoncePayload>()!.Data.ToArray();
        IkeSuccessor.Create(ended, isInitiator: true, _offer.Spi, peerSpi, suite, sharedSecret, _offer.Nonce, nonceR, now).Withdraw(now);
    }

    void HandleRefused(EstablishedIkeSa ike, IkeMessage response, MessageTrace trace, Instant now)
    {
        NotifyPayload? error = response.FindErrorNotify();
        if (ike.PeerRekey is PeerIkeRekey collision)
        {
            // The peer has rekeyed and did not notice ours, or will not have two: its new IKE SA it is (RFC 7296 §2.8.2).
            trace.Note("the peer has rekeyed it already");
            ike.PeerRekey = null;
            ike.GiveWayTo(collision.Successor, Farewell.AwaitDelete, now);
            return;
        }
        if (wanted is null && error?.NotifyType == NotifyType.InvalidKePayload && IsOffered(ike, InvalidKe.Wanted(error)))
        {
            trace.Note($"the peer wants {MessageNames.Group((ushort)InvalidKe.Wanted(error))}");
            ike.Requests.Enqueue(new RekeyIkeExchange(InvalidKe.Wanted(error)), now);
            return;
        }
        ImmutableArray<Reason> reasons = error?.NotifyType == NotifyType.NoProposalChosen
            ? ProposalReasons.PeerRefused(ike.Connection.Configuration.InitiatorProposals, "rekey of the IKE SA")
            : [Reasons.Known(error is null ? "invalid-syntax" : Reasons.Code(error.NotifyType),
                $"The peer refused to rekey the IKE SA{(error is null ? "" : $" with {MessageNames.Notify(error.NotifyType)}")}.")];
        trace.Note(reasons[0].Text);
        ike.Sa.Context.Emit(new NegotiationRefused(ByPeer: true, "CREATE_CHILD_SA", reasons) { Connection = ike.Connection.Name, IkeSa = ike.Sa.Id });
        ike.RekeyIkeLater(now);
    }

    static bool IsOffered(EstablishedIkeSa ike, KeyExchangeMethod method) =>
        ike.Connection.Configuration.InitiatorProposals.Any(proposal => proposal.KeyExchange.Contains(method));

    static KeyExchangeMethod PreferredGroup(ImmutableArray<AlgorithmProposal> proposals, KeyExchangeMethod inUse) =>
        proposals.Any(proposal => proposal.KeyExchange.Contains(inUse)) ? inUse : proposals[0].KeyExchange[0];
}
