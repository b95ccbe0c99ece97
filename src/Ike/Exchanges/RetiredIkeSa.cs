using System.Collections.Immutable;
using Ipsec.Ike.Associations;
using Ipsec.Ike.Delivery;
using Ipsec.Ike.Engine;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Exchanges;

/// <summary>An IKE SA that the peer has rekeyed and now deletes (RFC 7296 §2.8). If it never does, we do.</summary>
sealed class RetiredIkeSa : IkeSaState, IChannelOwner
{
    readonly ProtectedChannel _channel;
    EngineTimer? _timer;

    public RetiredIkeSa(IkeSa sa, ProtectedChannel channel) : base(sa)
    {
        _channel = channel;
        channel.HandTo(this);
    }

    public void Start(Instant now)
    {
        // RFC 7296 §2.8.2: a request of ours that is under way here is forgotten.
        _channel.AbandonRequest();
        // As long as the peer may still be asking for the answer that it needs before it can delete.
        _timer = Sa.Context.Timers.Schedule(now, Sa.Retransmission.TotalTime, at => IkeSaEnding.Begin(Sa, _channel, Farewell.Delete, at));
    }

    public override void HandleDatagram(ReadOnlySpan<byte> datagram, in IkeHeader header, NetworkPath path, Instant now) =>
        _channel.HandleDatagram(datagram, header, path, now);

    void IChannelOwner.HandleRequest(IkeMessage request, MessageKind kind, MessageTrace trace, Instant now)
    {
        ImmutableArray<Payload> reply = kind is MessageKind.InformationalRequest ? [] : [new NotifyPayload(NotifyType.TemporaryFailure)];
        _channel.Reply(reply, []);
        if (request.Payloads.Any(payload => payload is DeletePayload { Protocol: ProtocolId.Ike }))
        {
            Sa.Context.Timers.Cancel(_timer);
            IkeSaEnding.Linger(Sa, _channel, now);
        }
    }

    void IChannelOwner.HandlePeerFault(MessageFault fault, bool inRequest, Instant now)
    {
    }

    bool IChannelOwner.MayFollow(NetworkPath path) => Sa.Nat.RemoteBehindNat && !Sa.Nat.LocalBehindNat;

    public override void Discard()
    {
        Sa.Context.Timers.Cancel(_timer);
        _channel.Dispose();
    }
}
