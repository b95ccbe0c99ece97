using System.Buffers.Binary;
using System.Collections.Immutable;
using Ipsec.Crypto;
using Ipsec.Ike.Associations;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Diagnosis;
using Ipsec.Ike.Engine;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Selection;
using Ipsec.Ike.Tasks;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Exchanges;

/// <summary>CREATE_CHILD_SA for a child SA of ours: another one (RFC 7296 §1.3.1), or a rekey (§1.3.3).</summary>
sealed class CreateChildExchange : InitiatedExchange
{
    // A bound of ours: a peer has no reason to delete more than the one that it made for this exchange.
    const int MaximumRemembered = 16;

    readonly ChildConfiguration _configuration;
    readonly ChildSa? _old;
    readonly ChildSelectors? _pair;
    readonly ImmutableArray<KeyExchangeMethod> _tried;
    readonly KeyExchangeMethod _method;
    readonly HashSet<uint> _deletedByPeer = [];

    // Of one that is no rekey: what it would bring has come up by now.
    Func<ChildSlots, bool> _isThere;
    ChildOffer? _offer;
    ChildOfferResult.Granted? _granted;
    FollowupRounds? _rounds;
    SelectorPair? _missing;

    CreateChildExchange(ChildConfiguration configuration, ChildSa? old, KeyExchangeMethod method, ImmutableArray<KeyExchangeMethod> tried, ChildSelectors? pair)
    {
        _pair = pair;
        _configuration = configuration;
        _old = old;
        _method = method;
        _tried = tried.Add(method);
        _isThere = children => children.Parts.IsUp(configuration);
    }

    public static CreateChildExchange New(ChildConfiguration child) => new(child, null, PreferredGroup(child, KeyExchangeMethod.None), [], null);

    /// <summary>What an older IKE SA with the same peer has, with the same selectors.</summary>
    public static CreateChildExchange CarryingOn(ChildSa older) =>
        new(older.Configuration, null, PreferredGroup(older.Configuration, older.Suite.KeyExchange), [], older.Selectors)
        { _isThere = children => children.Parts.Replaces(older) };

    /// <summary>Another SA of a child that is up, for a packet that the peer has left out of it.</summary>
    public static CreateChildExchange Part(ChildConfiguration child, PacketFlow packet) =>
        new(child, null, PreferredGroup(child, KeyExchangeMethod.None), [], null) { _isThere = children => children.HasLive(child.Name, packet) };

    /// <summary>Another SA of a child that is up, for a pair that the peer has left out of it.</summary>
    public static CreateChildExchange Part(ChildConfiguration child, SelectorPair missing) =>
        new(child, null, PreferredGroup(child, KeyExchangeMethod.None), [], missing.ToSelectors())
        { _isThere = children => children.Parts.IsCarried(child, missing), _missing = missing };

    public static CreateChildExchange Rekey(ChildSa old) => new(old.Configuration, old, PreferredGroup(old.Configuration, old.Suite.KeyExchange), [], null);

    /// <summary>
    /// After SINGLE_PAIR_REQUIRED the same for one pair of addresses (RFC 7296 §2.9); null after any other result, and where it was one pair.
    /// </summary>
    /// <param name="refused">The exchange that had this result; null for IKE_AUTH.</param>
    public static CreateChildExchange? ForSinglePair(ChildOffer offer, ChildOfferResult result, CreateChildExchange? refused = null) =>
        result is ChildOfferResult.Refused { Error.NotifyType: NotifyType.SinglePairRequired } && offer.Selectors.OnlyPair() is ChildSelectors pair
            ? new CreateChildExchange(offer.Configuration, null, PreferredGroup(offer.Configuration, KeyExchangeMethod.None), [], pair).For(refused) : null;

    public override ExchangeType Exchange => ExchangeType.CreateChildSa;

    /// <summary>Asks for another child SA of this name; a rekey may turn out to have nothing to replace.</summary>
    public bool Makes(string name) => _old is null && _configuration.Name == name;

    /// <summary>The request has been sent.</summary>
    public bool IsUnderWay => _offer is not null;

    /// <summary>What the peer made to replace the same SA while ours was under way (RFC 7296 §2.8.1).</summary>
    public ChildSa? Rival { get; set; }

    /// <summary>The peer deletes an SA that we do not know: perhaps the one that it made for this exchange, and the response is late.</summary>
    public void NoteDeleted(uint outboundSpi)
    {
        if (_deletedByPeer.Count < MaximumRemembered)
            _deletedByPeer.Add(outboundSpi);
    }

