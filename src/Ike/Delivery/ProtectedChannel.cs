using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Ipsec.Ike.Associations;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Engine;
using Ipsec.Ike.KeyDerivation;
using Ipsec.Ike.Protection;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Delivery;

/// <summary>
/// The protected messages of one IKE SA, both ways: message IDs and a window of one (RFC 7296 §2.2, §2.3), retransmission, cached replies,
/// protection, and the two hooks of D3. It owns the keys, and goes from state to state with them.
/// </summary>
sealed class ProtectedChannel : IDisposable
{
    readonly IkeSa _sa;
    readonly MessageProtection _protection;
    readonly ReplyCache _replies;
    IChannelOwner _owner;
    uint _nextRequestId;
    Outstanding? _outstanding;
    PendingReply? _pendingReply;

    /// <param name="nextRequestId">Message ID of our first request: 1 after an IKE_SA_INIT of ours, otherwise 0.</param>
    /// <param name="expectedId">Message ID of the peer's first request.</param>
    public ProtectedChannel(IkeSa sa, IkeSuite suite, IkeKeys keys, IChannelOwner owner, uint nextRequestId, uint expectedId, Instant now)
    {
        _sa = sa;
        Suite = suite;
        Keys = keys;
        _protection = new MessageProtection(suite, keys, sa.IsInitiator, sa.Context.Random);
        _owner = owner;
        _nextRequestId = nextRequestId;
        _replies = new ReplyCache(expectedId);
        LastInbound = now.Monotonic;
    }

    public IkeSuite Suite { get; }
    public IkeKeys Keys { get; }

    /// <summary>A request of ours waits for its reply.</summary>
    public bool IsBusy => _outstanding is not null;

    /// <summary>When the last fresh authenticated message arrived: proof of life (RFC 7296 §2.4).</summary>
    public TimeSpan LastInbound { get; private set; }

    /// <summary>The next state takes delivery.</summary>
    public void HandTo(IChannelOwner owner) => _owner = owner;

    public void SendRequest(ExchangeType exchange, ImmutableArray<Payload> payloads, ImmutableArray<string> notes, Instant now)
    {
        var header = new IkeHeader(_sa.InitiatorSpi, _sa.ResponderSpi, exchange, OwnFlags, _nextRequestId++);
        byte[] datagram = Build(header, payloads, out ImmutableArray<Payload> sent);
        MessageTrace.Begin(_sa.Context, sent: true, header, _sa.Path, sent).For(_sa).Note(notes);
        var retransmission = new Retransmission(_sa.Context, () => _sa.Path, datagram,
            path => MessageTrace.Begin(_sa.Context, sent: true, header, path, sent, isRetransmission: true).For(_sa),
            HandleUnanswered);
        _outstanding = new Outstanding(header, retransmission);
        retransmission.Start(now);
    }

    /// <summary>Answers the request that is being handled, where it came from (RFC 7296 §2.23).</summary>
    public void Reply(ImmutableArray<Payload> payloads, ImmutableArray<string> notes)
    {
        PendingReply pending = _pendingReply ?? throw new InvalidOperationException("There is no request to answer.");
        _pendingReply = null;
        IkeHeaderFlags flags = OwnFlags | IkeHeaderFlags.Response;
        var header = new IkeHeader(_sa.InitiatorSpi, _sa.ResponderSpi, pending.Request.Exchange, flags, pending.Request.MessageId);
        byte[] datagram = Build(header, payloads, out ImmutableArray<Payload> sent);
        _replies.Remember(pending.Datagram, datagram);
        MessageTrace.Begin(_sa.Context, sent: true, header, pending.Path, sent).For(_sa).Note(notes);
        Transmit(pending.Path, datagram);
    }

    /// <summary>Nobody waits for the outstanding reply any more.</summary>
    public void AbandonRequest()
    {
        _outstanding?.Retransmission.Stop();
        _outstanding = null;
    }

    public void HandleDatagram(ReadOnlySpan<byte> datagram, in IkeHeader header, NetworkPath path, Instant now)
    {
        if (!(header.IsRequest ? AdmitRequest(datagram, header, path) : AdmitResponse(header, path)))
            return;
        if (!TryOpen(datagram, out OpenedMessage? opened, out MessageFault fault))
        {
            _sa.Context.CountFault(PeerFaults.Tag(fault.Fault), path);
            return;
        }
        _sa.Context.Hooks?.Incoming(opened.Payloads.Span);
        ExchangeRow? row = null;
        if (opened.TryParse(out IkeMessage? message, out fault))
            ExchangeTable.TryMatch(message, isProtected: true, out row, out fault);
        Accept(datagram, header, path, now);
        if (message is null || row is null)
            HandleFault(header, fault, path, now);
        else
            Deliver(message, row.Kind, path, now);
    }

