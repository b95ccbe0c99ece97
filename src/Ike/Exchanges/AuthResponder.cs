using System.Collections.Immutable;
using Ipsec.Crypto;
using Ipsec.Ike.Associations;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Connections;
using Ipsec.Ike.Delivery;
using Ipsec.Ike.Diagnosis;
using Ipsec.Ike.Engine;
using Ipsec.Ike.KeyDerivation;
using Ipsec.Ike.Outputs;
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
    readonly ImmutableArray<ConnectionConfiguration> _candidates;
    EngineTimer? _timer;

    /// <param name="keys">Owned from here on.</param>
    public AuthResponder(IkeSa sa, IkeSuite suite, IkeKeys keys, InitialMessages messages, ImmutableArray<ConnectionConfiguration> candidates, Instant now) : base(sa)
    {
        _messages = messages;
        _candidates = candidates;
        _channel = new ProtectedChannel(sa, suite, keys, this, nextRequestId: 0, expectedId: 1, now);
    }

    public void Start(Instant now) => _timer = Sa.Context.Timers.Schedule(now, Sa.Context.Options.HalfOpenTimeout, HandleExpiry);

    public override void HandleDatagram(ReadOnlySpan<byte> datagram, in IkeHeader header, NetworkPath path, Instant now) =>
        _channel.HandleDatagram(datagram, header, path, now);

    void IChannelOwner.HandleRequest(IkeMessage request, MessageKind kind, MessageTrace trace, Instant now)
    {
        Sa.Context.HalfOpen.StopAnswering(Sa);
        if (kind != MessageKind.IkeAuthRequest)
        {
            Refuse(Reasons.Known("authentication-failed", kind == MessageKind.IkeAuthEapRequest
                ? "The peer wants to authenticate by EAP, which no connection here offers." : "The peer began another exchange before it authenticated."), now);
            return;
        }
        IdentificationPayload identity = request.Find<IdentificationPayload>(PayloadType.IdentificationInitiator)!;
        AuthenticationPayload received = request.Find<AuthenticationPayload>()!;
        ConnectionChoiceResult choice = ConnectionChoice.Choose(_candidates, Sa.Context.Configuration.PresharedKeys, _channel.Suite, Sa.Path, identity.Identity,
            request.Find<IdentificationPayload>(PayloadType.IdentificationResponder)?.Identity, ChildSelectors.From(request, weInitiate: false),
            key => PresharedKeyAuthentication.Verify(received, PresharedKeyAuthentication.Compute(_channel.Suite.Prf, key, _messages.Request, _messages.NonceR,
                _channel.Keys.SkPi, identity)));
        trace.Note($"as {identity.Identity}");
        switch (choice)
        {
            case ConnectionChoiceResult.Refused refused:
                Refuse(refused.Reason, now);
                break;
            case ConnectionChoiceResult.Chosen chosen:
                Accept(request, identity.Identity, chosen, trace, now);
                break;
        }
    }

    void IChannelOwner.HandleResponse(IkeMessage response, MessageKind kind, MessageTrace trace, Instant now)
    {
    }

    void IChannelOwner.HandlePeerFault(MessageFault fault, bool inRequest, Instant now)
    {
        // RFC 7296 §2.21.2: such a request is rejected in its entirety, and the IKE SA is not created.
        if (inRequest)
            End(Reasons.MalformedByPeer(fault), now);
    }

    void IChannelOwner.HandleUnanswered(Instant now)
    {
    }

    // RFC 7296 §2.23: IKE_AUTH may come from and to another port than IKE_SA_INIT; the responder follows.
    bool IChannelOwner.MayFollow(NetworkPath path) => true;

    void IChannelOwner.HandlePathFollowed(NetworkPath path, Instant now)
    {
    }

    public override void Discard()
    {
        Sa.Context.Timers.Cancel(_timer);
        _channel.Dispose();
    }

    void Accept(IkeMessage request, Identity remote, ConnectionChoiceResult.Chosen chosen, MessageTrace trace, Instant now)
    {
        bool initialContact = request.FindNotify(NotifyType.InitialContact) is not null;
        // A reload may have taken the connection away since IKE_SA_INIT.
        if (!Sa.Context.Connections.TryFind(chosen.Connection.Name, out ConnectionRuntime? connection)
            || !connection.Configuration.Equals(chosen.Connection))
        {
            Refuse(AuthenticationReasons.NotForUs($"Connection {chosen.Connection.Name} has been changed or removed meanwhile."), now);
            return;
        }
        if (DuplicateResolution.IsRefused(connection, chosen.LocalIdentity, remote, Sa.CreatedAt, initialContact))
        {
            Refuse(AuthenticationReasons.Duplicate(remote), now);
            return;
        }
        Sa.Context.Timers.Cancel(_timer);
        Sa.Context.HalfOpen.HandleAuthenticated(Sa);
        Sa.ConnectionName = connection.Name;
        trace.For(Sa);
        var ike = new EstablishedIkeSa(Sa, _channel, connection, chosen.LocalIdentity, remote, now);
        Sa.Become(ike);
        connection.Manager.HandleEstablished(ike, now);

        var identity = new IdentificationPayload(PayloadType.IdentificationResponder, chosen.LocalIdentity);
        byte[] authentication = PresharedKeyAuthentication.Compute(_channel.Suite.Prf, chosen.Key, _messages.Response, _messages.NonceI, _channel.Keys.SkPr, identity);
        List<Payload> payloads = [identity, new AuthenticationPayload(AuthenticationMethod.SharedKeyMessageIntegrityCode, authentication)];
        List<string> notes = [$"for {connection.Name}", "psk ok"];
        AnswerChild(ike, request, payloads, notes, now);
        _channel.Reply([.. payloads], [.. notes]);
        DuplicateResolution.Resolve(ike, initialContact, now);
    }

    /// <summary>RFC 7296 §1.2: a child SA that cannot be made leaves the IKE SA as it is.</summary>
    void AnswerChild(EstablishedIkeSa ike, IkeMessage request, List<Payload> payloads, List<string> notes, Instant now)
    {
        switch (ChildAnswer.To(Sa.Context, request, ike.Connection.Configuration.Children, withKeyExchange: false))
        {
            case ChildAnswer.Grant grant:
                ChildSa child = ike.Children.Install(new ChildSaAgreement(grant.Configuration, grant.Suite, grant.InboundSpi, grant.OutboundSpi, grant.Selectors,
                    null, _messages.NonceI, _messages.NonceR, WeInitiated: false, Replaces: null), now);
                payloads.AddRange(grant.Payloads);
                notes.Add(ChildNotes.Established(child));
                break;
            case ChildAnswer.Refuse refuse:
                payloads.Add(refuse.Error);
                notes.AddRange(refuse.Reasons.Select(reason => reason.Text));
                Sa.Context.Emit(new NegotiationRefused(ByPeer: false, "IKE_AUTH", refuse.Reasons) { Connection = ike.Connection.Name, IkeSa = Sa.Id });
                break;
        }
    }

    /// <summary>One code path and one answer for a wrong key, an unknown identity and everything else (RFC 7296 §2.21.2).</summary>
    void Refuse(Reason reason, Instant now)
    {
        _channel.Reply([new NotifyPayload(NotifyType.AuthenticationFailed)], [reason.Text]);
        Sa.Context.Emit(new NegotiationRefused(ByPeer: false, "IKE_AUTH", [reason]) { Connection = Sa.ConnectionName, IkeSa = Sa.Id });
        Sa.Context.Connections.HandlePeerRefused(Sa.ConnectionName, [reason]);
        End([reason], now);
    }

    void End(ImmutableArray<Reason> reasons, Instant now)
    {
        Sa.Context.Timers.Cancel(_timer);
        IkeSaEnding.Linger(Sa, _channel, now);
        Sa.Context.Emit(new IkeSaClosed(WasEstablished: false, reasons) { Connection = Sa.ConnectionName, IkeSa = Sa.Id });
    }

    void HandleExpiry(Instant now)
    {
        _channel.Dispose();
        IkeSaEnding.Remove(Sa);
        Sa.Context.Counters.Add("half-open-timeout");
        Sa.Context.Emit(new IkeSaClosed(WasEstablished: false, Reasons.HalfOpenExpired) { Connection = Sa.ConnectionName, IkeSa = Sa.Id });
    }
}
