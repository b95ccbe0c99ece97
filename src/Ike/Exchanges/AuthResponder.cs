using System.Collections.Immutable;
using Ipsec.Crypto;
using Ipsec.Ike.Associations;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Connections;
using Ipsec.Ike.Delivery;
using Ipsec.Ike.Diagnosis;
using Ipsec.Ike.Engine;
using Ipsec.Ike.KeyDerivation;
using Ipsec.Ike.Mobility;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.PeerAuthentication;
using Ipsec.Ike.Selection;
using Ipsec.Ike.Tasks;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Exchanges;

/// <summary>
/// A half-open IKE SA: the peer has our IKE_SA_INIT response and must now authenticate (RFC 7296 §1.2). Which connection it is for is not known yet (D10).
/// </summary>
sealed class AuthResponder : IkeSaState, IChannelOwner
{
    readonly ProtectedChannel _channel;
    readonly InitialMessages _messages;
    readonly ResponderAuthentication _authentication;
    IkeMessage? _firstRequest;
    MessageTrace? _trace;
    EngineTimer? _timer;

    /// <param name="channel">Owned from here on.</param>
    public AuthResponder(IkeSa sa, ProtectedChannel channel, InitialMessages messages, ImmutableArray<ConnectionConfiguration> candidates) : base(sa)
    {
        _messages = messages;
        _channel = channel;
        channel.HandTo(this);
        _authentication = new SingleRoundResponder(new AuthenticationSituation(sa, channel.Suite, channel.Keys, messages), candidates);
    }

    /// <summary>The time since IKE_SA_INIT counts, however many exchanges there were (RFC 9242 §3.2).</summary>
    public void Start(Instant now) =>
        _timer = Sa.Context.Timers.Schedule(now, Sa.Context.Options.HalfOpenTimeout - (now.Monotonic - Sa.CreatedAt.Monotonic), HandleExpiry);

    public override void HandleDatagram(ReadOnlySpan<byte> datagram, in IkeHeader header, NetworkPath path, Instant now) =>
        _channel.HandleDatagram(datagram, header, path, now);

    void IChannelOwner.HandleRequest(IkeMessage request, MessageKind kind, MessageTrace trace, Instant now)
    {
        Sa.Context.HalfOpen.StopAnswering(Sa);
        _trace = trace;
        if (kind is not (MessageKind.IkeAuthRequest or MessageKind.IkeAuthChildlessRequest or MessageKind.IkeAuthEapRequest))
        {
            Refuse(Reasons.Known("authentication-failed", "The peer began another exchange before it authenticated."), now);
            return;
        }
        _firstRequest ??= request;
        trace.Note($"as {request.Find<IdentificationPayload>(PayloadType.IdentificationInitiator)!.Identity}");
        _authentication.Read(request, HandleRound, now);
    }

    void IChannelOwner.HandlePeerFault(MessageFault fault, bool inRequest, Instant now)
    {
        // RFC 7296 §2.21.2: such a request is rejected in its entirety, and the IKE SA is not created.
        if (inRequest)
            End(Reasons.MalformedByPeer(fault), now);
    }

    // RFC 7296 §2.23: IKE_AUTH may come from and to another port than IKE_SA_INIT; the responder follows.
    bool IChannelOwner.MayFollow(NetworkPath path) => true;

    public override void Discard()
    {
        Sa.Context.Timers.Cancel(_timer);
        _authentication.End();
        _channel.Dispose();
    }

    void HandleRound(ResponderRound round, Instant now)
    {
        switch (round)
        {
            case ResponderRound.Continue next:
                _channel.Reply(next.Payloads, []);
                break;
            case ResponderRound.Refused refused:
                Refuse(refused.Reason, now);
                break;
            case ResponderRound.Succeeded succeeded:
                Accept(succeeded, now);
                break;
        }
    }

    void Accept(ResponderRound.Succeeded succeeded, Instant now)
    {
        IkeMessage request = _firstRequest!;
        bool initialContact = InitialContactTask.IsIn(request);
        // A reload may have taken the connection away since IKE_SA_INIT.
        if (!Sa.Context.Connections.TryFind(succeeded.Connection.Name, out ConnectionRuntime? connection)
            || !connection.Configuration.Equals(succeeded.Connection))
        {
            Refuse(AuthenticationReasons.NotForUs($"Connection {succeeded.Connection.Name} has been changed or removed meanwhile."), now);
            return;
        }
        if (connection.Configuration.Childless == ChildlessPolicy.Never && request.Find<SecurityAssociationPayload>() is null)
        {
            Refuse(ChildlessReasons.NotAllowed(connection.Name), now);
            return;
        }
        if (DuplicateResolution.IsRefused(connection, succeeded.Local, succeeded.Remote, Sa, initialContact))
        {
            Refuse(AuthenticationReasons.Duplicate(succeeded.Remote), now);
            return;
        }
        if (MobikeTask.IsUnexpectedlyTranslated(connection.Configuration, request, _channel.InboundPath))
        {
            Refuse(MobilityReasons.NatInAuthentication, now, NotifyType.UnexpectedNatDetected);
            return;
        }
        _authentication.End();
        Sa.Context.Timers.Cancel(_timer);
        Sa.Context.HalfOpen.HandleAuthenticated(Sa);
        Sa.ConnectionName = connection.Name;
        Sa.Retransmission = connection.Configuration.Retransmission;
        MessageTrace trace = _trace!.For(Sa);
        var ike = new EstablishedIkeSa(Sa, _channel, connection, succeeded.Local, succeeded.Remote, now);
        // They have served their purpose; every IKE SA would keep them for good.
        Sa.Capabilities = Sa.Capabilities with { CertificateAuthorities = default };
        Sa.Become(ike);
        connection.Manager.HandleEstablished(ike, now);

        var situation = new AuthAnswerSituation(ike, request, _messages, Offer: null, trace, now);
        ImmutableArray<Payload> payloads = [.. succeeded.Payloads, .. AuthTask.All.SelectMany(task => task.Answer(situation))];
        _channel.Reply(payloads, [$"for {connection.Name}", succeeded.Note, .. situation.Notes]);
        foreach (AuthTask task in AuthTask.All)
            task.Finish(situation);
    }

    /// <summary>One code path and one answer for a wrong key, an unknown identity and everything else (RFC 7296 §2.21.2).</summary>
    /// <param name="error">Another one only for a peer that is authenticated.</param>
    void Refuse(Reason reason, Instant now, NotifyType error = NotifyType.AuthenticationFailed)
    {
        _channel.Reply([new NotifyPayload(error)], [reason.Text]);
        Sa.Context.Emit(new NegotiationRefused(ByPeer: false, "IKE_AUTH", [reason]) { Connection = Sa.ConnectionName, IkeSa = Sa.Id });
        Sa.Context.Connections.HandlePeerRefused(Sa.ConnectionName, [reason]);
        End([reason], now);
    }

    void End(ImmutableArray<Reason> reasons, Instant now)
    {
        _authentication.End();
        Sa.Context.Timers.Cancel(_timer);
        HalfOpenEnding.Refused(Sa, _channel, reasons, now);
    }

    void HandleExpiry(Instant now)
    {
        _authentication.End();
        HalfOpenEnding.Expired(Sa, _channel);
    }
}