    /// <summary>What remains when the IKE SA is gone: the last reply, in case the peer did not get it.</summary>
    public ReplyCache Replies => _replies;

    public void Dispose()
    {
        AbandonRequest();
        Keys.Dispose();
    }

    IkeHeaderFlags OwnFlags => _sa.IsInitiator ? IkeHeaderFlags.Initiator : IkeHeaderFlags.None;

    bool AdmitRequest(ReadOnlySpan<byte> datagram, in IkeHeader header, NetworkPath path)
    {
        // RFC 7296 §2.1: this one is being worked on; its answer, once it is there, answers the repetition too.
        if (_pendingReply is not null)
        {
            _sa.Context.Counters.Add("request-under-way");
            return false;
        }
        if (header.MessageId == _replies.ExpectedId)
            return true;
        if (_replies.IsRepetition(header.MessageId))
            RepeatedRequest.Answer(_sa.Context, _replies, datagram, path);
        else
            _sa.Context.CountFault("unexpected-message-id", path);
        return false;
    }

    bool AdmitResponse(in IkeHeader header, NetworkPath path)
    {
        if (_outstanding?.Header is IkeHeader request && request.MessageId == header.MessageId && request.Exchange == header.Exchange)
            return true;
        // Late duplicates of replies are ordinary: our retransmission crossed the first reply.
        _sa.Context.Counters.Add("unmatched-response");
        return false;
    }

    bool TryOpen(ReadOnlySpan<byte> datagram, [NotNullWhen(true)] out OpenedMessage? opened, out MessageFault fault)
    {
        opened = null;
        if (!MessageEnvelope.TryParse(datagram, out _, out MessageEnvelope envelope, out fault))
            return false;
        fault = new MessageFault(envelope.IsProtected ? PeerFault.ProtectionFailed : PeerFault.NotProtected);
        return envelope.IsProtected && _protection.TryOpen(envelope, out opened);
    }

    /// <summary>The message is fresh and authentic, whatever it says.</summary>
    void Accept(ReadOnlySpan<byte> datagram, in IkeHeader header, NetworkPath path, Instant now)
    {
        LastInbound = now.Monotonic;
        if (path != _sa.Path && _owner.MayFollow(path))
        {
            _sa.Path = path;
            _owner.HandlePathFollowed(path, now);
        }
        if (header.IsRequest)
            _pendingReply = new PendingReply(header, datagram.ToArray(), path);
        else
            AbandonRequest();
    }

    void Deliver(IkeMessage message, MessageKind kind, NetworkPath path, Instant now)
    {
        MessageTrace trace = MessageTrace.Begin(_sa.Context, sent: false, message.Header, path, message.Payloads).For(_sa);
        if (message.Header.IsRequest)
            _owner.HandleRequest(message, kind, trace, now);
        else
            _owner.HandleResponse(message, kind, trace, now);
    }

    void HandleFault(in IkeHeader header, MessageFault fault, NetworkPath path, Instant now)
    {
        _sa.Context.CountFault(PeerFaults.Tag(fault.Fault), path);
        if (header.IsRequest)
        {
            NotifyType answer = PeerFaults.Answer(fault.Fault, isAuthenticated: true) ?? NotifyType.InvalidSyntax;
            // RFC 7296 §2.5: this notify names the payload type.
            byte[] data = answer == NotifyType.UnsupportedCriticalPayload ? [(byte)fault.Payload] : [];
            Reply([new NotifyPayload(answer, data)], []);
        }
        _owner.HandlePeerFault(fault, header.IsRequest, now);
    }

    void HandleUnanswered(Instant now)
    {
        _outstanding = null;
        _owner.HandleUnanswered(now);
    }

    /// <summary>An empty array where a hook held the message back: it counts as lost on the way, each time.</summary>
    byte[] Build(in IkeHeader header, ImmutableArray<Payload> payloads, out ImmutableArray<Payload> sent)
    {
        var message = new IkeMessage(header, payloads);
        if (_sa.Context.Hooks is IMessageHooks hooks && hooks.Outgoing(message) is var changed)
        {
            sent = changed?.Payloads ?? payloads;
            return changed is null ? [] : _protection.Seal(changed);
        }
        sent = payloads;
        return _protection.Seal(message);
    }

    void Transmit(NetworkPath path, byte[] datagram) => _sa.Context.Transmit(path, datagram);

    sealed record Outstanding(IkeHeader Header, Retransmission Retransmission);

    sealed record PendingReply(IkeHeader Request, byte[] Datagram, NetworkPath Path);
}
