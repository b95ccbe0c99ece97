using System.Collections.Immutable;
using Ipsec.Ike.Associations;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Diagnosis;
using Ipsec.Ike.Engine;
using Ipsec.Ike.Mobility;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Recovery;
using Ipsec.Ike.Redirection;
using Ipsec.Ike.Tasks;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Exchanges;

/// <summary>Answers INFORMATIONAL: deletions, errors, and the question whether we are alive (RFC 7296 §1.4, §2.4).</summary>
static class InformationalResponder
{
    public static void Handle(EstablishedIkeSa ike, IkeMessage request, MessageTrace trace, Instant now)
    {
        // RFC 7296 §2.21.2: the initiator did not accept our IKE_AUTH response; no DELETE follows.
        if (request.FindNotify(NotifyType.AuthenticationFailed) is not null)
        {
            ike.Channel.Reply([], []);
            ike.Close([Reasons.Known("authentication-failed", "The peer did not accept our authentication (AUTHENTICATION_FAILED)."),
                Reasons.Likely("authentication-failed", $"The peer expects another identity than {ike.LocalIdentity}, or has another pre-shared key for it.")],
                Farewell.AnswerRepeated, now);
            return;
        }
        if (request.Payloads.Any(payload => payload is DeletePayload { Protocol: ProtocolId.Ike }))
        {
            DeleteIke(ike, now);
            return;
        }
        ImmutableArray<uint> asked = [.. request.Payloads.OfType<DeletePayload>().Where(payload => payload.Protocol == ProtocolId.Esp)
            .SelectMany(payload => payload.Spis)];
        AuthenticationLifetimeTask.Read(ike, request, now);
        MobilityAnswer mobility = MobilityResponder.Answer(ike, request, now);
        if (asked.IsEmpty)
            ike.Channel.Reply([.. mobility.Payloads, .. ConfigurationExchange.Answer(ike, request)], mobility.Notes);
        else
            DeleteChildren(ike, asked, mobility, now);
        mobility.Then?.Invoke(now);
        CrashTokens.Take(ike.Sa, request);
        Redirections.HandleRequest(ike, request, now);
        ike.OutOfStep.Read(request, now);
    }

    static void DeleteIke(EstablishedIkeSa ike, Instant now)
    {
        ike.Channel.Reply([], []);
        if (ike.Collision.PeerRekey is PeerIkeRekey collision)
        {
            // RFC 7296 §2.8.2: the peer finished its rekey before it noticed ours, which is forgotten.
            ike.Collision.PeerRekey = null;
            ike.Closing.GiveWayTo(collision.Successor, Farewell.AnswerRepeated, now);
            return;
        }
        ike.Close(Reasons.DeletedByPeer, Farewell.AnswerRepeated, now, ClosureCause.DeletedByPeer);
    }

    static void DeleteChildren(EstablishedIkeSa ike, ImmutableArray<uint> spis, MobilityAnswer mobility, Instant now)
    {
        ImmutableArray<uint>.Builder ours = ImmutableArray.CreateBuilder<uint>();
        List<ChildSa> gone = [];
        foreach (uint spi in spis.Distinct())
        {
            // RFC 7296 §1.4.1, §2.25.1: what is not there, and what our own DELETE already names, is not named in the answer.
            if (ike.Children.FindByOutboundSpi(spi) is not ChildSa child)
            {
                (ike.Requests.Current as CreateChildExchange)?.NoteDeleted(spi);
                continue;
            }
            if (child.Stage != ChildSaStage.DeleteSent)
                ours.Add(child.InboundSpi);
            gone.Add(child);
        }
        ChildConfiguration[] carried = [.. gone.Where(child => child.Slot.Current == child).SelectMany(ike.Children.Parts.CarriedBy).Distinct()];
        foreach (ChildSa child in gone)
        {
            // What another IKE SA carries on may still be on its way here (D4).
            if (!child.IsReplaced && ike.IsCarriedOnElsewhere(child.Configuration))
                child.WhyReplaced = Reasons.DeletedByPeer;
            child.Slot.HandlePeerDelete(child, now);
        }
        ImmutableArray<Payload> deleted = ours.Count > 0 ? [new DeletePayload(ProtocolId.Esp, ours.DrainToImmutable())] : [];
        ike.Channel.Reply([.. deleted, .. mobility.Payloads], mobility.Notes);
        ike.Connection.Manager.HandleDeletedByPeer(ike, carried, now);
    }
}
