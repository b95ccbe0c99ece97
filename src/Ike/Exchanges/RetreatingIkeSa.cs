using System.Collections.Immutable;
using Ipsec.Ike.Associations;
using Ipsec.Ike.Delivery;
using Ipsec.Ike.Engine;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Exchanges;

/// <summary>
/// An IKE SA that another one has replaced. A peer may have been told to start again what is closed (strongSwan's close_action), and would do so for each child
/// SA that ends with its IKE SA. So the child SAs go first, what the peer starts instead is refused here for good (NO_ADDITIONAL_SAS, RFC 7296 §1.3), and an
/// IKE SA that has nothing any more is closed.
/// </summary>
/// <param name="childSpis">Our inbound ones; the child SAs are gone here already.</param>
sealed class RetreatingIkeSa(IkeSa sa, ProtectedChannel channel, ImmutableArray<uint> childSpis) : IkeSaState(sa), IChannelOwner
{
    EngineTimer? _timer;
    bool _isSent;

    /// <summary>Takes the place of the state that ends.</summary>
    public void Begin(Instant now)
    {
        channel.HandTo(this);
        Sa.Become(this);
        if (!channel.IsBusy)
            Send(now);
    }

    /// <summary>The rest of it, now.</summary>
    public void Close(Instant now)
    {
        Sa.Context.Timers.Cancel(_timer);
        new ClosingIkeSa(Sa, channel, Farewell.Delete).Begin(now);
    }

    public override void HandleDatagram(ReadOnlySpan<byte> datagram, in IkeHeader header, NetworkPath path, Instant now) =>
        channel.HandleDatagram(datagram, header, path, now);

    void IChannelOwner.HandleRequest(IkeMessage request, MessageKind kind, MessageTrace trace, Instant now)
    {
        channel.Reply(kind switch
        {
            MessageKind.InformationalRequest => [],
            MessageKind.CreateChildRequest => [new NotifyPayload(NotifyType.NoAdditionalSas)],
            _ => [new NotifyPayload(NotifyType.TemporaryFailure)],
        }, []);
        if (!request.Payloads.Any(payload => payload is DeletePayload { Protocol: ProtocolId.Ike }))
            return;
        Sa.Context.Timers.Cancel(_timer);
        IkeSaEnding.Linger(Sa, channel, now);
    }

    void IChannelOwner.HandleResponse(IkeMessage response, MessageKind kind, MessageTrace trace, Instant now) => GoOn(now);

    void IChannelOwner.HandlePeerFault(MessageFault fault, bool inRequest, Instant now)
    {
        if (!inRequest)
            GoOn(now);
    }

    void IChannelOwner.HandleUnanswered(Instant now)
    {
        Discard();
        IkeSaEnding.Remove(Sa);
    }

    bool IChannelOwner.MayFollow(NetworkPath path) => Sa.Nat.RemoteBehindNat && !Sa.Nat.LocalBehindNat;

    public override void Discard()
    {
        Sa.Context.Timers.Cancel(_timer);
        channel.Dispose();
    }

    void GoOn(Instant now)
    {
        if (_isSent)
            // Time for the peer to ask, and to be refused.
            _timer = Sa.Context.Timers.Schedule(now, Sa.Context.Options.ReplacedInboundGrace, Close);
        else
            Send(now);
    }

    void Send(Instant now)
    {
        _isSent = true;
        channel.SendRequest(ExchangeType.Informational, [new DeletePayload(ProtocolId.Esp, childSpis)], [], now);
    }
}