    public override RequestContent? Begin(EstablishedIkeSa ike, Instant now)
    {
        // The peer may have rekeyed it, deleted it, or made it, while this waited for the window.
        if (_old is not null ? _old.Slot.Current != _old : _isThere(ike.Children))
        {
            LeaveSlot();
            return null;
        }
        ChildSelectors selectors = _pair ?? _old?.Selectors ?? ike.Connection.WithTrigger(_configuration, ChildAddresses.Of(ike).SelectorsOf(_configuration));
        _offer = ChildOffer.ForCreateChild(ike.Sa.Context, _configuration, selectors, _method);
        if (_offer is null)
        {
            ike.Sa.Context.Emit(new NegotiationRefused(ByPeer: false, "CREATE_CHILD_SA", Reasons.NoSpi)
            { Connection = ike.Connection.Name, IkeSa = ike.Sa.Id });
            LeaveSlot();
            Postpone(ike, now);
            return null;
        }
        List<Payload> payloads = [.. _offer.ToPayloads()];
        if (_old is not null)
            payloads.Insert(0, RekeyNotify(_old.InboundSpi));
        string what = _old is null ? $"asks for {_configuration.Name}" : $"rekeys {_configuration.Name}";
        return new RequestContent([.. payloads], [$"{what}: {selectors}"]);
    }

    public override void HandleResponse(EstablishedIkeSa ike, IkeMessage response, MessageKind kind, MessageTrace trace, Instant now)
    {
        ChildOffer offer = _offer!;
        ChildOfferResult result = Read(ike, offer, response, kind);
        if (_rounds is { IsFailed: false, IsComplete: false })
        {
            ike.Requests.Continue(this, ExchangeType.IkeFollowupKe, _rounds.Next(), now);
            return;
        }
        switch (result)
        {
            case ChildOfferResult.Granted granted:
                HandleGranted(ike, offer, granted, trace, now);
                LeaveSlot();
                break;
            case ChildOfferResult.Refused { Error.NotifyType: NotifyType.InvalidKePayload } refused when Rival is null
                && MayTry(InvalidKe.Wanted(refused.Error)):
                KeyExchangeMethod wanted = InvalidKe.Wanted(refused.Error);
                trace.Note($"the peer wants {MessageNames.Group((ushort)wanted)}");
                TryAgain(ike, wanted, now);
                break;
            case ChildOfferResult.Refused when _old is null && ForSinglePair(offer, result, this) is CreateChildExchange again:
                trace.Note("the peer wants one pair of addresses");
                ike.Requests.Enqueue(again, now);
                break;
            default:
                LeaveSlot();
                HandleRefused(ike, offer, result, trace, now);
                break;
        }
        offer.Dispose();
        _rounds?.Dispose();
    }

    public override void Abandon(EstablishedIkeSa ike)
    {
        _offer?.Dispose();
        _rounds?.Dispose();
        _granted?.SharedSecret?.Dispose();
        LeaveSlot();
    }

    /// <summary>What came of the offer, once the additional key exchanges that go with it are through (RFC 9370 §2.2.4).</summary>
    ChildOfferResult Read(EstablishedIkeSa ike, ChildOffer offer, IkeMessage response, MessageKind kind)
    {
        if (_granted is null)
        {
            ChildOfferResult result = offer.Read(response, ChildAddresses.Of(ike));
            if (result is not ChildOfferResult.Granted { Suite.AdditionalKeyExchanges: var agreed } granted || !agreed.InOrder.Any())
                return result;
            _granted = granted;
            _rounds = new FollowupRounds(ike.Sa.Context, agreed, response);
        }
        else
        {
            _rounds!.Read(response, kind);
        }
        if (!_rounds.IsFailed)
            return _granted;
        _granted.SharedSecret?.Dispose();
        return _rounds.Error is NotifyPayload error ? new ChildOfferResult.Refused(error)
            : new ChildOfferResult.Unusable(_granted.OutboundSpi, [Reasons.Known("invalid-ke", _rounds.Failure!)]) { EndsIkeSa = true };
    }

