using System.Collections.Immutable;
using Ipsec.Ike.Addresses;
using Ipsec.Ike.Associations;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Connections;
using Ipsec.Ike.Delivery;
using Ipsec.Ike.Diagnosis;
using Ipsec.Ike.Engine;
using Ipsec.Ike.Mobility;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Selection;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Exchanges;

/// <summary>
/// An authenticated IKE SA. It owns its channel with the keys, its child SAs, the queue of our requests and the timers of its life.
/// What the peer asks for is answered by <see cref="EstablishedResponder"/>.
/// </summary>
sealed class EstablishedIkeSa : IkeSaState, IChannelOwner
{
    // A bound of ours: a peer that rekeys in a loop makes us remember no more of what was replaced.
    const int MaximumRetired = 4;

    readonly EstablishedResponder _responder;
    readonly IkeSaTimers _timers;
    Queue<IkeSa>? _retired;
    EstablishedIkeSa? _pendingOn;
    PeerIkeRekey? _peerRekey;
    bool _hasBegun;

    /// <param name="origin">How the first of a row of rekeyed IKE SAs came to be; null for a first one.</param>
    public EstablishedIkeSa(IkeSa sa, ProtectedChannel channel, ConnectionRuntime connection, Identity localIdentity, Identity remoteIdentity, Instant now,
        IkeSaOrigin? origin = null) : base(sa)
    {
        Origin = origin ?? new IkeSaOrigin(sa.IsInitiator, sa.InitiatorSpi, sa.Id, sa.Context.NewestIkeSa, Other(connection.ExpectedIdentity(sa.Path.Remote.Address), remoteIdentity));
        Channel = channel;
        Connection = connection;
        LocalIdentity = localIdentity;
        RemoteIdentity = remoteIdentity;
        EstablishedAt = now;
        Mobility = new PeerMobility(this);
        Children = new ChildSlots(this);
        Requests = new RequestQueue(this, channel);
        _responder = new EstablishedResponder(this);
        Reauthentication = new Reauthentication(this);
        OutOfStep = new OutOfStep(this);
        _timers = new IkeSaTimers(this);
        channel.HandTo(this);
    }

    public ProtectedChannel Channel { get; }
    public ConnectionRuntime Connection { get; }
    public Identity LocalIdentity { get; }
    public Identity RemoteIdentity { get; }
    public Instant EstablishedAt { get; }
    public IkeSaOrigin Origin { get; }
    public ChildSlots Children { get; }

    /// <summary>Its addresses, and how they change.</summary>
    public PeerMobility Mobility { get; }
    public RequestQueue Requests { get; }
    public Reauthentication Reauthentication { get; }
    public OutOfStep OutOfStep { get; }

    /// <summary>Virtual IPs, ours and the peer's.</summary>
    public InternalConfiguration Internal { get; init; } = new();

    /// <summary>False once it has ended or has a successor: nothing new is sent.</summary>
    public bool IsLive => Sa.State == this;

    /// <summary>
    /// Other IKE SAs of this connection that end at the same two peers: it may be about to take the place of one of them (reauthentication, RFC 7296 §2.8.3).
    /// </summary>
    public IEnumerable<EstablishedIkeSa> Siblings => Connection.With(RemoteIdentity).Where(other => other != this && other.IsLive
        && other.LocalIdentity.Equals(LocalIdentity) && other.Sa.Path.Remote.Address == Sa.Path.Remote.Address);

    /// <summary>A sibling carries at least a part of it.</summary>
    public bool IsCarriedOnElsewhere(ChildConfiguration child) => Siblings.Any(other => other.Children.Parts.IsUp(child));

    /// <summary>What a sibling has for the same traffic; null where none has.</summary>
    public ChildSa? FindElsewhere(ChildSaAgreement agreement) => Siblings.Select(other => other.Children.FindCurrent(agreement)).FirstOrDefault(child => child is not null);

    /// <summary>The peer's rekey of this IKE SA while ours is under way (RFC 7296 §2.8.2).</summary>
    public PeerIkeRekey? PeerRekey
    {
        get => _peerRekey;
        set
        {
            _peerRekey = value;
            Sa.Heir = value?.Successor.Sa;
        }
    }

    /// <summary>What we granted and the peer's IKE_FOLLOWUP_KE exchanges still have to complete (RFC 9370 §2.2.4). Another one takes its place.</summary>
    public PendingGrant? PendingGrant { get; private set; }

    public void AwaitFollowup(PendingGrant pending)
    {
        DropPendingGrant();
        PendingGrant = pending;
    }

