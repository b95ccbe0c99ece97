using System.Buffers.Binary;
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

/// <summary>
/// Answers what a peer asks on an established IKE SA: CREATE_CHILD_SA (RFC 7296 §1.3) with the collisions of §2.25, and INFORMATIONAL (§1.4).
/// </summary>
sealed class EstablishedResponder(EstablishedIkeSa ike)
{
    // A bound of ours: what an authenticated peer may make us hold.
    const int MaximumChildren = 256;

    public void Handle(IkeMessage request, MessageKind kind, MessageTrace trace, Instant now)
    {
        switch (kind)
        {
            case MessageKind.InformationalRequest:
                InformationalResponder.Handle(ike, request, trace, now);
                break;
            case MessageKind.CreateChildRequest:
                CreateChild(request, null, trace, now);
                break;
            case MessageKind.RekeyChildRequest:
                RekeyChild(request, trace, now);
                break;
            case MessageKind.RekeyIkeRequest:
                RekeyIke(request, trace, now);
                break;
            case MessageKind.FollowupKeRequest:
                FollowUp(request, now);
                break;
            default:
                // A second IKE_AUTH on an authenticated IKE SA is no part of RFC 7296.
                Refuse(new NotifyPayload(NotifyType.InvalidSyntax),
                    [Reasons.Known("invalid-syntax", "The peer began IKE_AUTH on an established IKE SA.")], now);
                break;
        }
    }

    void RekeyChild(IkeMessage request, MessageTrace trace, Instant now)
    {
        NotifyPayload rekey = request.FindNotify(NotifyType.RekeySa)!;
        ChildSa? old = rekey.Protocol == ProtocolId.Esp ? ike.Children.FindByOutboundSpi(BinaryPrimitives.ReadUInt32BigEndian(rekey.Spi.Span)) : null;
        // The SA may be the one that our own request is making, and whose response was lost: not "not found", but not yet (RFC 7296 §2.25).
        if (old is null && ike.Requests.Current is CreateChildExchange)
        {
            TemporaryFailure("a child SA is being made");
            return;
        }
        if (old is null)
        {
            // RFC 7296 §2.25: the notify names the SA with the SPI of the request.
            ike.Channel.Reply([new NotifyPayload(rekey.Protocol, rekey.Spi, NotifyType.ChildSaNotFound, default)], ["there is no such child SA"]);
            return;
        }
        // RFC 7296 §2.25.1: what is being closed is not rekeyed, and nothing is rekeyed twice.
        if (old.IsLeaving)
            TemporaryFailure("that child SA is being deleted");
        else if (old.Slot.Current == old && old.Slot.IsContended)
            TemporaryFailure("that child SA has been rekeyed");
        else
            CreateChild(request, old, trace, now);
    }

    void CreateChild(IkeMessage request, ChildSa? old, MessageTrace trace, Instant now)
    {
        // RFC 7296 §2.25.2.
        if (ike.Requests.Current is RekeyIkeExchange || ike.Collision.PeerRekey is not null)
        {
            TemporaryFailure("the IKE SA is being rekeyed");
            return;
        }
        if (ike.Children.Count >= MaximumChildren)
        {
            ike.Channel.Reply([new NotifyPayload(NotifyType.NoAdditionalSas)], ["too many child SAs"]);
            return;
        }
        ConfigurationPayload? configuration = InternalAddresses.Answer(ike, request, mayShare: _ => false, out ChildAnswer.Refuse? refusal);
        ImmutableArray<ChildConfiguration> candidates = old is null ? ike.Connection.Configuration.Children : [old.Configuration];
        switch (refusal ?? ChildAnswer.To(ike.Sa.Context, request, candidates, ChildAddresses.Of(ike), withKeyExchange: true))
        {
            case ChildAnswer.Refuse refuse:
                Refuse(refuse.Error, refuse.Reasons, now);
                break;
            case ChildAnswer.Grant grant:
                Grant(request.Find<NoncePayload>()!.Data, old, configuration is null ? grant
                    : grant with { Payloads = [configuration, .. grant.Payloads] }, now);
                break;
        }
    }

    void Grant(ReadOnlyMemory<byte> nonceI, ChildSa? old, ChildAnswer.Grant grant, Instant now)
    {
        if (!grant.Suite.AdditionalKeyExchanges.InOrder.Any())
        {
            Install(nonceI, old, grant, null, now);
            return;
        }
        var pending = new PendingGrant(ike, grant.Suite.AdditionalKeyExchanges, Complete, Discard, now);
        ike.AwaitFollowup(pending);
        ike.Channel.Reply([.. grant.Payloads, pending.Link], ["additional key exchanges follow"]);

        void Complete(Secret additional, Payload last, Instant at)
        {
            if (ObstacleTo(old) is string why)
            {
                Discard();
                TemporaryFailure(why);
                return;
            }
            Install(nonceI, old, grant with { Payloads = [last] }, additional, at);
        }

        void Discard()
        {
            grant.SharedSecret?.Dispose();
            ike.Sa.Context.Spis.Release(grant.InboundSpi);
        }
    }

    /// <summary>What has come up since CREATE_CHILD_SA was answered, and would have stood in its way (RFC 7296 §2.25).</summary>
    string? ObstacleTo(ChildSa? old)
    {
        if (ike.Requests.Current is RekeyIkeExchange || ike.Collision.PeerRekey is not null)
            return "the IKE SA is being rekeyed";
        if (old is null)
            return null;
        if (old.IsLeaving || ike.Children.FindByOutboundSpi(old.OutboundSpi) != old)
            return "that child SA is being deleted";
        return old.Slot.Current == old && old.Slot.IsContended ? "that child SA has been rekeyed" : null;
    }