    void HandleGranted(EstablishedIkeSa ike, ChildOffer offer, ChildOfferResult.Granted granted, MessageTrace trace, Instant now)
    {
        using Secret? sharedSecret = granted.SharedSecret;
        if (_deletedByPeer.Contains(granted.OutboundSpi))
        {
            trace.Note("the peer has deleted it already");
            HandleDeleted(ike, now);
            return;
        }
        offer.Use();
        var agreement = new ChildSaAgreement(_configuration, granted.Suite, offer.InboundSpi, granted.OutboundSpi, granted.Selectors,
            sharedSecret, offer.Nonce, granted.NonceR, WeInitiated: true)
        { TransportMode = granted.TransportMode, AdditionalSecret = _rounds?.Secret };
        ChildSa child = _old is null ? ike.Children.Install(agreement, now) : _old.Slot.AddOwnRekey(_old, Rival, agreement, now);
        trace.Note(ChildNotes.Established(child));
        if (child.IsReplaced)
            trace.Note("both sides asked at once; ours is redundant");
        ike.Connection.HandleChildGranted(_configuration.Name);
        if (_old is null && ike.Connection.WantedChildren.Contains(_configuration.Name))
            ike.ChildUpkeep.Ensure([_configuration.Name], now);
    }

    /// <summary>For the peer the old one was replaced by what is gone.</summary>
    void HandleDeleted(EstablishedIkeSa ike, Instant now)
    {
        if (Rival is not null)
            _old!.Slot.GiveWayTo(Rival, now);
        else if (_old is not null && _old.Slot.Current == _old)
            _old.Slot.Close(_old, Reasons.DeletedByPeer, now);
        ike.Connection.Manager.EnsureChildrenSoon(ike.Connection, now);
    }

    void HandleRefused(EstablishedIkeSa ike, ChildOffer offer, ChildOfferResult result, MessageTrace trace, Instant now)
    {
        if (Rival is not null && result is not ChildOfferResult.Unusable { EndsIkeSa: true })
        {
            // RFC 7296 §2.8.1: the peer has rekeyed it already, so the error means nothing.
            trace.Note("the peer has rekeyed it already");
            _old!.Slot.GiveWayTo(Rival, now);
            return;
        }
        if (_missing is SelectorPair pair && result is not ChildOfferResult.Refused { Error.NotifyType: NotifyType.TemporaryFailure })
            ike.Children.Parts.GiveUp(_configuration, pair);
        ChildFailure.Handle(ike, offer, result, "CREATE_CHILD_SA", trace, now);
        if (_old is null || !ike.IsLive || _old.Slot.Current != _old)
            return;
        switch ((result as ChildOfferResult.Refused)?.Error.NotifyType)
        {
            case NotifyType.ChildSaNotFound:
                // RFC 7296 §2.25: forget the SA that the peer does not have, and ask for a new one.
                _old.Slot.Remove(_old, [Reasons.Known("child-sa-not-found", "The peer does not know this child SA any more.")]);
                ike.Requests.Enqueue(New(_configuration), now);
                break;
            case NotifyType.NoAdditionalSas:
                // RFC 7296 §1.3, §2.8: such a peer cannot rekey. A new IKE SA brings a new child SA.
                ike.Close([Reasons.Known("no-additional-sas", "The peer accepts no more child SAs on this IKE SA, so it is set up anew.")],
                    Farewell.Delete, now);
                break;
            default:
                Postpone(ike, now);
                break;
        }
    }

    void TryAgain(EstablishedIkeSa ike, KeyExchangeMethod wanted, Instant now)
    {
        CreateChildExchange again = new CreateChildExchange(_configuration, _old, wanted, _tried, _pair).For(this);
        if (_old is not null)
            _old.Slot.Rekey = again;
        ike.Requests.Enqueue(again, now);
    }

    /// <summary>It is for the same as the one that it is tried instead of.</summary>
    CreateChildExchange For(CreateChildExchange? before)
    {
        _isThere = before?._isThere ?? _isThere;
        _missing = before?._missing;
        return this;
    }

    void LeaveSlot()
    {
        if (_old?.Slot.Rekey == this)
            _old.Slot.Rekey = null;
    }

    /// <summary>RFC 7296 §2.25: not at once, and not for ever. The hard limit ends what cannot be rekeyed.</summary>
    void Postpone(EstablishedIkeSa ike, Instant now)
    {
        if (_old is null || _old.Slot.Current != _old)
            return;
        _old.RekeyFailingSince ??= now.Monotonic;
        if (now.Monotonic - _old.RekeyFailingSince > RekeyBackoff.GiveUpAfter)
        {
            ike.Close(Reasons.OutOfSync, Farewell.Delete, now);
            return;
        }
        ChildSa old = _old;
        ike.Sa.Context.Timers.Cancel(old.SoftTimer);
        old.SoftTimer = ike.Sa.Context.Timers.Schedule(now, RekeyBackoff.Next(ike.Sa.Context), at => old.Owner.ChildUpkeep.Rekey(old, at));
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