    /// <summary>It is complete: its owner goes on with it.</summary>
    public void TakePendingGrant() => PendingGrant = null;

    public void DropPendingGrant()
    {
        PendingGrant?.Dispose();
        PendingGrant = null;
    }

    /// <summary>The peer made this IKE SA to replace one that we are rekeying too; it has not taken its place yet.</summary>
    public void AwaitCollision(EstablishedIkeSa old) => _pendingOn = old;

    public TimeSpan? RekeyIn(Instant now) => _timers.RekeyIn(now);

    /// <summary>Takes its place: events, lifetimes, liveness. A redundant one of a collision never gets here.</summary>
    public void Begin(bool isRekey, Instant now)
    {
        _pendingOn = null;
        _hasBegun = true;
        Sa.Context.Emit(new IkeSaEstablished(Sa.IsInitiator, Channel.Suite, Sa.Path, LocalIdentity.ToString(), RemoteIdentity.ToString(), isRekey)
        { Connection = Connection.Name, IkeSa = Sa.Id });
        _timers.Start(now);
    }

    public override void HandleDatagram(ReadOnlySpan<byte> datagram, in IkeHeader header, NetworkPath path, Instant now) =>
        Channel.HandleDatagram(datagram, header, path, now);

    void IChannelOwner.HandleRequest(IkeMessage request, MessageKind kind, MessageTrace trace, Instant now)
    {
        if (_pendingOn is EstablishedIkeSa old)
            SettleCollision(old, request, now);
        _responder.Handle(request, kind, trace, now);
    }

    void IChannelOwner.HandleResponse(IkeMessage response, MessageKind kind, MessageTrace trace, Instant now)
    {
        Mobility.HandleAnswerOn(Channel.InboundPath, Channel.Transmissions, now);
        Requests.HandleResponse(response, kind, trace, now);
    }

    void IChannelOwner.HandlePeerFault(MessageFault fault, bool inRequest, Instant now)
    {
        // RFC 7296 §2.5: a critical payload that we do not know refuses this message; everything else is INVALID_SYNTAX, which is fatal (§2.21.3).
        if (inRequest && fault.Fault == PeerFault.UnknownCriticalPayload)
            return;
        Close(Reasons.MalformedByPeer(fault), inRequest ? Farewell.AnswerRepeated : Farewell.Delete, now);
    }

    bool IChannelOwner.MayTellMessageId(Instant now) => OutOfStep.MayTell(now);

    void IChannelOwner.HandleMessageIdAhead(uint messageId, Instant now) => OutOfStep.TellMessageId(messageId, now);

    void IChannelOwner.HandleUnanswered(Instant now) =>
        Close(Reasons.NotResponding(Sa.Path, MessageNames.Exchange(Requests.Current?.Exchange ?? ExchangeType.Informational),
            Sa.Retransmission.Tries + 1), Farewell.None, now, ClosureCause.DeadPeer);

    // RFC 7296 §2.23: follow a peer behind a NAT, unless we are behind one ourselves. With MOBIKE it says so itself (RFC 4555 §3.8).
    bool IChannelOwner.MayFollow(NetworkPath path) => !Mobility.IsEnabled && Sa.Nat.RemoteBehindNat && !Sa.Nat.LocalBehindNat;

    IEnumerable<NetworkPath> IChannelOwner.OtherPaths(int transmissions) => Mobility.OtherPaths(transmissions);

    void IChannelOwner.HandlePathFollowed(NetworkPath path, Instant now) => UpdateChildPaths();

    /// <summary>Authenticated ESP came from elsewhere (RFC 7296 §2.23): the same rule as for IKE.</summary>
    public void HandlePathChanged(NetworkPath path)
    {
        if (Mobility.IsEnabled)
        {
            Mobility.HandleEspFrom(path);
            return;
        }
        if (path == Sa.Path || path.Encapsulation != PathEncapsulation.UdpEncapsulated || !((IChannelOwner)this).MayFollow(path))
            return;
        Sa.Path = path;
        UpdateChildPaths();
    }

    /// <summary>Sends the ESP of every child SA where it belongs now.</summary>
    public void UpdateChildPaths()
    {
        foreach (ChildSa child in Children.All)
            Sa.Context.Outputs.Add(new UpdateChildSaPath(child.Id, Mobility.EspPath));
    }

    /// <summary>A NAT appeared in front of us, or is gone.</summary>
    public void RefreshKeepalive(Instant now) => _timers.RefreshKeepalive(now);

    /// <summary>Authenticated ESP arrived: the peer is alive.</summary>
    public void HandleTraffic(Instant now) => _timers.NoteTraffic(now);

