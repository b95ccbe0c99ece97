using System.Buffers.Binary;
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

/// <summary>CREATE_CHILD_SA for a child SA of ours: another one (RFC 7296 §1.3.1), or a rekey (§1.3.3).</summary>
sealed class CreateChildExchange : InitiatedExchange
{
    // Enough for a peer that saw the crossing to delete the one that it made.
    static readonly TimeSpan CrossingGrace = TimeSpan.FromSeconds(3);

    readonly ChildConfiguration _configuration;
    readonly ChildSa? _old;
    readonly ImmutableArray<KeyExchangeMethod> _tried;
    readonly KeyExchangeMethod _method;
    ChildOffer? _offer;

    CreateChildExchange(ChildConfiguration configuration, ChildSa? old, KeyExchangeMethod method, ImmutableArray<KeyExchangeMethod> tried)
    {
        _configuration = configuration;
        _old = old;
        _method = method;
        _tried = tried.Add(method);
    }

    public static CreateChildExchange New(ChildConfiguration child) => new(child, null, PreferredGroup(child, KeyExchangeMethod.None), []);

    public static CreateChildExchange Rekey(ChildSa old) => new(old.Configuration, old, PreferredGroup(old.Configuration, old.Suite.KeyExchange), []);

    public override ExchangeType Exchange => ExchangeType.CreateChildSa;

    public string ChildName => _configuration.Name;

    /// <summary>The SA that is being rekeyed; null for a new one.</summary>
    public ChildSa? Old => _old;

    /// <summary>The child SA that the peer made while we asked for the same one.</summary>
    public PeerRekey? Crossing { get; set; }

    public override RequestContent? Begin(EstablishedIkeSa ike, Instant now)
    {
        if (_old is not null && (_old.IsReplaced || _old.IsClosing || !ike.Children.All.Contains(_old)))
        {
            _old.IsRekeying = false;
            return null;
        }
        // The peer may have made it while this waited for the window.
        if (_old is null && ike.Children.HasLive(ChildName))
            return null;
        ChildSelectors selectors = _old is null
            ? new ChildSelectors(_configuration.LocalSelectors, _configuration.RemoteSelectors)
            : new ChildSelectors(_old.LocalSelectors, _old.RemoteSelectors);
        _offer = ChildOffer.ForCreateChild(ike.Sa.Context, _configuration, selectors, _method);
        if (_offer is null)
        {
            ike.Sa.Context.Emit(new NegotiationRefused(ByPeer: false, "CREATE_CHILD_SA", Reasons.NoSpi) { Connection = ike.Connection.Name, IkeSa = ike.Sa.Id });
            Postpone(ike, now);
            return null;
        }
        List<Payload> payloads = [.. _offer.ToPayloads()];
        if (_old is not null)
            payloads.Insert(0, RekeyNotify(_old.InboundSpi));
        string what = _old is null ? $"asks for {ChildName}" : $"rekeys {ChildName}";
        return new RequestContent([.. payloads], [$"{what}: {selectors}"]);
    }

    public override void HandleResponse(EstablishedIkeSa ike, IkeMessage response, MessageKind kind, MessageTrace trace, Instant now)
    {
        if (_old is not null)
            _old.IsRekeying = false;
        ChildOffer offer = _offer!;
        ChildOfferResult result = offer.Read(response);
        switch (result)
        {
            case ChildOfferResult.Granted granted:
                HandleGranted(ike, offer, granted, trace, now);
                break;
            case ChildOfferResult.Refused { Error.NotifyType: NotifyType.InvalidKePayload } refused when MayTry(InvalidKe.Wanted(refused.Error)):
                KeyExchangeMethod wanted = InvalidKe.Wanted(refused.Error);
                trace.Note($"the peer wants {MessageNames.Group((ushort)wanted)}");
                if (_old is not null)
                    _old.IsRekeying = true;
                ike.Requests.Enqueue(new CreateChildExchange(_configuration, _old, wanted, _tried), now);
                break;
            default:
                HandleRefused(ike, offer, result, trace, now);
                break;
        }
        offer.Dispose();
    }

    public override void Abandon(EstablishedIkeSa ike)
    {
        if (_old is not null)
            _old.IsRekeying = false;
        _offer?.Dispose();
    }

