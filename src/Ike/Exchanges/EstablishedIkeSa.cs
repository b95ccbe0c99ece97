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
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Exchanges;

/// <summary>
/// An authenticated IKE SA. It owns its channel with the keys, its child SAs, the queue of our requests and the timers of its life.
/// What the peer asks for is answered by <see cref="EstablishedResponder"/>.
/// </summary>
sealed class EstablishedIkeSa : IkeSaState, IChannelOwner
{
    readonly EstablishedResponder _responder;
    readonly IkeSaTimers _timers;

    /// <param name="origin">How the first of a row of rekeyed IKE SAs came to be; null for a first one.</param>
    public EstablishedIkeSa(IkeSa sa, ProtectedChannel channel, ConnectionRuntime connection, Identity localIdentity, Identity remoteIdentity, Instant now,
        IkeSaOrigin? origin = null) : base(sa)
    {
        Origin = origin ?? new IkeSaOrigin(sa.IsInitiator, sa.InitiatorSpi, sa.Id, sa.Context.NewestIkeSa,
            Other(connection.ExpectedIdentity(sa.Path.Remote.Address), remoteIdentity));
        Channel = channel;
        Connection = connection;
        LocalIdentity = localIdentity;
        RemoteIdentity = remoteIdentity;
        EstablishedAt = now;
        Mobility = new PeerMobility(this);
        Children = new ChildSlots(this);
        ChildUpkeep = new ChildUpkeep(this);
        Requests = new RequestQueue(this, channel);
        Collision = new IkeRekeyCollision(this);
        Closing = new IkeSaClosing(this);
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
    public ChildUpkeep ChildUpkeep { get; }

    /// <summary>Its addresses, and how they change.</summary>
    public PeerMobility Mobility { get; }
    public RequestQueue Requests { get; }
    public Reauthentication Reauthentication { get; }
    public OutOfStep OutOfStep { get; }
    public IkeRekeyCollision Collision { get; }
    public IkeSaClosing Closing { get; }

    /// <summary>It has taken its place; one that lost a collision never does.</summary>
    public bool HasBegun { get; private set; }

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
    public ChildSa? FindElsewhere(ChildSaAgreement agreement) =>
        Siblings.Select(other => other.Children.FindCurrent(agreement)).FirstOrDefault(child => child is not null);

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

    public TimeSpan? RekeyIn(Instant now) => _timers.RekeyIn(now);

    /// <summary>Takes its place: events, lifetimes, liveness. A redundant one of a collision never gets here.</summary>
    public void Begin(bool isRekey, Instant now)
    {
        Collision.HandleBegun();
        HasBegun = true;
        Sa.Context.Emit(new IkeSaEstablished(Sa.IsInitiator, Channel.Suite, Sa.Path, LocalIdentity.ToString(), RemoteIdentity.ToString(), isRekey)
        { Connection = Connection.Name, IkeSa = Sa.Id });
        _timers.Start(now);
    }

    public override void HandleDatagram(ReadOnlySpan<byte> datagram, in IkeHeader header, NetworkPath path, Instant now) =>
        Channel.HandleDatagram(datagram, header, path, now);

    void IChannelOwner.HandleRequest(IkeMessage request, MessageKind kind, MessageTrace trace, Instant now)
    {
        Collision.HandleRequest(request, now);
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

    /// <summary>A refused rekey is tried again after a while; the hard lifetime ends what cannot be rekeyed.</summary>
    public void RekeyIkeLater(Instant now) => _timers.RekeyLater(now);

    /// <inheritdoc cref="IkeSaClosing.Close"/>
    public void Close(ImmutableArray<Reason> reasons, Farewell farewell, Instant now, ClosureCause cause = ClosureCause.Ourselves) =>
        Closing.Close(reasons, farewell, now, cause);

    public override void Discard()
    {
        StopWork();
        Collision.PeerRekey?.Successor.Discard();
        Channel.Dispose();
    }

    /// <summary>Nothing more is asked, answered later, or done when its time comes.</summary>
    public void StopWork()
    {
        DropPendingGrant();
        _timers.Stop();
        Children.StopTimers();
        Requests.Abandon();
    }

    static Identity? Other(Identity expected, Identity proven) => expected.Equals(proven) ? null : expected;
}
