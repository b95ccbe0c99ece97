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
/// protection, fragmentation (RFC 7383), and the two hooks of D3. It owns the keys, and goes from state to state with them.
/// </summary>
sealed class ProtectedChannel : IDisposable
{
    readonly IkeSa _sa;
    MessageProtection _protection;
    ReplacedKeys? _replaced;
    readonly ReplyCache _replies;
    readonly MessageOpening _opening;
    IChannelOwner? _owner;
    uint _nextRequestId;
    Outstanding? _outstanding;
    PendingReply? _pendingReply;

    /// <param name="nextRequestId">Message ID of our first request: 1 after an IKE_SA_INIT of ours, otherwise 0.</param>
    /// <param name="expectedId">Message ID of the peer's first request.</param>
    public ProtectedChannel(IkeSa sa, IkeSuite suite, IkeKeys keys, uint nextRequestId, uint expectedId, Instant now)
    {
        _sa = sa;
        Suite = suite;
        Keys = keys;
        _protection = new MessageProtection(suite, keys, sa.IsInitiator, sa.Context.Random);
        _opening = new MessageOpening(sa);
        Transcript = new IntermediateTranscript(suite.Prf);
        _nextRequestId = nextRequestId;
        _replies = new ReplyCache(expectedId);
        LastInbound = now.Monotonic;
    }

    public IkeSuite Suite { get; }
    public IkeKeys Keys { get; private set; }

    /// <summary>The IKE_INTERMEDIATE exchanges so far; they end with IKE_AUTH.</summary>
    public IntermediateTranscript? Transcript { get; private set; }

    /// <summary>Message ID of our next request.</summary>
    public uint NextRequestId => _nextRequestId;

    /// <summary>A request of ours waits for its reply.</summary>
    public bool IsBusy => _outstanding is not null;

    /// <summary>When the last fresh authenticated message arrived: proof of life (RFC 7296 §2.4).</summary>
    public TimeSpan LastInbound { get; private set; }

    /// <summary>The path of the last fresh authenticated message.</summary>
    public NetworkPath InboundPath { get; private set; }

    /// <summary>How often the request went out whose reply arrived last.</summary>
    public int Transmissions { get; private set; }

    /// <summary>The request whose reply arrived last went to other paths too (<see cref="Retransmission.WentElsewhere"/>).</summary>
    public bool WentElsewhere { get; private set; }

    IChannelOwner Owner => _owner ?? throw new InvalidOperationException("Nobody takes delivery.");

    /// <summary>The next state takes delivery.</summary>
    public void HandTo(IChannelOwner owner) => _owner = owner;

    /// <summary>Keys for everything from the next exchange on (RFC 9242 §3.3.1, RFC 9370 §2.2.2). They are owned from here on.</summary>
    public void UpdateKeys(IkeKeys keys)
    {
        _replaced?.Keys.Dispose();
        _replaced = null;
        // Only the responder may be asked again for what it answered with the old ones; a half-open IKE SA lasts no longer than its timeout.
        if (_sa.IsInitiator)
            Keys.Dispose();
        else
            _replaced = new ReplacedKeys(Keys, _protection);
        Keys = keys;
        _protection = new MessageProtection(Suite, keys, _sa.IsInitiator, _sa.Context.Random);
    }

    /// <summary>IntAuth for the first IKE_AUTH request with that message ID (RFC 9242 §3.3.2); empty where there was no IKE_INTERMEDIATE exchange.</summary>
    public byte[] EndIntermediate(uint authMessageId)
    {
        byte[] octets = Transcript is { IsEmpty: false } transcript ? transcript.ToOctets(authMessageId) : [];
        Transcript = null;
        return octets;
    }

    public void SendRequest(ExchangeType exchange, ImmutableArray<Payload> payloads, ImmutableArray<string> notes, Instant now)
    {
        var header = new IkeHeader(_sa.InitiatorSpi, _sa.ResponderSpi, exchange, OwnFlags, _nextRequestId++);
        IkeMessage? message = ToSend(new IkeMessage(header, payloads));
        Record(message);
        byte[][] datagrams = Seal(message, FragmentLimit(_sa.Path));
        ImmutableArray<Payload> sent = message?.Payloads ?? payloads;
        MessageTrace.Begin(_sa.Context, sent: true, header, _sa.Path, sent).For(_sa).Note(notes).Note(FragmentNote(datagrams));
        var retransmission = new Retransmission(_sa.Context, _sa.Retransmission, () => _sa.Path, datagrams,
            path => MessageTrace.Begin(_sa.Context, sent: true, header, path, sent, isRetransmission: true).For(_sa),
            HandleUnanswered)
        { Refragment = path => Refragment(message, path), OtherPaths = transmissions => Owner.OtherPaths(transmissions) };
        _outstanding = new Outstanding(header, retransmission);
        retransmission.Start(now);
    }