    void HandleGranted(EstablishedIkeSa ike, ChildOffer offer, ChildOfferResult.Granted granted, MessageTrace trace, Instant now)
    {
        using Secret? sharedSecret = granted.SharedSecret;
        offer.Use();
        PeerRekey? collision = _old is null ? Crossing : _old.PeerRekey;
        if (collision is not null && Collision.OursIsRedundant(offer.Nonce, granted.NonceR.Span, collision.NonceI.Span, collision.NonceR.Span))
        {
            // RFC 7296 §2.8.1: ours has the lowest nonce, so we close it; the peer, whose new SA survives, deletes the old one.
            trace.Note("both sides asked at once; ours is redundant");
            if (_old is not null)
                ike.Children.MarkReplaced(_old);
            ike.Requests.Enqueue(new DeleteSpiExchange(offer.InboundSpi, "the redundant one of two that were made at once"), now);
            return;
        }
        ChildSa child = ike.Children.Install(new ChildSaAgreement(_configuration, granted.Suite, offer.InboundSpi, granted.OutboundSpi, granted.Selectors,
            sharedSecret, offer.Nonce, granted.NonceR, WeInitiated: true, _old), now);
        trace.Note(ChildNotes.Established(child));
        ike.Connection.ChildFailures = 0;
        if (_old is null)
        {
            if (collision is not null)
                ike.Sa.Context.Timers.Schedule(now, CrossingGrace, at => DeleteCrossing(child, collision.Replacement, at));
            return;
        }
        // RFC 7296 §2.8: whoever rekeyed deletes the old one. It may have been deleted by the peer meanwhile.
        if (!ike.Children.All.Contains(_old))
            return;
        ike.Children.MarkReplaced(_old);
        ike.DeleteChild(_old, Reasons.Rekeyed, now);
    }

    /// <summary>
    /// A peer that had its answer before our request reached it did not see that the two crossed, and keeps both. Two that carry the same are
    /// one too many for ever, because each is rekeyed.
    /// </summary>
    static void DeleteCrossing(ChildSa ours, ChildSa theirs, Instant now)
    {
        if (!ours.IsReplaced && !theirs.IsReplaced && ours.Owner.Children.All.Contains(ours) && theirs.Owner.Children.All.Contains(theirs))
            theirs.Owner.DeleteChild(theirs, Reasons.RedundantAfterCollision, now);
    }

    void HandleRefused(EstablishedIkeSa ike, ChildOffer offer, ChildOfferResult result, MessageTrace trace, Instant now)
    {
        if (_old?.PeerRekey is not null)
        {
            // RFC 7296 §2.8.1: the peer has rekeyed it already, so the error means nothing.
            trace.Note("the peer has rekeyed it already");
            ike.Children.MarkReplaced(_old);
            return;
        }
        ChildFailure.Handle(ike, offer, result, "CREATE_CHILD_SA", trace, now);
        NotifyType? error = (result as ChildOfferResult.Refused)?.Error.NotifyType;
        if (_old is null || !ike.IsLive)
            return;
        switch (error)
        {
            case NotifyType.ChildSaNotFound:
                // RFC 7296 §2.25: forget the SA that the peer does not have, and ask for a new one.
                bool wasThere = ike.Children.All.Contains(_old);
                ike.Children.Remove(_old, [Reasons.Known("child-sa-not-found", "The peer does not know this child SA any more.")]);
                if (wasThere && !ike.Children.HasLive(ChildName))
                    ike.Requests.Enqueue(New(_configuration), now);
                break;
            case NotifyType.NoAdditionalSas:
                // RFC 7296 §1.3, §2.8: such a peer cannot rekey. A new IKE SA brings a new child SA.
                ike.Close([Reasons.Known("no-additional-sas", "The peer accepts no more child SAs on this IKE SA, so it is set up anew.")], Farewell.Delete, now);
                break;
            default:
                Postpone(ike, now);
                break;
        }
    }

    /// <summary>RFC 7296 §2.25: not at once, and not for ever. The hard limit ends what cannot be rekeyed.</summary>
    void Postpone(EstablishedIkeSa ike, Instant now)
    {
        if (_old is null || _old.IsReplaced || _old.IsClosing)
            return;
        _old.IsRekeying = false;
        _old.RekeyFailingSince ??= now.Monotonic;
        if (now.Monotonic - _old.RekeyFailingSince > RekeyBackoff.GiveUpAfter)
        {
            ike.Close(Reasons.OutOfSync, Farewell.Delete, now);
            return;
        }
        ChildSa old = _old;
        ike.Sa.Context.Timers.Cancel(old.SoftTimer);
        old.SoftTimer = ike.Sa.Context.Timers.Schedule(now, RekeyBackoff.Next(ike.Sa.Context), at => old.Owner.RekeyChild(old, at));
    }

    bool MayTry(KeyExchangeMethod wanted) =>
        !_tried.Contains(wanted) && _configuration.InitiatorProposals.Any(proposal => proposal.KeyExchange.Contains(wanted));

    /// <summary>The group of the SA that is replaced if it is still offered, or else the first one offered.</summary>
    static KeyExchangeMethod PreferredGroup(ChildConfiguration child, KeyExchangeMethod inUse)
    {
        if (inUse != KeyExchangeMethod.None && child.InitiatorProposals.Any(proposal => proposal.KeyExchange.Contains(inUse)))
            return inUse;
        return child.InitiatorProposals.SelectMany(proposal => proposal.KeyExchange).FirstOrDefault();
    }

    static NotifyPayload RekeyNotify(uint inboundSpi)
    {
        byte[] spi = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(spi, inboundSpi);
        return new NotifyPayload(ProtocolId.Esp, spi, NotifyType.RekeySa, default);
    }
}
