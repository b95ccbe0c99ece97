using Ipsec.Ike.Associations;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Diagnosis;
using Ipsec.Ike.Engine;
using Ipsec.Ike.Exchanges;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Tasks;

/// <summary>SAi2, TSi, TSr of IKE_AUTH and their answer (RFC 7296 §1.2): a child SA that cannot be made leaves the IKE SA as it is.</summary>
sealed class FirstChildTask : AuthTask
{
    public override IEnumerable<Payload> Ask(AuthRequestSituation situation) => situation.Offer?.ToPayloads() ?? [];

    public override void ReadAnswer(AuthAnswerSituation situation)
    {
        EstablishedIkeSa ike = situation.Ike;
        using ChildOffer? offer = situation.Offer;
        if (offer is null || situation.IsRedirected)
            return;
        ChildOfferResult result = offer.Read(situation.Message, ChildAddresses.Of(ike));
        if (result is not ChildOfferResult.Granted granted)
        {
            if (CreateChildExchange.ForSinglePair(offer, result) is CreateChildExchange again)
                ike.Requests.Enqueue(again, situation.Now);
            else
                ChildFailure.Handle(ike, offer, result, "IKE_AUTH", situation.Trace, situation.Now);
            return;
        }
        offer.Use();
        ike.Connection.HandleChildGranted(offer.Configuration.Name);
        ChildSa child = ike.Children.Install(new ChildSaAgreement(offer.Configuration, granted.Suite, offer.InboundSpi, granted.OutboundSpi, granted.Selectors,
            null, situation.Messages.NonceI, situation.Messages.NonceR, WeInitiated: true)
        { TransportMode = granted.TransportMode }, situation.Now);
        situation.Notes.Add(ChildNotes.Established(child));
    }

    public override IEnumerable<Payload> Answer(AuthAnswerSituation situation)
    {
        EstablishedIkeSa ike = situation.Ike;
        // RFC 6023 §3: no child SA is asked for. RFC 5685 §6: a redirection prevents it.
        if (situation.Message.Find<SecurityAssociationPayload>() is null || situation.IsRedirected)
            return [];
        if (ike.Connection.Configuration.Childless == ChildlessPolicy.Force)
            situation.ChildRefusal = new ChildAnswer.Refuse(new NotifyPayload(NotifyType.NoAdditionalSas), ChildlessReasons.Forced(ike.Connection.Name));
        switch (situation.ChildRefusal ?? ChildAnswer.To(ike.Sa.Context, situation.Message, ike.Connection.Configuration.Children, ChildAddresses.Of(ike),
            withKeyExchange: false))
        {
            case ChildAnswer.Grant grant:
                ChildSa child = ike.Children.Install(new ChildSaAgreement(grant.Configuration, grant.Suite, grant.InboundSpi, grant.OutboundSpi,
                    grant.Selectors,
                    null, situation.Messages.NonceI, situation.Messages.NonceR, WeInitiated: false)
                { TransportMode = grant.TransportMode }, situation.Now);
                situation.Notes.Add(ChildNotes.Established(child));
                return grant.Payloads;
            case ChildAnswer.Refuse refuse:
                situation.Notes.AddRange(refuse.Reasons.Select(reason => reason.Text));
                ike.Sa.Context.Emit(new NegotiationRefused(ByPeer: false, "IKE_AUTH", refuse.Reasons) { Connection = ike.Connection.Name, IkeSa = ike.Sa.Id });
                return [refuse.Error];
            default:
                return [];
        }
    }
}
