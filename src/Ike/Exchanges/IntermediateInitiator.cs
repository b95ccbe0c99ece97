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
using Ipsec.Ike.Tasks;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Exchanges;

/// <summary>
/// Between IKE_SA_INIT and IKE_AUTH: one IKE_INTERMEDIATE exchange for each additional key exchange that was agreed on (RFC 9242, RFC 9370 §2.2.2). Without
/// any it hands over at once.
/// </summary>
sealed class IntermediateInitiator : IkeSaState, IChannelOwner
{
    readonly ConnectionRuntime _connection;
    readonly ProtectedChannel _channel;
    readonly InitialMessages _messages;
    readonly Queue<KeyExchangeMethod> _remaining;
    IKeyExchange? _keyExchange;

    /// <param name="channel">Owned from here on.</param>
    public IntermediateInitiator(IkeSa sa, ConnectionRuntime connection, ProtectedChannel channel, InitialMessages messages) : base(sa)
    {
        _connection = connection;
        _channel = channel;
        _messages = messages;
        _remaining = new Queue<KeyExchangeMethod>(channel.Suite.AdditionalKeyExchanges.InOrder);
        channel.HandTo(this);
    }

    /// <summary>The next additional key exchange, or authentication.</summary>
    public void Start(Instant now)
    {
        if (_remaining.TryDequeue(out KeyExchangeMethod method))
        {
            _keyExchange = KeyExchanges.Create(method, Sa.Context.Random);
            _channel.SendRequest(ExchangeType.IkeIntermediate, [new KeyExchangePayload((ushort)method, _keyExchange.PublicValue.ToArray())], [], now);
            return;
        }
        byte[] octets = _channel.EndIntermediate(_channel.NextRequestId);
        var next = new AuthInitiator(Sa, _connection, _channel, _messages with { IntermediateOctets = octets });
        Sa.Become(next);
        next.Start(now);
    }

    public override void HandleDatagram(ReadOnlySpan<byte> datagram, in IkeHeader header, NetworkPath path, Instant now)
    {
        // A late duplicate of the IKE_SA_INIT response is no fault of anybody.
        if (header.Exchange == ExchangeType.IkeSaInit)
            Sa.Context.Counters.Add("unmatched-response");
        else
            _channel.HandleDatagram(datagram, header, path, now);
    }

    void IChannelOwner.HandleRequest(IkeMessage request, MessageKind kind, MessageTrace trace, Instant now)
    {
        // RFC 9242 §3.2: nothing is established yet, and only the initiator begins these exchanges.
        _channel.Reply([new NotifyPayload(NotifyType.InvalidSyntax)], ["no such exchange before authentication"]);
        Fail([Reasons.Known("invalid-syntax", "The peer began an exchange before IKE_AUTH.")], Farewell.AnswerRepeated, now);
    }

    void IChannelOwner.HandleResponse(IkeMessage response, MessageKind kind, MessageTrace trace, Instant now)
    {
        using IKeyExchange keyExchange = _keyExchange!;
        _keyExchange = null;
        if (kind == MessageKind.IntermediateError)
        {
            NotifyType error = response.FindErrorNotify()!.NotifyType;
            ImmutableArray<Reason> refused = [Reasons.Known(Reasons.Code(error), $"The peer answered IKE_INTERMEDIATE with {MessageNames.Notify(error)}.")];
            trace.Note(refused[0].Text);
            Sa.Context.Emit(new NegotiationRefused(ByPeer: true, "IKE_INTERMEDIATE", refused) { Connection = Sa.ConnectionName, IkeSa = Sa.Id });
            Fail(refused, Farewell.None, now);
            return;
        }
        if (response.Find<KeyExchangePayload>() is not { } theirs || theirs.Method != (ushort)keyExchange.Method
            || !keyExchange.TryDeriveSharedSecret(theirs.Data.Span, out Secret? sharedSecret))
        {
            Fail([Reasons.Known("invalid-ke",
                $"The peer's value for the additional key exchange {MessageNames.Group((ushort)keyExchange.Method)} is missing or not acceptable.")],
                Farewell.Delete, now);
            return;
        }
        _channel.UpdateKeys(InitialKeys.DeriveAdditional(Sa, _channel, sharedSecret, _messages));
        trace.Note($"additional key exchange {MessageNames.Group((ushort)keyExchange.Method)}");
        Start(now);
    }

    void IChannelOwner.HandlePeerFault(MessageFault fault, bool inRequest, Instant now) =>
        Fail(Reasons.MalformedByPeer(fault), inRequest ? Farewell.AnswerRepeated : Farewell.Delete, now);

    void IChannelOwner.HandleUnanswered(Instant now) =>
        Fail(Reasons.NotResponding(Sa.Path, "IKE_INTERMEDIATE", Sa.Retransmission.Tries + 1), Farewell.None, now);

    // The response may come through a NAT that shows another address; the request went to the configured one.
    bool IChannelOwner.MayFollow(NetworkPath path) => Sa.Nat.RemoteBehindNat && !Sa.Nat.LocalBehindNat;

    public override void Discard()
    {
        _keyExchange?.Dispose();
        _channel.Dispose();
    }

    void Fail(ImmutableArray<Reason> reasons, Farewell farewell, Instant now)
    {
        _keyExchange?.Dispose();
        IkeSaEnding.Begin(Sa, _channel, farewell, now);
        _connection.Manager.HandleAttemptFailed(_connection, Sa, reasons, now);
    }
}
