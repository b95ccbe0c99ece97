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
sealed class IntermediateResponder : HalfOpenResponder
{
    // A bound of ours: seven additional key exchanges, and as many exchanges again for what RFC 9242 may be used for besides.
    const int MaximumExchanges = 2 * AdditionalKeyExchanges.Maximum;

    readonly InitialMessages _messages;
    readonly ImmutableArray<ConnectionConfiguration> _candidates;
    readonly Queue<KeyExchangeMethod> _remaining;
    int _exchanges;

    /// <param name="channel">Owned from here on.</param>
    public IntermediateResponder(IkeSa sa, ProtectedChannel channel, InitialMessages messages, ImmutableArray<ConnectionConfiguration> candidates)
        : base(sa, channel)
    {
        _messages = messages;
        _candidates = candidates;
        _remaining = new Queue<KeyExchangeMethod>(channel.Suite.AdditionalKeyExchanges.InOrder);
    }

    protected override string Exchange => "IKE_INTERMEDIATE";

    public override void HandleRequest(IkeMessage request, MessageKind kind, MessageTrace trace, Instant now)
    {
        if (kind == MessageKind.IntermediateRequest && Sa.Capabilities.IntermediateExchange)
            AnswerIntermediate(request, now);
        else if (_remaining.Count == 0)
            HandOver(request, kind, trace, now);
        else
            Refuse("invalid-syntax", "The peer left out an additional key exchange that it had agreed to.", now);
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
            Channel.Reply([], []);
            return;
        }
        if (!_remaining.TryDequeue(out KeyExchangeMethod method) || theirs.Method != (ushort)method
            || !KeyExchanges.TryRespond(method, Sa.Context.Random, theirs.Data.Span, out byte[]? value, out Secret? sharedSecret))
        {
            Refuse("invalid-ke", "The peer's KE payload is not for the additional key exchange that was agreed on, or its value is not acceptable.", now);
            return;
        }
        // RFC 9242 §3.3.1: the answer still has the keys with which this exchange began.
        Channel.Reply([new KeyExchangePayload((ushort)method, value)], [$"additional key exchange {MessageNames.Group((ushort)method)}"]);
        Channel.UpdateKeys(InitialKeys.DeriveAdditional(Sa, Channel, sharedSecret, _messages));
    }

    void HandOver(IkeMessage request, MessageKind kind, MessageTrace trace, Instant now)
    {
        StopWork();
        byte[] octets = Channel.EndIntermediate(request.Header.MessageId);
        var next = new AuthResponder(Sa, Channel, _messages with { IntermediateOctets = octets }, _candidates);
        Sa.Become(next);
        next.Start(now);
        next.HandleRequest(request, kind, trace, now);
    }

    void Refuse(string code, string text, Instant now) => Refuse(NotifyType.InvalidSyntax, Reasons.Known(code, text), now);
}
