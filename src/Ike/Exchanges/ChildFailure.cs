using System.Collections.Immutable;
using Ipsec.Ike.Diagnosis;
using Ipsec.Ike.Engine;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Tasks;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Exchanges;

/// <summary>A child SA of ours that did not come up. The IKE SA lives on (RFC 7296 §1.2, §1.3.1); what is wanted is asked for again later.</summary>
static class ChildFailure
{
    public static void Handle(EstablishedIkeSa ike, ChildOffer offer, ChildOfferResult result, string exchange, MessageTrace trace, Instant now)
    {
        ImmutableArray<Reason> reasons;
        bool byPeer = false;
        switch (result)
        {
            case ChildOfferResult.Refused refused:
                reasons = Describe(refused.Error, offer);
                byPeer = true;
                break;
            case ChildOfferResult.Unusable unusable:
                reasons = unusable.Reasons;
                if (ike.IsLive && !unusable.EndsIkeSa)
                {
                    // RFC 7296 §2.21: the peer has the SA, we have not: clean up by deleting it.
                    offer.Use();
                    ike.Requests.Enqueue(new DeleteSpiExchange(offer.InboundSpi, "its answer was not acceptable"), now);
                }
                break;
            default:
                return;
        }
        trace.Note(reasons[0].Text);
        ike.Sa.Context.Emit(new NegotiationRefused(byPeer, exchange, reasons) { Connection = ike.Connection.Name, IkeSa = ike.Sa.Id });
        if (result is ChildOfferResult.Unusable { EndsIkeSa: true })
        {
            ike.Close(reasons, Farewell.Delete, now);
            return;
        }
        ike.Connection.ChildFailures++;
        ike.Connection.Manager.EnsureChildrenSoon(ike.Connection, now);
    }

    static ImmutableArray<Reason> Describe(NotifyPayload error, ChildOffer offer) => error.NotifyType switch
    {
        NotifyType.NoProposalChosen => ProposalReasons.PeerRefused(offer.Configuration.InitiatorProposals, "child SA"),
        NotifyType.TsUnacceptable => SelectorReasons.PeerRefused(offer.Selectors),
        NotifyType.SinglePairRequired => [Reasons.Known("single-pair-required",
            "The peer accepts one pair of addresses only in a child SA, and not the one that it was asked for; configure host selectors on both sides.")],
        NotifyType.TemporaryFailure => [Reasons.Known("temporary-failure", "The peer cannot do it just now (TEMPORARY_FAILURE); it is tried again later.")],
        _ => [Reasons.Known(Reasons.Code(error.NotifyType), $"The peer refused the child SA with {MessageNames.Notify(error.NotifyType)}.")],
    };
}