    /// <summary>The path has changed: what waits for its reply goes out there at once, with all its tries (RFC 4555 §3.5).</summary>
    public void RepeatRequest(Instant now) => _outstanding?.Retransmission.Again(now);

    /// <summary>Answers the request that is being handled, where it came from (RFC 7296 §2.23).</summary>
    public void Reply(ImmutableArray<Payload> payloads, ImmutableArray<string> notes)
    {
        PendingReply pending = _pendingReply ?? throw new InvalidOperationException("There is no request to answer.");
        _pendingReply = null;
        IkeHeaderFlags flags = OwnFlags | IkeHeaderFlags.Response;
        var header = new IkeHeader(_sa.InitiatorSpi, _sa.ResponderSpi, pending.Request.Exchange, flags, pending.Request.MessageId);
        IkeMessage? message = ToSend(new IkeMessage(header, payloads));
        Record(message);
        // RFC 7383 §2.5.1: what came through in fragments says how much goes through.
        byte[][] datagrams = Seal(message, Smaller(FragmentLimit(pending.Path), pending.LargestFragment));
        _replies.Remember(pending.Digest, datagrams);
        MessageTrace.Begin(_sa.Context, sent: true, header, pending.Path, message?.Payloads ?? payloads).For(_sa).Note(notes).Note(FragmentNote(datagrams));
        _sa.Context.Transmit(pending.Path, datagrams);
    }

    /// <summary>Nobody waits for the outstanding reply any more.</summary>
    public void AbandonRequest()
    {
        _outstanding?.Retransmission.Stop();
        _outstanding = null;
        _opening.Clear(isRequest: false);
    }

    public void HandleDatagram(ReadOnlySpan<byte> datagram, in IkeHeader header, NetworkPath path, Instant now)
    {
        if (!MessageEnvelope.TryParse(datagram, out _, out MessageEnvelope envelope, out MessageFault fault))
        {
            _sa.Context.CountFault(PeerFaults.Tag(fault.Fault), path);
            return;
        }
        if (!(header.IsRequest ? AdmitRequest(envelope, path, now) : AdmitResponse(header)))
            return;
        if (!_opening.TryOpen(envelope, _protection, now, out ReassembledMessage? whole, out fault))
        {
            if (fault.Fault != PeerFault.None)
                _sa.Context.CountFault(PeerFaults.Tag(fault.Fault), path);
            return;
        }
        OpenedMessage opened = whole.Message;
        Record(opened);
        _sa.Context.Hooks?.Incoming(opened.Payloads.Span);
        ExchangeRow? row = null;
        if (opened.TryParse(out IkeMessage? message, out fault))
            ExchangeTable.TryMatch(message, isProtected: true, out row, out fault);
        Accept(whole, header, path, now);
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
        _opening.Clear();
        _replaced?.Keys.Dispose();
        Keys.Dispose();
    }

    IkeHeaderFlags OwnFlags => _sa.IsInitiator ? IkeHeaderFlags.Initiator : IkeHeaderFlags.None;

    bool AdmitRequest(in MessageEnvelope envelope, NetworkPath path, Instant now)
    {
        // RFC 7296 §2.1: this one is being worked on; its answer, once it is there, answers the repetition too.
        if (_pendingReply is not null)
        {
            _sa.Context.Counters.Add("request-under-way");
            return false;
        }
        uint messageId = envelope.Header.MessageId;
        if (messageId == _replies.ExpectedId)
            return true;
        if (_replies.IsRepetition(messageId))
            RepeatedRequest.Answer(_sa.Context, _replies, envelope, path, isSame: _replies.IsSame(envelope.Datagram) || IsOtherwiseFragmented(envelope));
        else
            HandleUnexpectedId(envelope, path, now);
        return false;
    }

    /// <summary>
    /// RFC 7296 §2.3: never answered. An older one is a late copy, or a replay; one that is ahead says that the peer counts otherwise, if it is the peer's.
    /// </summary>
    void HandleUnexpectedId(in MessageEnvelope envelope, NetworkPath path, Instant now)
    {
        _sa.Context.CountFault("unexpected-message-id", path);
        if (envelope.Header.MessageId > _replies.ExpectedId && Owner.MayTellMessageId(now) && _protection.TryOpen(envelope, out _))
            Owner.HandleMessageIdAhead(envelope.Header.MessageId, now);
    }

    /// <summary>The first of a finer set of fragments: what was answered already did not get through in its first form (RFC 7383 §2.5.2).</summary>
    bool IsOtherwiseFragmented(in MessageEnvelope envelope) =>
        envelope.FragmentNumber == 1 && _sa.Capabilities.Fragmentation
        && (_replaced?.Protection ?? _protection).TryOpen(envelope, out _);

