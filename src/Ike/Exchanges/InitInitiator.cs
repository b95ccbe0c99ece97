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
using Ipsec.Ike.Redirection;
using Ipsec.Ike.Tasks;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Exchanges;

/// <summary>
/// Waits for the IKE_SA_INIT response (RFC 7296 §1.2). Nothing that arrives here is authenticated: only COOKIE and INVALID_KE_PAYLOAD are
/// acted on at once (§2.21.1); another refusal is believed when nothing better comes within the first retransmission pause.
/// </summary>
sealed class InitInitiator : IkeSaState
{
    // RFC 7296 §2.6: the initiator should limit the number of cookie exchanges. Forged answers can cause no more than these.
    const int MaximumRetries = 8;

    // Where certificates are in use (CERTREQ in the answer, 25 octets for one authority) we ask with so many octets more (RFC 7296 §2.10: up to 256): a
    // responder that sends no answer longer than its request need not ask for a cookie first.
    const int LongNonceLength = 64;

    readonly ConnectionRuntime _connection;
    readonly byte[] _nonce;
    readonly List<KeyExchangeMethod> _tried = [];
    IKeyExchange _keyExchange;
    ReadOnlyMemory<byte> _cookie;
    byte[] _request = [];
    Retransmission? _retransmission;
    ImmutableArray<Reason> _refusal = [];
    int _retries;

    public InitInitiator(IkeSa sa, ConnectionRuntime connection) : base(sa)
    {
        _connection = connection;
        _nonce = SignatureHashTask.UsesSignatures(connection.Configuration) ? sa.Context.NewNonce(LongNonceLength) : sa.Context.NewNonce();
        _keyExchange = NewKeyExchange(connection.Configuration.InitiatorProposals[0].KeyExchange[0]);
    }

    ImmutableArray<AlgorithmProposal> Proposals => _connection.Configuration.InitiatorProposals;

    public void Start(Instant now) => Send([], now);

    public override void HandleDatagram(ReadOnlySpan<byte> datagram, in IkeHeader header, NetworkPath path, Instant now)
    {
        if (header.IsRequest || header.Exchange != ExchangeType.IkeSaInit || header.MessageId != 0)
        {
            Sa.Context.CountFault("unexpected-message", path);
            return;
        }
        if (!MessageReader.TryParse(datagram, out _, out IkeMessage? message, out MessageFault fault)
            || !ExchangeTable.TryMatch(message, isProtected: false, out ExchangeRow? row, out fault))
        {
            Sa.Context.CountFault(PeerFaults.Tag(fault.Fault), path);
            return;
        }
        MessageTrace trace = MessageTrace.Begin(Sa.Context, sent: false, header, path, message.Payloads).For(Sa);
        switch (row.Kind)
        {
            case MessageKind.IkeSaInitCookie:
                RetryWithCookie(message, trace, now);
                break;
            case MessageKind.IkeSaInitInvalidKe:
                RetryWithGroup(message, trace, path, now);
                break;
            case MessageKind.IkeSaInitRedirect:
                FollowRedirect(message, trace, path, now);
                break;
            case MessageKind.IkeSaInitError:
                Refuse(message.FindErrorNotify()!, trace, now);
                break;
            case MessageKind.IkeSaInitResponse:
                Proceed(message, datagram, path, trace, now);
                break;
            default:
                Sa.Context.CountFault("unexpected-message", path);
                break;
        }
    }

    public override void Discard()
    {
        _retransmission?.Stop();
        _keyExchange.Dispose();
    }

