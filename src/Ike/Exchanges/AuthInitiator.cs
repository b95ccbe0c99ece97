using System.Collections.Immutable;
using Ipsec.Ike.Associations;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Connections;
using Ipsec.Ike.Delivery;
using Ipsec.Ike.Diagnosis;
using Ipsec.Ike.Engine;
using Ipsec.Ike.KeyDerivation;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.PeerAuthentication;
using Ipsec.Ike.Tasks;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Exchanges;

/// <summary>Authenticates and asks for the first child SA (RFC 7296 §1.2), in as many rounds as the method needs.</summary>
sealed class AuthInitiator : IkeSaState, IChannelOwner
{
    readonly ConnectionRuntime _connection;
    readonly ProtectedChannel _channel;
    readonly InitialMessages _messages;
    readonly Identity _localIdentity;
    readonly InitiatorAuthentication _authentication;
    ChildOffer? _offer;

    /// <param name="keys">Owned from here on.</param>
    public AuthInitiator(IkeSa sa, ConnectionRuntime connection, IkeSuite suite, IkeKeys keys, InitialMessages messages, Instant now) : base(sa)
    {
        _connection = connection;
        _messages = messages;
        _channel = new ProtectedChannel(sa, suite, keys, this, nextRequestId: 1, expectedId: 0, now);
        _localIdentity = AttemptStarter.LocalIdentity(connection.Configuration, sa.Path.Local.Address);
        _authentication = new PresharedKeyInitiator(sa.Context, connection.Configuration, sa.Path.Remote.Address, _localIdentity,
            suite, keys, messages);
    }

    public void Start(Instant now)
    {
        ChildConfiguration child = FirstChild();
        _offer = ChildOffer.ForAuthentication(Sa.Context, child);
        if (_offer is null)
        {
            Fail(Reasons.NoSpi, Farewell.None, now);
            return;
        }
        ImmutableArray<Payload> authentication = _authentication.Begin();
        List<Payload> payloads = [.. authentication, .. _offer.ToPayloads()];
        // RFC 7296 §2.4: after a crash, or at the first start, this tells the peer to forget what it still holds.
        if (_connection.IkeSas.Count == 0)
            payloads.Insert(1, new NotifyPayload(NotifyType.InitialContact));
        var selectors = new ChildSelectors(child.LocalSelectors, child.RemoteSelectors);
        _channel.SendRequest(ExchangeType.IkeAuth, [.. payloads], [$"as {_localIdentity}", $"asks for {child.Name}: {selectors}"], now);
    }

    public override void HandleDatagram(ReadOnlySpan<byte> datagram, in IkeHeader header, NetworkPath path, Instant now)
    {
        // A late duplicate of the IKE_SA_INIT response is no fault of anybody.
        if (header.Exchange == ExchangeType.IkeSaInit)
            Sa.Context.Counters.Add("unmatched-response");
        else
            _channel.HandleDatagram(datagram, header, path, now);
    }

    /// <summary>The peer has authenticated us, and its answer is still on its way: only an end can be understood already.</summary>
    void IChannelOwner.HandleRequest(IkeMessage request, MessageKind kind, MessageTrace trace, Instant now)
    {
        if (request.Payloads.Any(payload => payload is DeletePayload { Protocol: ProtocolId.Ike }))
        {
            _channel.Reply([], []);
            Fail(Reasons.DeletedByPeer, Farewell.AnswerRepeated, now);
            return;
        }
        // RFC 7296 §2.25: the peer will ask again.
        _channel.Reply(kind == MessageKind.InformationalRequest ? [] : [new NotifyPayload(NotifyType.TemporaryFailure)], []);
    }