    public void RekeyIke(Instant now)
    {
        if (IsLive && !Requests.Has<RekeyIkeExchange>())
            Requests.Enqueue(new RekeyIkeExchange(null), now);
    }

    public void RekeyChild(ChildSa child, Instant now)
    {
        if (!IsLive || child.Slot.Current != child || child.Slot.Rekey is not null)
            return;
        child.Slot.Rekey = CreateChildExchange.Rekey(child);
        Requests.Enqueue(child.Slot.Rekey, now);
    }

    /// <summary>A hard limit: it carries nothing any more. Where the connection should be up, another one takes its place.</summary>
    public void ExpireChild(ChildSa child, ImmutableArray<Reason> reasons, Instant now)
    {
        child.Slot.Close(child, reasons, now);
        Connection.Manager.EnsureChildrenSoon(Connection, now);
    }

    /// <summary>Nothing has passed for the configured time. Without another child SA the IKE SA has no purpose either.</summary>
    public void CloseInactive(ChildSa child, Instant now)
    {
        if (!Children.HasOtherThan(child.Slot) && !Requests.Has<CreateChildExchange>())
        {
            Close(Reasons.Inactive, Farewell.Delete, now, ClosureCause.Inactivity);
            return;
        }
        ChildConfiguration[] carried = [.. Children.Parts.CarriedBy(child)];
        child.Slot.Close(child, Reasons.Inactive, now);
        ConnectionManager.HandleInactive(this, carried);
    }

    /// <summary>
    /// Asks for every child SA of these names that is not there and not on its way. Of what the peer has narrowed the rest is asked for pair by pair, unless
    /// packets do that.
    /// </summary>
    public void EnsureChildren(IEnumerable<string> names, Instant now)
    {
        if (!IsLive)
            return;
        foreach (string name in names)
        {
            if (Connection.FindChild(name) is not { } child || Requests.Has<CreateChildExchange>(exchange => exchange.Makes(name)))
                continue;
            if (!Children.Parts.IsUp(child))
                Requests.Enqueue(CreateChildExchange.New(child), now);
            else if (!Connection.IsTrapped)
                AddParts(child, now);
        }
    }

    /// <summary>The peer narrowed this child: another SA of it for the part that the packet needs (RFC 7296 §2.9). Bounded.</summary>
    public void AddPart(ChildConfiguration child, PacketFlow packet, Instant now)
    {
        if (IsLive && !Children.HasManyParts(child.Name) && !Requests.Has<CreateChildExchange>(exchange => exchange.Makes(child.Name)))
            Requests.Enqueue(CreateChildExchange.Part(child, packet), now);
    }

    /// <summary>Asks for what an older IKE SA with the same peer has, unless it is there.</summary>
    public void CarryOn(ChildSa older, Instant now)
    {
        EnsureChildren(Children.Parts.CarriedBy(older).Select(child => child.Name), now);
        if (ChildParts.IsWithinItsChild(older) && !Children.Parts.Replaces(older))
            Requests.Enqueue(CreateChildExchange.CarryingOn(older), now);
    }

    void AddParts(ChildConfiguration child, Instant now)
    {
        foreach (SelectorPair pair in Children.Parts.Missing(child).Take(Children.FreeParts(child.Name)).ToArray())
            Requests.Enqueue(CreateChildExchange.Part(child, pair), now);
    }

    /// <summary>Ends this IKE SA and with it its child SAs (RFC 7296 §1.4.1).</summary>
    public void Close(ImmutableArray<Reason> reasons, Farewell farewell, Instant now, ClosureCause cause = ClosureCause.Ourselves)
    {
        if (!IsLive)
            return;
        ImmutableArray<uint> childSpis = farewell == Farewell.Retreat ? [.. Children.All.Select(child => child.InboundSpi)] : [];
        // What another IKE SA carries on may have been sent on the old child SA a moment ago (D4).
        Children.RemoveAll(reasons, IsCarriedOnElsewhere);
        // What ended before the collision was settled is nobody's successor.
        if (_pendingOn is EstablishedIkeSa old)
            old.PeerRekey = null;
        _pendingOn = null;
        End(farewell, now, childSpis);
        // What never took its place is not told to anybody.
        if (!_hasBegun)
            return;
        PeerRekey?.Successor.Withdraw(now);
        Internal.Release(Sa.Context);
        Sa.Context.Emit(new IkeSaClosed(WasEstablished: true, reasons) { Connection = Connection.Name, IkeSa = Sa.Id });
        Connection.Manager.HandleClosed(Connection, this, reasons, cause, now);
    }

