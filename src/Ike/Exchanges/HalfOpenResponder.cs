using System.Collections.Immutable;
using Ipsec.Ike.Associations;
using Ipsec.Ike.Delivery;
using Ipsec.Ike.Diagnosis;
using Ipsec.Ike.Engine;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Exchanges;

/// <summary>
/// A responder whose peer has not authenticated yet: it waits for so long, follows the peer's port, and ends with one refusal that is kept for a repetition.
/// </summary>
abstract class HalfOpenResponder : IkeSaState, IChannelOwner
{
    EngineTimer? _timer;

    /// <param name="channel">Owned from here on.</param>
    protected HalfOpenResponder(IkeSa sa, ProtectedChannel channel) : base(sa)
    {
        Channel = channel;
        channel.HandTo(this);
    }

    protected ProtectedChannel Channel { get; }

    /// <summary>For the events of a refusal.</summary>
    protected abstract string Exchange { get; }

    /// <summary>The time since IKE_SA_INIT counts, however many exchanges there were (RFC 9242 §3.2).</summary>
    public void Start(Instant now) =>
        _timer = Sa.Context.Timers.Schedule(now, Sa.Context.Options.HalfOpenTimeout - (now.Monotonic - Sa.CreatedAt.Monotonic), _ => Expire());

    public override void HandleDatagram(ReadOnlySpan<byte> datagram, in IkeHeader header, NetworkPath path, Instant now) =>
        Channel.HandleDatagram(datagram, header, path, now);

    /// <summary>A request of the peer's; it must be answered (see <see cref="IChannelOwner.HandleRequest"/>).</summary>
    public abstract void HandleRequest(IkeMessage request, MessageKind kind, MessageTrace trace, Instant now);

    void IChannelOwner.HandleRequest(IkeMessage request, MessageKind kind, MessageTrace trace, Instant now)
    {
        Sa.Context.HalfOpen.StopAnswering(Sa);
        HandleRequest(request, kind, trace, now);
    }

    void IChannelOwner.HandlePeerFault(MessageFault fault, bool inRequest, Instant now)
    {
        // RFC 7296 §2.21.2: such a request is rejected in its entirety, and the IKE SA is not created.
        if (inRequest)
            End(Reasons.MalformedByPeer(fault), now);
    }

    // RFC 7296 §2.23, RFC 9242 §3.2: behind a NAT what follows IKE_SA_INIT comes from and to another port; the responder follows.
    bool IChannelOwner.MayFollow(NetworkPath path) => true;

    public override void Discard()
    {
        StopWork();
        Channel.Dispose();
    }

    /// <summary>Nothing is awaited any more.</summary>
    protected virtual void StopWork() => Sa.Context.Timers.Cancel(_timer);

    protected void Refuse(NotifyType error, Reason reason, Instant now)
    {
        Channel.Reply([new NotifyPayload(error)], [reason.Text]);
        Sa.Context.Emit(new NegotiationRefused(ByPeer: false, Exchange, [reason]) { Connection = Sa.ConnectionName, IkeSa = Sa.Id });
        Sa.Context.Connections.HandlePeerRefused(Sa.ConnectionName, [reason]);
        End([reason], now);
    }

    /// <summary>The refusal is kept for a repeated request, and the IKE SA counts as half-open for as long.</summary>
    void End(ImmutableArray<Reason> reasons, Instant now)
    {
        StopWork();
        IkeSaEnding.Linger(Sa, Channel, now);
        Sa.Context.Emit(new IkeSaClosed(WasEstablished: false, reasons) { Connection = Sa.ConnectionName, IkeSa = Sa.Id });
    }

    void Expire()
    {
        Discard();
        IkeSaEnding.Remove(Sa);
        Sa.Context.Counters.Add("half-open-timeout");
        Sa.Context.Emit(new IkeSaClosed(WasEstablished: false, Reasons.HalfOpenExpired) { Connection = Sa.ConnectionName, IkeSa = Sa.Id });
    }
}