    bool AdmitResponse(in IkeHeader header)
    {
        if (_outstanding?.Header is IkeHeader request && request.MessageId == header.MessageId && request.Exchange == header.Exchange)
            return true;
        // Late duplicates of replies are ordinary: our retransmission crossed the first reply.
        _sa.Context.Counters.Add("unmatched-response");
        return false;
    }

    /// <summary>The message is fresh and authentic, whatever it says.</summary>
    void Accept(ReassembledMessage message, in IkeHeader header, NetworkPath path, Instant now)
    {
        LastInbound = now.Monotonic;
        InboundPath = path;
        Transmissions = _outstanding?.Retransmission.Transmissions ?? 0;
        WentElsewhere = header.IsResponse && _outstanding?.Retransmission.WentElsewhere == true;
        if (path != _sa.Path && Owner.MayFollow(path))
        {
            _sa.Path = path;
            Owner.HandlePathFollowed(path, now);
        }
        if (header.IsRequest)
        {
            _opening.Clear(isRequest: true);
            _replaced?.Keys.Dispose();
            _replaced = null;
            _pendingReply = new PendingReply(header, message.Digest, message.LargestDatagram, path);
        }
        else
        {
            AbandonRequest();
        }
    }

    void Deliver(IkeMessage message, MessageKind kind, NetworkPath path, Instant now)
    {
        MessageTrace trace = MessageTrace.Begin(_sa.Context, sent: false, message.Header, path, message.Payloads).For(_sa);
        if (message.Header.IsRequest)
            Owner.HandleRequest(message, kind, trace, now);
        else
            Owner.HandleResponse(message, kind, trace, now);
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
        Owner.HandlePeerFault(fault, header.IsRequest, now);
    }

    void HandleUnanswered(Instant now)
    {
        AbandonRequest();
        Owner.HandleUnanswered(now);
    }

    /// <summary>The message as the hook leaves it. Null where it held the message back: it counts as lost on the way, each time.</summary>
    IkeMessage? ToSend(IkeMessage message) => _sa.Context.Hooks is IMessageHooks hooks ? hooks.Outgoing(message) : message;

    /// <summary>IKE_INTERMEDIATE messages count with the keys that protect them (RFC 9242 §3.3.2).</summary>
    void Record(IkeMessage? message)
    {
        if (message?.Header.Exchange == ExchangeType.IkeIntermediate)
            Record(message.Header, MessageProtection.AuthenticatedContent(message));
    }

    void Record(OpenedMessage message)
    {
        if (message.Header.Exchange == ExchangeType.IkeIntermediate)
            Record(message.Header, MessageProtection.AuthenticatedContent(message));
    }

    void Record(in IkeHeader header, byte[] content)
    {
        if (header.IsRequest && header.IsFromInitiator)
            Transcript?.AddRequest(Keys.SkPi, content);
        else if (header.IsResponse && !header.IsFromInitiator)
            Transcript?.AddResponse(Keys.SkPr, content);
    }

    byte[][] Seal(IkeMessage? message, int limit) => message is null ? [] : _protection.Seal(message, limit);

    /// <summary>Octets of the longest message that goes out in one piece; 0 for any.</summary>
    int FragmentLimit(NetworkPath path) =>
        _sa.FragmentSize > 0 && _sa.Capabilities.Fragmentation ? FragmentLength.OfMessage(_sa.FragmentSize, path) : 0;

    static int Smaller(int one, int other) => one == 0 || other == 0 ? Math.Max(one, other) : Math.Min(one, other);

    /// <summary>A smaller size once what was sent does not seem to get through (RFC 7383 §2.5.2); null where it would not make more fragments.</summary>
    byte[][]? Refragment(IkeMessage? message, NetworkPath path)
    {
        int fallback = FragmentLength.Fallback(path);
        if (message is null || _sa.FragmentSize > 0 && fallback >= _sa.FragmentSize || !_sa.Capabilities.Fragmentation)
            return null;
        byte[][] datagrams = _protection.Seal(message, FragmentLength.OfMessage(fallback, path));
        if (datagrams.Length == 1)
            return null;
        _sa.FragmentSize = fallback;
        return datagrams;
    }

    static ImmutableArray<string> FragmentNote(byte[][] datagrams) => datagrams.Length > 1 ? [$"in {datagrams.Length} fragments"] : [];

    sealed record Outstanding(IkeHeader Header, Retransmission Retransmission);

    /// <summary>The keys of the last exchange, as long as its request may still come again in other fragments.</summary>
    sealed record ReplacedKeys(IkeKeys Keys, MessageProtection Protection);

    sealed record PendingReply(IkeHeader Request, UInt128 Digest, int LargestFragment, NetworkPath Path);
}
