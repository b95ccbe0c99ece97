using System.Collections.Immutable;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Diagnosis;
using Ipsec.Ike.KeyDerivation;
using Ipsec.Ike.Selection;
using Ipsec.Ike.Tasks;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.PeerAuthentication;

/// <summary>Both sides prove themselves with one AUTH each, responder's side (RFC 7296 §2.15).</summary>
/// <param name="candidates">The connections that the IKE_SA_INIT could be for, most specific address first (D10).</param>
sealed class SingleRoundResponder(AuthenticationSituation situation, ImmutableArray<ConnectionConfiguration> candidates) : ResponderAuthentication
{
    public override void Read(IkeMessage request, Action<ResponderRound, Instant> report, Instant now)
    {
        IdentificationPayload identity = request.Find<IdentificationPayload>(PayloadType.IdentificationInitiator)!;
        if (request.Find<AuthenticationPayload>() is not AuthenticationPayload received)
        {
            report(new ResponderRound.Refused(Reasons.Known("authentication-failed",
                "The peer wants to authenticate by EAP, which no connection here offers.")), now);
            return;
        }
        byte[] octets = SignedOctets.OfInitiator(situation.Suite.Prf, situation.Messages, situation.Keys.SkPi, identity);
        ConnectionChoiceResult choice = ConnectionChoice.Choose(candidates, situation.Context.Configuration.PresharedKeys, situation.Suite, situation.Path,
            identity.Identity, request.Find<IdentificationPayload>(PayloadType.IdentificationResponder)?.Identity, ChildSelectors.From(request, weInitiate: false),
            key => PresharedKeyAuthentication.Verify(received, PresharedKeyAuthentication.Compute(situation.Suite.Prf, key, octets)));
        report(choice switch
        {
            ConnectionChoiceResult.Chosen chosen => Prove(chosen, identity.Identity),
            ConnectionChoiceResult.Refused refused => new ResponderRound.Refused(refused.Reason),
            _ => throw new InvalidOperationException($"A choice without a meaning: {choice.GetType().Name}."),
        }, now);
    }

    public override void Cancel()
    {
    }

    ResponderRound.Succeeded Prove(ConnectionChoiceResult.Chosen chosen, Identity remote)
    {
        var identity = new IdentificationPayload(PayloadType.IdentificationResponder, chosen.LocalIdentity);
        byte[] octets = SignedOctets.OfResponder(situation.Suite.Prf, situation.Messages, situation.Keys.SkPr, identity);
        byte[] authentication = PresharedKeyAuthentication.Compute(situation.Suite.Prf, chosen.Key, octets);
        return new ResponderRound.Succeeded(chosen.Connection, chosen.LocalIdentity, remote,
            [identity, new AuthenticationPayload(AuthenticationMethod.SharedKeyMessageIntegrityCode, authentication)], "psk ok");
    }
}