    /// <summary>RFC 9370 §2.2.4: what we have no state for, or have given up, is answered with STATE_NOT_FOUND.</summary>
    void FollowUp(IkeMessage request, Instant now)
    {
        if (ike.PendingGrant is PendingGrant pending && pending.IsFor(request))
        {
            if (!pending.TryAnswer(request, now))
                Refuse(new NotifyPayload(NotifyType.InvalidSyntax), [Reasons.Known("invalid-ke",
                    "The peer's KE payload is not for the additional key exchange that was agreed on, or its value is not acceptable (RFC 6989 §2).")], now);
        }
        else
            ike.Channel.Reply([new NotifyPayload(NotifyType.StateNotFound)], ["there is nothing that this key exchange would complete"]);
    }

    void Install(ReadOnlyMemory<byte> nonceI, ChildSa? old, ChildAnswer.Grant grant, Secret? additional, Instant now)
    {
        using Secret? sharedSecret = grant.SharedSecret;
        // RFC 7296 §2.8: be ready to receive on the new SA before the reply leaves.
        var agreement = new ChildSaAgreement(grant.Configuration, grant.Suite, grant.InboundSpi, grant.OutboundSpi, grant.Selectors,
            sharedSecret, nonceI, grant.Nonce, WeInitiated: false)
        { TransportMode = grant.TransportMode, AdditionalSecret = additional };
        ChildSa child = old is null ? ike.Children.Install(agreement, now) : old.Slot.AddPeerRekey(old, agreement, now);
        ike.Channel.Reply(grant.Payloads, [ChildNotes.Established(child)]);
    }

    bool IsChildChanging => ike.Collision.PeerRekey is not null || ike.Requests.Current is CreateChildExchange or DeleteChildExchange or DeleteSpiExchange;

    void RekeyIke(IkeMessage request, MessageTrace trace, Instant now)
    {
        // RFC 7296 §2.25.1: not while a child SA is being created, rekeyed or closed.
        if (IsChildChanging)
        {
            TemporaryFailure("a child SA is being changed");
            return;
        }
        switch (IkeRekeyAnswer.To(ike.Sa.Context, request, ike.Connection.Configuration.ResponderProposals))
        {
            case IkeRekeyAnswer.Refuse refuse:
                Refuse(refuse.Error, refuse.Reasons, now);
                break;
            case IkeRekeyAnswer.Grant grant:
                Grant(request.Find<NoncePayload>()!.Data.ToArray(), grant, now);
                break;
        }
    }

    void Grant(byte[] nonceI, IkeRekeyAnswer.Grant grant, Instant now)
    {
        if (!grant.Suite.AdditionalKeyExchanges.InOrder.Any())
        {
            Succeed(nonceI, grant, null, now);
            return;
        }
        var pending = new PendingGrant(ike, grant.Suite.AdditionalKeyExchanges, Complete, grant.SharedSecret.Dispose, now);
        ike.AwaitFollowup(pending);
        ike.Channel.Reply([.. grant.Payloads, pending.Link], [$"chose {ProposalText.Print(grant.Suite)}", "additional key exchanges follow"]);

        void Complete(Secret additional, Payload last, Instant at)
        {
            if (IsChildChanging)
            {
                grant.SharedSecret.Dispose();
                TemporaryFailure("a child SA is being changed");
                return;
            }
            Succeed(nonceI, grant with { Payloads = [last] }, additional, at);
        }
    }

    void Succeed(byte[] nonceI, IkeRekeyAnswer.Grant grant, Secret? additional, Instant now)
    {
        EstablishedIkeSa successor = IkeSuccessor.Create(ike, isInitiator: false, grant.PeerSpi, grant.OwnSpi, grant.Suite, grant.SharedSecret, nonceI,
            grant.Nonce, now,
            additional);
        ike.Channel.Reply([.. grant.Payloads, .. CrashTokens.Make(successor.Sa)], [$"chose {ProposalText.Print(grant.Suite)}"]);
        // RFC 7296 §2.25.2: our own rekey is on its way; which of the two stays is decided when its answer is here.
        if (ike.Requests.Current is RekeyIkeExchange)
        {
            ike.Collision.PeerRekey = new PeerIkeRekey(successor, new ExchangeNonces(nonceI, grant.Nonce));
            successor.Collision.AwaitOutcomeOn(ike);
        }
        else
        {
            ike.Closing.GiveWayTo(successor, Farewell.AwaitDelete, now);
        }
    }

    void TemporaryFailure(string why) => ike.Channel.Reply([new NotifyPayload(NotifyType.TemporaryFailure)], [why]);

    /// <summary>INVALID_SYNTAX is fatal (RFC 7296 §2.21.3), and so answered to a bad key exchange value (RFC 6989 §2.5).</summary>
    void Refuse(NotifyPayload error, ImmutableArray<Reason> reasons, Instant now)
    {
        ike.Channel.Reply([error], [.. reasons.Select(reason => reason.Text)]);
        ike.Sa.Context.Emit(new NegotiationRefused(ByPeer: false, "CREATE_CHILD_SA", reasons) { Connection = ike.Connection.Name, IkeSa = ike.Sa.Id });
        if (error.NotifyType == NotifyType.InvalidSyntax)
            ike.Close(reasons, Farewell.AnswerRepeated, now);
    }
}