    void Send(ImmutableArray<string> notes, Instant now)
    {
        _retransmission?.Stop();
        var header = new IkeHeader(Sa.InitiatorSpi, 0, ExchangeType.IkeSaInit, IkeHeaderFlags.Initiator, 0);
        List<Payload> payloads = [];
        // RFC 7296 §2.6: the cookie comes first, everything else stays as it was; §2.6.1: it is returned in every later retry as well.
        if (!_cookie.IsEmpty)
            payloads.Add(new NotifyPayload(NotifyType.Cookie, _cookie));
        payloads.Add(WireProposal.Offer(Proposals, default, withKeyExchange: true));
        payloads.Add(new KeyExchangePayload((ushort)_keyExchange.Method, _keyExchange.PublicValue.ToArray()));
        payloads.Add(new NoncePayload(_nonce));
        payloads.AddRange(SituationOn(Sa.Path).ToPayloads());
        IkeMessage message = ClearMessage.Build(Sa.Context, new IkeMessage(header, [.. payloads]), out _request);
        MessageTrace.Begin(Sa.Context, sent: true, header, Sa.Path, message.Payloads).For(Sa).Note(notes);
        _retransmission = new Retransmission(Sa.Context, Sa.Retransmission, () => Sa.Path, [_request], path => Repeat(message, path), HandleUnanswered);
        _retransmission.Start(now);
    }

    void Repeat(IkeMessage message, NetworkPath path) =>
        MessageTrace.Begin(Sa.Context, sent: true, message.Header, path, message.Payloads, isRetransmission: true).For(Sa);

    void RetryWithCookie(IkeMessage message, MessageTrace trace, Instant now)
    {
        ReadOnlyMemory<byte> cookie = message.FindNotify(NotifyType.Cookie)!.Data;
        if (++_retries > MaximumRetries || cookie.Span.SequenceEqual(_cookie.Span))
            return;
        trace.Note("the peer wants its cookie back before it spends work on us");
        _cookie = cookie;
        Send(["returns the cookie"], now);
    }

    void RetryWithGroup(IkeMessage message, MessageTrace trace, NetworkPath path, Instant now)
    {
        KeyExchangeMethod wanted = InvalidKe.Wanted(message.FindNotify(NotifyType.InvalidKePayload)!);
        string name = MessageNames.Group((ushort)wanted);
        trace.Note($"the peer wants {name}");
        // RFC 7296 §1.2: the group must be one that was offered, and asking for it twice leads nowhere.
        if (++_retries > MaximumRetries || _tried.Contains(wanted) || !Proposals.Any(proposal => proposal.KeyExchange.Contains(wanted)))
        {
            string why = _tried.Contains(wanted) ? "was tried already" : "is not among the groups offered";
            _refusal = [Reasons.Known("invalid-ke-payload", $"The peer asked for {name} in INVALID_KE_PAYLOAD, which {why}.")];
            Sa.Context.CountFault("invalid-ke-group", path);
            _retransmission?.GiveUpSoon(now);
            return;
        }
        _keyExchange.Dispose();
        _keyExchange = NewKeyExchange(wanted);
        Send([$"tries again with {name}"], now);
    }

    /// <summary>RFC 5685 §3: with our own nonce, or it is forged and the wait goes on.</summary>
    void FollowRedirect(IkeMessage message, MessageTrace trace, NetworkPath path, Instant now)
    {
        RedirectTarget? target = RedirectTarget.TryRead(message.FindNotify(NotifyType.Redirect)!.Data.Span, out ReadOnlySpan<byte> nonce);
        if (target is null || !nonce.SequenceEqual(_nonce) || !_connection.Configuration.FollowRedirects)
        {
            Sa.Context.CountFault("invalid-redirect", path);
            return;
        }
        trace.Note($"the peer sends us to {target}");
        bool isFollowed = _connection.TryRedirect(target, Sa.Path.Remote.Address, now);
        Discard();
        Sa.Context.Sas.Remove(Sa);
        _connection.Manager.HandleAttemptFailed(_connection, Sa, isFollowed ? RedirectReasons.To(target) : RedirectReasons.Loop, now);
        if (isFollowed)
            _connection.Manager.HandleRedirected(_connection, now);
    }

    void Refuse(NotifyPayload error, MessageTrace trace, Instant now)
    {
        if (!_refusal.IsEmpty)
            return;
        _refusal = error.NotifyType == NotifyType.NoProposalChosen ? ProposalReasons.PeerRefused(Proposals, "IKE SA")
            : [Reasons.Known(Reasons.Code(error.NotifyType), $"The peer answered IKE_SA_INIT with {MessageNames.Notify(error.NotifyType)}.")];
        trace.Note(_refusal[0].Text);
        Sa.Context.Emit(new NegotiationRefused(ByPeer: true, "IKE_SA_INIT", _refusal) { Connection = Sa.ConnectionName, IkeSa = Sa.Id });
        _retransmission?.GiveUpSoon(now);
    }