    /// <summary>Hands everything to the IKE SA that a rekey made (RFC 7296 §2.18), and ends.</summary>
    public void GiveWayTo(EstablishedIkeSa successor, Farewell farewell, Instant now)
    {
        InitiatedExchange[] waiting = [.. Requests.TakeForSuccessor()];
        Children.MoveTo(successor);
        Connection.Manager.HandleRekeyed(Connection, this, successor);
        End(farewell, now);
        successor.InheritRetired(_retired, Sa);
        successor.Begin(isRekey: true, now);
        Sa.Context.Emit(new IkeSaClosed(WasEstablished: true, Reasons.Rekeyed) { Connection = Connection.Name, IkeSa = Sa.Id });
        foreach (InitiatedExchange exchange in waiting.Where(exchange => exchange is not RekeyIkeExchange and not LivenessExchange))
            successor.Requests.Enqueue(exchange, now);
        successor.Mobility.Resume(now);
    }

    /// <summary>The peer's new IKE SA lost the collision: the peer deletes it (RFC 7296 §2.8.2).</summary>
    public void AwaitWithdrawal(Instant now) => End(Farewell.AwaitDelete, now);

    /// <summary>A refused rekey is tried again after a while; the hard lifetime ends what cannot be rekeyed.</summary>
    public void RekeyIkeLater(Instant now) => _timers.RekeyLater(now);

    /// <summary>A new IKE SA that lost a collision, or whose old one ended: it never took its place, so nobody is told.</summary>
    public void Withdraw(Instant now) => End(Farewell.Delete, now);

    public override void Discard()
    {
        StopWork();
        PeerRekey?.Successor.Discard();
        Channel.Dispose();
    }

    /// <summary>
    /// The peer speaks on its new IKE SA, so it knows the outcome before our own exchange has one: it either deletes this one as redundant, or
    /// uses it, and then the old one is over.
    /// </summary>
    void SettleCollision(EstablishedIkeSa old, IkeMessage request, Instant now)
    {
        _pendingOn = null;
        old.PeerRekey = null;
        if (old.IsLive && !request.Payloads.Any(payload => payload is DeletePayload { Protocol: ProtocolId.Ike }))
            old.GiveWayTo(this, Farewell.AwaitDelete, now);
    }

    void End(Farewell farewell, Instant now, ImmutableArray<uint> childSpis = default)
    {
        RekeyIkeExchange? rekey = farewell is Farewell.Delete or Farewell.Retreat ? Requests.TakeCurrent<RekeyIkeExchange>() : null;
        StopWork();
        if (rekey is null)
            IkeSaEnding.Begin(Sa, Channel, farewell, now, childSpis);
        else
            new ClosingIkeSa(Sa, Channel, Farewell.Delete, new UnansweredRekey(this, rekey)).Begin(now);
    }

    void InheritRetired(Queue<IkeSa>? retired, IkeSa old)
    {
        _retired = retired ?? new Queue<IkeSa>(MaximumRetired + 1);
        _retired.Enqueue(old);
        if (_retired.Count <= MaximumRetired || _retired.Dequeue() is not { State: RetiredIkeSa or LingeringIkeSa } oldest)
            return;
        oldest.State.Discard();
        IkeSaEnding.Remove(oldest);
    }

    static Identity? Other(Identity expected, Identity proven) => expected.Equals(proven) ? null : expected;


    void StopWork()
    {
        DropPendingGrant();
        _timers.Stop();
        Children.StopTimers();
        Requests.Abandon();
    }

}

/// <summary>How an IKE SA was set up. A rekey does not change it, so that both peers tell crossing set-ups apart in the same way.</summary>
/// <param name="NewestAtEnd">The newest IKE SA that either side had begun when this one was established.</param>
/// <param name="ExpectedIdentity">As whom we would have expected the peer; null where that is who it proved to be.</param>
sealed record IkeSaOrigin(bool IsInitiator, ulong InitiatorSpi, IkeSaId Id, IkeSaId NewestAtEnd, Identity? ExpectedIdentity)
{
    /// <summary>A rekey does not prolong it (RFC 4478 §2).</summary>
    public AuthenticationLifetime Authentication { get; } = new();

    /// <summary>The set-up of the other one began before this one was established. Not a question of time: two things happen in one instant.</summary>
    public bool OverlapsWith(IkeSaId newer) => newer.Value <= NewestAtEnd.Value;
}

/// <summary>The peer's new IKE SA of a simultaneous rekey, waiting for the outcome of our own.</summary>
sealed record PeerIkeRekey(EstablishedIkeSa Successor, ExchangeNonces Nonces);
