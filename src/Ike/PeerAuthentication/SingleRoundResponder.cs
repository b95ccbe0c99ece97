using System.Collections.Immutable;
using Ipsec.Crypto;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Diagnosis;
using Ipsec.Ike.KeyDerivation;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Selection;
using Ipsec.Ike.Tasks;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.PeerAuthentication;

/// <summary>Both sides prove themselves with one AUTH each, responder's side (RFC 7296 §2.15).</summary>
/// <param name="candidates">The connections that the IKE_SA_INIT could be for, most specific address first (D10).</param>
sealed class SingleRoundResponder(AuthenticationSituation situation, ImmutableArray<ConnectionConfiguration> candidates) : ResponderAuthentication
{
    OwnProof? _proof;
    PostquantumChoice? _postquantum;

    public override void Read(IkeMessage request, Action<ResponderRound, Instant> report, Instant now)
    {
        IdentificationPayload identity = request.Find<IdentificationPayload>(PayloadType.IdentificationInitiator)!;
        if (request.Find<AuthenticationPayload>() is not AuthenticationPayload received)
        {
            report(new ResponderRound.Refused(Reasons.Known("authentication-failed",
                "The peer wants to authenticate by EAP, which no connection here offers.")), now);
            return;
        }
        Identity? asked = request.Find<IdentificationPayload>(PayloadType.IdentificationResponder)?.Identity;
        ImmutableArray<ConnectionCandidate> named = ConnectionChoice.ByIdentity(candidates, situation.Context.Configuration.PresharedKeys, situation.Path,
            identity.Identity, asked);
        _postquantum = PostquantumChoice.Find(situation, named, candidates, request);
        // RFC 8784 §3: without the key that the initiator named, NO_PPK_AUTH takes the place of AUTH.
        ReadOnlyMemory<byte> data = _postquantum is null && request.FindNotify(NotifyType.NoPpkAuth) is NotifyPayload plain
            && situation.Peer.PostquantumPresharedKey
            ? plain.Data : received.Data;
        byte[] octets = SignedOctets.OfInitiator(situation.Suite.Prf, situation.Messages, _postquantum?.Keys.SkPi ?? situation.Keys.SkPi, identity);
        using var proof = new PeerProof(situation, request, received with { Data = data }, identity.Identity, octets);
        proof.Verify(named, candidates, now);
        switch (ConnectionChoice.Choose(named, candidate => proof.Judge(candidate) ?? JudgePostquantum(candidate.Connection), situation.Suite,
            identity.Identity, asked, ChildSelectors.From(request, weInitiate: false)))
        {
            case ConnectionChoiceResult.Refused refused:
                report(new ResponderRound.Refused(refused.Reason), now);
                break;
            case ConnectionChoiceResult.Chosen chosen:
                Prove(chosen.Candidate, identity.Identity, request, proof.Note, report, now);
                break;
        }
    }

    public override void End()
    {
        _proof?.Cancel();
        _postquantum?.Dispose();
    }

    void Prove(ConnectionCandidate chosen, Identity remote, IkeMessage request, string note, Action<ResponderRound, Instant> report, Instant now)
    {
        var identity = new IdentificationPayload(PayloadType.IdentificationResponder, chosen.Local);
        // RFC 7296 §1.2: an initiator asks for certificates in IKE_AUTH.
        _proof = new OwnProof(situation, chosen.Connection, chosen.Local, CertificateRequestTask.Authorities(request).Span);
        Secret skPr = _postquantum?.Keys.SkPr ?? situation.Keys.SkPr;
        _proof.Begin(SignedOctets.OfResponder(situation.Suite.Prf, situation.Messages, skPr, identity), chosen.Key, (result, at) =>
        {
            if (result is not OwnProofResult.Made made)
            {
                string why = result is OwnProofResult.Failed failed ? failed.Reason : "We could not prove who we are.";
                report(new ResponderRound.Refused(AuthenticationReasons.NotForUs(why)), at);
                return;
            }
            List<Payload> payloads = [identity, .. _proof.Certificates, made.Payload];
            if (_postquantum is not null)
            {
                payloads.Add(PostquantumKeyIdentity.Confirmation);
                _postquantum.Use(situation.Keys);
                note += $", ppk {_postquantum.Key.Identity}";
            }
            report(new ResponderRound.Succeeded(chosen.Connection, chosen.Local, remote, [.. payloads], note), at);
        }, now);
    }

    /// <summary>RFC 8784 §3: which key is used was decided before it was known for which connection.</summary>
    Reason? JudgePostquantum(ConnectionConfiguration connection) =>
        _postquantum is null ? connection.RequiresPostquantumKey ? AuthenticationReasons.PostquantumKeyNotUsed(connection) : null
            : connection.PostquantumKeys.Contains(_postquantum.Key) ? null
                : AuthenticationReasons.PostquantumKeyOfAnother(_postquantum.Key.Identity, connection);
}