    void Proceed(IkeMessage response, ReadOnlySpan<byte> datagram, NetworkPath path, MessageTrace trace, Instant now)
    {
        KeyExchangePayload theirs = response.Find<KeyExchangePayload>()!;
        Secret? sharedSecret = null;
        if (response.Header.ResponderSpi == 0
            || !ProposalSelection.TryAcceptReply(Proposals, response.Find<SecurityAssociationPayload>()!, withKeyExchange: true, out SelectedProposal? selected)
            || selected.ToIkeSuite() is not { } suite || suite.KeyExchange != _keyExchange.Method || theirs.Method != (ushort)suite.KeyExchange
            // RFC 9370 §2.2.2: additional key exchanges take place in IKE_INTERMEDIATE.
            || suite.AdditionalKeyExchanges.InOrder.Any() && response.FindNotify(NotifyType.IntermediateExchangeSupported) is null
            || !_keyExchange.TryDeriveSharedSecret(theirs.Data.Span, out sharedSecret))
        {
            // Not authenticated: the genuine answer may still come (RFC 7296 §2.21.1).
            _refusal = [Reasons.Known("invalid-response", "The IKE_SA_INIT response chose what was not offered, or its key exchange value is not acceptable.")];
            Sa.Context.CountFault("invalid-init-response", path);
            trace.Note("ignored: it chose what was not offered, or its key exchange value is not acceptable");
            return;
        }
        _retransmission!.Stop();
        Sa.ResponderSpi = response.Header.ResponderSpi;
        SituationOn(path).Read(response);
        trace.Note($"chose {ProposalText.Print(suite)}");
        trace.Note(Sa.Nat.ToString());
        byte[] nonceR = response.Find<NoncePayload>()!.Data.ToArray();
        IkeKeys keys = InitialKeys.Derive(Sa, suite, sharedSecret, _nonce, nonceR);
        MoveToNatTraversalPort();
        _keyExchange.Dispose();
        var next = new IntermediateInitiator(Sa, _connection, new ProtectedChannel(Sa, suite, keys, nextRequestId: 1, expectedId: 0, now),
            new InitialMessages(_request, datagram.ToArray(), _nonce, nonceR));
        Sa.Become(next);
        next.Start(now);
    }

    /// <summary>
    /// RFC 7296 §2.23: where there is a NAT, everything from here on goes from and to port 4500; with MOBIKE without one too, because one may appear
    /// (RFC 4555 §3.3).
    /// </summary>
    void MoveToNatTraversalPort()
    {
        bool moves = Sa.Nat.UsesUdpEncapsulation || (_connection.Configuration.Mobike is not null && Sa.Capabilities.NatTraversal);
        if (!moves || Sa.Path.Encapsulation == PathEncapsulation.UdpEncapsulated)
            return;
        Sa.Path = new NetworkPath(Sa.Path.Local with { Port = Sa.Context.Configuration.NatTraversalPort },
            Sa.Path.Remote with { Port = _connection.Configuration.RemoteNatTraversalPort }, PathEncapsulation.UdpEncapsulated);
    }

    void HandleUnanswered(Instant now)
    {
        ImmutableArray<Reason> reasons = _refusal.IsEmpty ? Reasons.NotResponding(Sa.Path, "IKE_SA_INIT", _retransmission!.Transmissions) : _refusal;
        Discard();
        Sa.Context.Sas.Remove(Sa);
        _connection.Manager.HandleAttemptFailed(_connection, Sa, reasons, now);
    }

    InitSituation SituationOn(NetworkPath path) => new(Sa, path, [_connection.Configuration], null);

    IKeyExchange NewKeyExchange(KeyExchangeMethod method)
    {
        _tried.Add(method);
        return KeyExchanges.Create(method, Sa.Context.Random);
    }
}
