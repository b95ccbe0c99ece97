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
    IkeMessage? _response;
    MessageTrace? _trace;
    ChildOffer? _offer;
    bool _isAsked;

    /// <param name="channel">Owned from here on.</param>
    public AuthInitiator(IkeSa sa, ConnectionRuntime connection, ProtectedChannel channel, InitialMessages messages) : base(sa)
    {
        _connection = connection;
        _messages = messages;
        _channel = channel;
        channel.HandTo(this);
        _localIdentity = AttemptStarter.LocalIdentity(connection.Configuration, sa.Path.Local.Address);
        _authentication = new SingleRoundInitiator(new AuthenticationSituation(sa, channel.Suite, channel.Keys, messages), connection.Configuration,
            _localIdentity);
    }

    public void Start(Instant now) => _authentication.Begin(HandleRound, now);

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
        _response = response;
        _trace = trace;
        _authentication.Read(response, HandleRound, now);
    }

    void IChannelOwner.HandlePeerFault(MessageFault fault, bool inRequest, Instant now)
    {
        if (!inRequest)
            Fail(Reasons.MalformedByPeer(fault), Farewell.Delete, now);
    }

    void IChannelOwner.HandleUnanswered(Instant now) =>
        Fail(Reasons.NotResponding(Sa.Path, "IKE_AUTH", Sa.Retransmission.Tries + 1), Farewell.None, now);

    // The response may come through a NAT that shows another address; the request went to the configured one.
    bool IChannelOwner.MayFollow(NetworkPath path) => Sa.Nat.RemoteBehindNat && !Sa.Nat.LocalBehindNat;

    /// <summary>Nobody wants it any more. The peer may have set it up already, so it is deleted once the peer has answered.</summary>
    public void Withdraw(Instant now)
    {
        bool isAsked = _channel.IsBusy;
        _authentication.End();
        _offer?.Dispose();
        IkeSaEnding.Begin(Sa, _channel, isAsked ? Farewell.Delete : Farewell.None, now);
    }

    public override void Discard()
    {
        _authentication.End();
        _offer?.Dispose();
        _channel.Dispose();
    }

    void HandleRound(InitiatorRound round, Instant now)
    {
        switch (round)
        {
            case InitiatorRound.Continue next when !_isAsked:
                Ask(next.Payloads, now);
                break;
            case InitiatorRound.Continue next:
                _channel.SendRequest(ExchangeType.IkeAuth, next.Payloads, [], now);
                break;
            case InitiatorRound.Failed failed:
                _trace?.Note(failed.Reasons[0].Text);
                Sa.Context.Emit(new NegotiationRefused(ByPeer: false, "IKE_AUTH", failed.Reasons) { Connection = Sa.ConnectionName, IkeSa = Sa.Id });
                Fail(failed.Reasons, _response is null ? Farewell.None : Farewell.AuthenticationFailed, now);
                break;
            case InitiatorRound.Succeeded succeeded:
                Establish(succeeded, now);
                break;
        }
    }

    void Ask(ImmutableArray<Payload> authentication, Instant now)
    {
        _isAsked = true;
        ChildlessPolicy childless = _connection.Configuration.Childless;
        if (childless == ChildlessPolicy.Force && !Sa.Capabilities.Childless)
        {
            Fail(ChildlessReasons.NotSupported, Farewell.None, now);
            return;
        }
        bool withoutChild = Sa.Capabilities.Childless && childless is ChildlessPolicy.Prefer or ChildlessPolicy.Force;
        string what = "asks for no child SA";
        if (!withoutChild)
        {
            ChildConfiguration child = FirstChild();
            ChildSelectors selectors = _connection.WithTrigger(child, ChildAddresses.BeforeAssignment(Sa, _connection.Configuration).SelectorsOf(child));
            _offer = ChildOffer.ForAuthentication(Sa.Context, child, selectors);
            what = $"asks for {child.Name}: {selectors}";
        }
        if (!withoutChild && _offer is null)
        {
            Fail(Reasons.NoSpi, Farewell.None, now);
            return;
        }
        var situation = new AuthRequestSituation(Sa, _connection, _offer, now);
        _channel.SendRequest(ExchangeType.IkeAuth, [.. authentication, .. AuthTask.All.SelectMany(task => task.Ask(situation))],
            [$"as {_localIdentity}", what], now);
    }

    ChildConfiguration FirstChild() =>
        _connection.WantedInOrder.Select(_connection.FindChild).FirstOrDefault() ?? _connection.Configuration.Children[0];

    void Establish(InitiatorRound.Succeeded succeeded, Instant now)
    {
        _authentication.End();
        ChildOffer? offer = _offer;
        MessageTrace trace = _trace!;
        var ike = new EstablishedIkeSa(Sa, _channel, _connection, _localIdentity, succeeded.Remote, now);
        // They have served their purpose; every IKE SA would keep them for good.
        Sa.Capabilities = Sa.Capabilities with { CertificateAuthorities = default };
        Sa.Become(ike);
        trace.Note(succeeded.Note);
        _connection.Manager.HandleEstablished(ike, now);
        var situation = new AuthAnswerSituation(ike, _response!, _messages, offer, trace, now);
        foreach (AuthTask task in AuthTask.All)
            task.ReadAnswer(situation);
        trace.Note([.. situation.Notes]);
        foreach (AuthTask task in AuthTask.All)
            task.Finish(situation);
        // One that was refused waits for its turn, one that was narrowed is completed.
        ike.ChildUpkeep.Ensure(_connection.WantedInOrder.Where(name => offer?.Configuration is not { } asked || name != asked.Name
            || ike.Children.Parts.IsUp(asked)), now);
    }

    void Fail(ImmutableArray<Reason> reasons, Farewell farewell, Instant now)
    {
        _authentication.End();
        _offer?.Dispose();
        IkeSaEnding.Begin(Sa, _channel, farewell, now);
        _connection.Manager.HandleAttemptFailed(_connection, Sa, reasons, now);
    }
}
