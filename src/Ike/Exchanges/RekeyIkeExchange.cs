using System.Collections.Immutable;
using Ipsec.Crypto;
using Ipsec.Ike.Associations;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Diagnosis;
using Ipsec.Ike.Engine;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Recovery;
using Ipsec.Ike.Tasks;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Exchanges;

/// <summary>Rekeys the IKE SA (RFC 7296 §1.3.2, §2.8, §2.18). If the peer did the same, the nonces decide which new one stays (§2.8.2).</summary>
/// <param name="wanted">The group that an INVALID_KE_PAYLOAD named; null for our own choice.</param>
sealed class RekeyIkeExchange(KeyExchangeMethod? wanted) : InitiatedExchange
{
    IkeRekeyOffer? _offer;
    Granted? _granted;
    FollowupRounds? _rounds;

    public override ExchangeType Exchange => ExchangeType.CreateChildSa;

    public override RequestContent? Begin(EstablishedIkeSa ike, Instant now)
    {
        ImmutableArray<AlgorithmProposal> proposals = ike.Connection.Configuration.InitiatorProposals;
        _offer = new IkeRekeyOffer(ike.Sa.Context, proposals, wanted ?? PreferredGroup(proposals, ike.Channel.Suite.KeyExchange));
        return new RequestContent(_offer.ToPayloads(), ["rekeys the IKE SA"]);
    }

    public override void HandleResponse(EstablishedIkeSa ike, IkeMessage response, MessageKind kind, MessageTrace trace, Instant now)
    {
        if (kind is MessageKind.CreateChildError or MessageKind.FollowupKeError)
        {
            HandleRefused(ike, response, trace, now);
            Abandon(ike);
            return;
        }
        if (!TryRead(ike, response, kind))
        {
            // RFC 7296 §2.21: the peer has a new IKE SA that we cannot use, nor delete; starting over cleans up.
            ike.Close([Reasons.Known("invalid-proposal", _rounds?.Failure ?? "The peer answered the rekey of the IKE SA with what was not offered.")],
                Farewell.Delete, now);
            Abandon(ike);
            return;
        }
        if (_rounds is { IsComplete: false })
        {
            ike.Requests.Continue(this, ExchangeType.IkeFollowupKe, _rounds.Next(), now);
            return;
        }
        EstablishedIkeSa successor = CreateSuccessor(ike, now);
        trace.Note($"chose {ProposalText.Print(successor.Channel.Suite)}");
        CrashTokens.Take(successor.Sa, response);
        if (ike.Collision.PeerRekey is PeerIkeRekey collision && Collision.IsRedundant(new ExchangeNonces(_offer!.Nonce, _granted!.NonceR), collision.Nonces))
        {
            trace.Note("both sides rekeyed at once; ours is redundant");
            // RFC 7296 §2.8.2: ours is deleted by us; the peer's inherits, and the peer deletes the old one.
            successor.Closing.Withdraw(now);
            ike.Collision.PeerRekey = null;
            ike.Closing.GiveWayTo(collision.Successor, Farewell.AwaitDelete, now);
            return;
        }
        if (ike.Collision.PeerRekey is PeerIkeRekey redundant)
        {
            trace.Note("both sides rekeyed at once; the peer's is redundant");
            redundant.Successor.Closing.AwaitWithdrawal(now);
            ike.Collision.PeerRekey = null;
        }
        ike.Closing.GiveWayTo(successor, Farewell.Delete, now);
        if (ike.Sa.Context.Configuration.QuickCrashDetectionSecret is not null)
            successor.Requests.Enqueue(new CrashTokenExchange(), now);
    }

    public override void Abandon(EstablishedIkeSa ike)
    {
        _offer?.Dispose();
        _rounds?.Dispose();
        _granted?.SharedSecret.Dispose();
    }

    /// <summary>
    /// The IKE SA ended meanwhile. A peer that granted the rekey has moved the child SAs to the new one, and would keep it: it is deleted too.
    /// </summary>
    public void HandleLateResponse(EstablishedIkeSa ended, IkeMessage response, MessageKind kind, Instant now)
    {
        // RFC 9370 §2.2.4: before the last additional key exchange the peer has made nothing.
        if (kind is MessageKind.RekeyIkeResponse or MessageKind.FollowupKeResponse && TryRead(ended, response, kind) && _rounds is null or { IsComplete: true })
            CreateSuccessor(ended, now).Closing.Withdraw(now);
        else
            Abandon(ended);
    }

    /// <summary>False where the response is not one to what was asked.</summary>
    bool TryRead(EstablishedIkeSa ike, IkeMessage response, MessageKind kind)
    {
        if (_granted is not null)
        {
            _rounds!.Read(response, kind);
            return !_rounds.IsFailed;
        }
        if (kind != MessageKind.RekeyIkeResponse || !_offer!.TryRead(response, out IkeSuite? suite, out ulong peerSpi, out Secret? sharedSecret))
            return false;
        _granted = new Granted(suite, peerSpi, sharedSecret, response.Find<NoncePayload>()!.Data.ToArray());
        if (suite.AdditionalKeyExchanges.InOrder.Any())
            _rounds = new FollowupRounds(ike.Sa.Context, suite.AdditionalKeyExchanges, response);
        return _rounds is not { IsFailed: true };
    }

    EstablishedIkeSa CreateSuccessor(EstablishedIkeSa ike, Instant now)
    {
        EstablishedIkeSa successor = IkeSuccessor.Create(ike, isInitiator: true, _offer!.Spi, _granted!.PeerSpi, _granted.Suite, _granted.SharedSecret,
            _offer.Nonce,
            _granted.NonceR, now, _rounds?.Secret);
        _offer.Dispose();
        _rounds?.Dispose();
        return successor;
    }

    void HandleRefused(EstablishedIkeSa ike, IkeMessage response, MessageTrace trace, Instant now)
    {
        NotifyPayload? error = response.FindErrorNotify();
        if (ike.Collision.PeerRekey is PeerIkeRekey collision)
        {
            // The peer has rekeyed and did not notice ours, or will not have two: its new IKE SA it is (RFC 7296 §2.8.2).
            trace.Note("the peer has rekeyed it already");
            ike.Collision.PeerRekey = null;
            ike.Closing.GiveWayTo(collision.Successor, Farewell.AwaitDelete, now);
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

    /// <summary>What the peer's CREATE_CHILD_SA response came to.</summary>
    sealed record Granted(IkeSuite Suite, ulong PeerSpi, Secret SharedSecret, byte[] NonceR);
}