    void IChannelOwner.HandleResponse(IkeMessage response, MessageKind kind, MessageTrace trace, Instant now)
    {
        if (kind == MessageKind.IkeAuthError)
        {
            ImmutableArray<Reason> reasons = AuthenticationReasons.PeerRefused(response.FindErrorNotify()!, _localIdentity, _connection.Configuration);
            trace.Note(reasons[0].Text);
            Sa.Context.Emit(new NegotiationRefused(ByPeer: true, "IKE_AUTH", reasons) { Connection = Sa.ConnectionName, IkeSa = Sa.Id });
            Fail(reasons, Farewell.None, now);
            return;
        }
        switch (_authentication.Read(response))
        {
            case AuthenticationRound.Continue round:
                _channel.SendRequest(ExchangeType.IkeAuth, round.Payloads, [], now);
                break;
            case AuthenticationRound.Failed failed:
                trace.Note(failed.Reasons[0].Text);
                Sa.Context.Emit(new NegotiationRefused(ByPeer: false, "IKE_AUTH", failed.Reasons) { Connection = Sa.ConnectionName, IkeSa = Sa.Id });
                Fail(failed.Reasons, Farewell.AuthenticationFailed, now);
                break;
            case AuthenticationRound.Succeeded succeeded:
                Establish(response, succeeded, trace, now);
                break;
        }
    }

    void IChannelOwner.HandlePeerFault(MessageFault fault, bool inRequest, Instant now)
    {
        if (!inRequest)
            Fail(Reasons.MalformedByPeer(fault), Farewell.Delete, now);
    }

    void IChannelOwner.HandleUnanswered(Instant now) =>
        Fail(Reasons.NotResponding(Sa.Path, "IKE_AUTH", Sa.Context.Options.RetransmissionTries + 1), Farewell.None, now);

    // The response may come through a NAT that shows another address; the request went to the configured one.
    bool IChannelOwner.MayFollow(NetworkPath path) => Sa.Nat.RemoteBehindNat && !Sa.Nat.LocalBehindNat;

    void IChannelOwner.HandlePathFollowed(NetworkPath path, Instant now)
    {
    }

    /// <summary>Nobody wants it any more. The peer may have set it up already, so it is deleted once the peer has answered.</summary>
    public void Withdraw(Instant now)
    {
        _offer?.Dispose();
        IkeSaEnding.Begin(Sa, _channel, Farewell.Delete, now);
    }

    public override void Discard()
    {
        _offer?.Dispose();
        _channel.Dispose();
    }

    ChildConfiguration FirstChild() =>
        _connection.WantedInOrder.Select(_connection.FindChild).FirstOrDefault() ?? _connection.Configuration.Children[0];

    void Establish(IkeMessage response, AuthenticationRound.Succeeded succeeded, MessageTrace trace, Instant now)
    {
        ChildOffer offer = _offer!;
        var ike = new EstablishedIkeSa(Sa, _channel, _connection, _localIdentity, succeeded.Remote, now);
        Sa.Become(ike);
        trace.Note(succeeded.Note);
        _connection.Manager.HandleEstablished(ike, now);
        ChildOfferResult result = offer.Read(response);
        if (result is ChildOfferResult.Granted granted)
        {
            offer.Use();
            _connection.ChildFailures = 0;
            ChildSa child = ike.Children.Install(new ChildSaAgreement(offer.Configuration, granted.Suite, offer.InboundSpi, granted.OutboundSpi, granted.Selectors,
                null, _messages.NonceI, _messages.NonceR, WeInitiated: true, Replaces: null), now);
            trace.Note(ChildNotes.Established(child));
        }
        else
        {
            ChildFailure.Handle(ike, offer, result, "IKE_AUTH", trace, now);
        }
        offer.Dispose();
        DuplicateResolution.Resolve(ike, initialContact: response.FindNotify(NotifyType.InitialContact) is not null, now);
        ike.EnsureChildren(_connection.WantedInOrder.Where(name => name != offer.Configuration.Name), now);
    }

    void Fail(ImmutableArray<Reason> reasons, Farewell farewell, Instant now)
    {
        _offer?.Dispose();
        IkeSaEnding.Begin(Sa, _channel, farewell, now);
        _connection.Manager.HandleAttemptFailed(_connection, Sa, reasons, now);
    }
}
