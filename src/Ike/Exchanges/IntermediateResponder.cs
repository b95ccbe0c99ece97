using System.Collections.Immutable;
using Ipsec.Crypto;
using Ipsec.Ike.Associations;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Delivery;
using Ipsec.Ike.Diagnosis;
using Ipsec.Ike.Engine;
using Ipsec.Ike.KeyDerivation;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Tasks;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Exchanges;

/// <summary>
/// A half-open IKE SA before IKE_AUTH: answers IKE_INTERMEDIATE (RFC 9242) with the additional key exchanges that were agreed on, in their order (RFC 9370
/// §2.2.2). With the first IKE_AUTH request it hands over.
/// </summary>
sealed class IntermediateResponder : IkeSaState, IChannelOwner
{
    // A bound of ours: seven additional key exchanges, and as many exchanges again for what RFC 9242 may be used for besides.
    const int MaximumExchanges = 2 * AdditionalKeyExchanges.Maximum;

    readonly ProtectedChannel _channel;
    readonly InitialMessages _messages;
    readonly ImmutableArray<ConnectionConfiguration> _candidates;
    readonly Queue<KeyExchangeMethod> _remaining;
    int _exchanges;
    EngineTimer? _timer;

    /// <param name="channel">Owned from here on.</param>
    public IntermediateResponder(IkeSa sa, ProtectedChannel channel, InitialMessages messages, ImmutableArray<ConnectionConfiguration> candidates) : base(sa)
    {
        _channel = channel;
        _messages = messages;
        _candidates = candidates;
        _remaining = new Queue<KeyExchangeMethod>(channel.Suite.AdditionalKeyExchanges.InOrder);
        channel.HandTo(this);
    }

    public void Start(Instant now) => _timer = Sa.Context.Timers.Schedule(now, Sa.Context.Options.HalfOpenTimeout, _ => HalfOpenEnding.Expired(Sa, _channel));

    public override void HandleDatagram(ReadOnlySpan<byte> datagram, in IkeHeader header, NetworkPath path, Instant now) =>
        _channel.HandleDatagram(datagram, header, path, now);

    void IChannelOwner.HandleRequest(IkeMessage request, MessageKind kind, MessageTrace trace, Instant now)
    {
        Sa.Context.HalfOpen.StopAnswering(Sa);
        if (kind == MessageKind.IntermediateRequest && Sa.Capabilities.IntermediateExchange)
            AnswerIntermediate(request, now);
        else if (_remaining.Count == 0)
            HandOver(request, kind, trace, now);
        else
            Refuse("invalid-syntax", "The peer left out an additional key exchange that it had agreed to.", now);
    }

    void IChannelOwner.HandlePeerFault(MessageFault fault, bool inRequest, Instant now)
    {
        // RFC 7296 §2.21.2: such a request is rejected in its entirety, and the IKE SA is not created.
        if (inRequest)
            End(Reasons.MalformedByPeer(fault), now);
    }

    // RFC 9242 §3.2: behind a NAT the first IKE_INTERMEDIATE request comes from and to another port than IKE_SA_INIT; the responder follows.
    bool IChannelOwner.MayFollow(NetworkPath path) => true;

    public override void Discard()
    {
        Sa.Context.Timers.Cancel(_timer);
        _channel.Dispose();
    }

    void AnswerIntermediate(IkeMessage request, Instant now)
    {
        if (++_exchanges > MaximumExchanges)
        {
            Refuse("invalid-syntax", "The peer begins more IKE_INTERMEDIATE exchanges than it can have a use for.", now);
            return;
        }
        // RFC 9242 §3.2: what else it may be used for is for other specifications to say; nothing of it is understood here.
        if (request.Find<KeyExchangePayload>() is not { } theirs)
        {
            _channel.Reply([], []);
            return;
        }
        if (!_remaining.TryDequeue(out KeyExchangeMethod method) || theirs.Method != (ushort)method
            || !KeyExchanges.TryRespond(method, Sa.Context.Random, theirs.Data.Span, out byte[]? value, out Secret? sharedSecret))
        {
            Refuse("invalid-ke", "The peer's KE payload is not for the additional key exchange that was agreed on, or its value is not acceptable.", now);
            return;
        }
        // RFC 9242 §3.3.1: the answer still has the keys with which this exchange began.
        _channel.Reply([new KeyExchangePayload((ushort)method, value)], [$"additional key exchange {MessageNames.Group((ushort)method)}"]);
        _channel.UpdateKeys(InitialKeys.DeriveAdditional(Sa, _channel, sharedSecret, _messages));
    }

    void HandOver(IkeMessage request, MessageKind kind, MessageTrace trace, Instant now)
    {
        Sa.Context.Timers.Cancel(_timer);
        byte[] octets = _channel.EndIntermediate(request.Header.MessageId);
        var next = new AuthResponder(Sa, _channel, _messages with { IntermediateOctets = octets }, _candidates);
        Sa.Become(next);
        next.Start(now);
        ((IChannelOwner)next).HandleRequest(request, kind, trace, now);
    }

    void Refuse(string code, string text, Instant now)
    {
        ImmutableArray<Reason> reasons = [Reasons.Known(code, text)];
        _channel.Reply([new NotifyPayload(NotifyType.InvalidSyntax)], [text]);
        Sa.Context.Emit(new NegotiationRefused(ByPeer: false, "IKE_INTERMEDIATE", reasons) { Connection = Sa.ConnectionName, IkeSa = Sa.Id });
        Sa.Context.Connections.HandlePeerRefused(Sa.ConnectionName, reasons);
        End(reasons, now);
    }

    void End(ImmutableArray<Reason> reasons, Instant now)
    {
        Sa.Context.Timers.Cancel(_timer);
        HalfOpenEnding.Refused(Sa, _channel, reasons, now);
    }
}
