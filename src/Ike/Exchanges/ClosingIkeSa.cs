using System.Collections.Immutable;
using Ipsec.Ike.Associations;
using Ipsec.Ike.Delivery;
using Ipsec.Ike.Engine;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Exchanges;

/// <summary>
/// An IKE SA that we end: its last request is on its way, or waits for the reply to the one before (the window is one). Its child SAs are
/// gone already.
/// </summary>
sealed class ClosingIkeSa : IkeSaState, IChannelOwner
{
    readonly ProtectedChannel _channel;
    readonly Farewell _farewell;
    readonly UnansweredRekey? _rekey;
    bool _isSent;

    /// <param name="rekey">A rekey of this IKE SA whose answer is awaited.</param>
    public ClosingIkeSa(IkeSa sa, ProtectedChannel channel, Farewell farewell, UnansweredRekey? rekey = null) : base(sa)
    {
        _rekey = rekey;
        _channel = channel;
        _farewell = farewell;
        channel.HandTo(this);
    }

    /// <summary>Takes the place of the state that ends.</summary>
    public void Begin(Instant now)
    {
        Sa.Become(this);
        Start(now);
    }

    void Start(Instant now)
    {
        if (!_channel.IsBusy)
            Send(now);
    }

    public override void HandleDatagram(ReadOnlySpan<byte> datagram, in IkeHeader header, NetworkPath path, Instant now) =>
        _channel.HandleDatagram(datagram, header, path, now);

    void IChannelOwner.HandleRequest(IkeMessage request, MessageKind kind, MessageTrace trace, Instant now)
    {
        bool isDelete = request.Payloads.Any(payload => payload is DeletePayload { Protocol: ProtocolId.Ike });
        // RFC 7296 §2.25.2: a request to close what we are closing is answered as usual, our own is forgotten; §2.25.1, §2.25.2: nothing
        // is rekeyed or created here any more.
        ImmutableArray<Payload> reply = kind is MessageKind.InformationalRequest ? [] : [new NotifyPayload(NotifyType.TemporaryFailure)];
        _channel.Reply(reply, []);
        if (!isDelete)
            return;
        _rekey?.Abandon();
        IkeSaEnding.Linger(Sa, _channel, now);
    }

    void IChannelOwner.HandleResponse(IkeMessage response, MessageKind kind, MessageTrace trace, Instant now)
    {
        // A refused IKE_AUTH leaves the peer nothing that could be deleted.
        if (_isSent || kind == MessageKind.IkeAuthError)
        {
            Finish();
            return;
        }
        _rekey?.Exchange.HandleLateResponse(_rekey.Ike, response, kind, now);
        Send(now);
    }

    void IChannelOwner.HandlePeerFault(MessageFault fault, bool inRequest, Instant now)
    {
        if (inRequest)
            return;
        // What was wrong with the reply to an earlier request does not matter any more: the peer is still owed the DELETE.
        if (_isSent)
            Finish();
        else
            Send(now);
    }

    void IChannelOwner.HandleUnanswered(Instant now) => Finish();

    bool IChannelOwner.MayFollow(NetworkPath path) => Sa.Nat.RemoteBehindNat && !Sa.Nat.LocalBehindNat;

    public override void Discard()
    {
        _rekey?.Abandon();
        _channel.Dispose();
    }

    void Send(Instant now)
    {
        _isSent = true;
        Payload payload = _farewell == Farewell.AuthenticationFailed
            ? new NotifyPayload(NotifyType.AuthenticationFailed)
            : new DeletePayload(ProtocolId.Ike, []);
        _channel.SendRequest(ExchangeType.Informational, [payload], [], now);
    }

    void Finish()
    {
        Discard();
        IkeSaEnding.Remove(Sa);
    }
}

/// <summary>A rekey of ours that was under way when its IKE SA ended.</summary>
sealed record UnansweredRekey(EstablishedIkeSa Ike, RekeyIkeExchange Exchange)
{
    public void Abandon() => Exchange.Abandon(Ike);
}
