using System.Collections.Immutable;
using Ipsec.Ike;
using Ipsec.Ike.Associations;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Protection;
using Ipsec.Ike.Wire;

namespace Ipsec.Fuzz;

/// <summary>The peer's side of one IKE SA with the engine: it holds the keys, counts message IDs and reads what it is told.</summary>
/// <param name="local">The SPI that the engine chose.</param>
sealed class Session(Target target, Dice dice, bool targetBegan, ulong local, uint nextRequestId, IkeSuite? suite)
{
    public const ulong PeerSpi = 0x1122334455667788;

    readonly MessageProtection? _protection = suite is null ? null : new MessageProtection(suite, Policy.NewKeys(), isInitiator: !targetBegan, dice);

    /// <summary>Null where the engine has no IKE SA yet.</summary>
    public IkeSa? Sa { get; init; }

    /// <summary>Of our next request.</summary>
    public uint NextRequestId { get; private set; } = nextRequestId;

    /// <summary>The engine's request that is not answered yet.</summary>
    public IkeHeader? Asked { get; private set; }

    /// <summary>What the engine said last, to be thrown back at it.</summary>
    public ImmutableArray<RawPayload> LastSaid { get; private set; } = [];

    /// <summary>What the engine made of the last request.</summary>
    public string Answer { get; private set; } = "";

    public bool IsProtected => _protection is not null;

    public IkeHeader HeaderFor(Sample sample)
    {
        ulong peer = targetBegan && _protection is null && sample.IsRequest ? dice.Next64() : PeerSpi;
        (ulong initiator, ulong responder) = targetBegan ? (local, peer) : (peer, local);
        IkeHeaderFlags flags = targetBegan ? IkeHeaderFlags.None : IkeHeaderFlags.Initiator;
        return sample.IsRequest
            ? new IkeHeader(initiator, responder, sample.Exchange, flags, NextRequestId)
            : new IkeHeader(initiator, responder, sample.Exchange, flags | IkeHeaderFlags.Response, Asked?.MessageId ?? 0);
    }

    /// <summary>The datagrams of a message: one, or its fragments, some of them twice, in disorder or missing.</summary>
    public List<byte[]> Seal(IkeHeader header, List<RawPayload> payloads)
    {
        var message = new IkeMessage(header, [.. payloads.Select(payload => payload.ToPayload())]);
        if (_protection is null || dice.Percent(1))
            return [MessageWriter.Write(message)];
        if (!dice.Percent(6))
            return [_protection.Seal(message)];
        List<byte[]> fragments = [.. _protection.Seal(message, 80 + dice.Next(500))];
        for (int changes = dice.Next(3); changes > 0; changes--)
        {
            int at = dice.Next(fragments.Count);
            byte[] one = fragments[at];
            if (dice.Percent(50))
                fragments.Insert(dice.Next(fragments.Count + 1), one);
            else if (fragments.Count > 1)
                fragments.RemoveAt(at);
        }
        return fragments;
    }

    /// <summary>The message in one piece.</summary>
    public byte[] SealWhole(IkeHeader header, IEnumerable<RawPayload> payloads)
    {
        var message = new IkeMessage(header, [.. payloads.Select(payload => payload.ToPayload())]);
        return _protection is null ? MessageWriter.Write(message) : _protection.Seal(message);
    }

    /// <summary>The engine does not wait for that answer any more.</summary>
    public void ForgetAsked() => Asked = null;

    /// <summary>Reads what the engine has sent.</summary>
    public void Listen()
    {
        Answer = "";
        foreach (ReadOnlyMemory<byte> sent in target.Sent)
        {
            ReadOnlySpan<byte> datagram = sent.Span;
            if (datagram is [0, 0, 0, 0, ..])
                datagram = datagram[4..];
            if (!MessageEnvelope.TryParse(datagram, out IkeHeader header, out MessageEnvelope envelope, out _))
                continue;
            if (header.IsResponse && header.MessageId == NextRequestId)
                NextRequestId++;
            bool isOurs = header.InitiatorSpi == local || header.ResponderSpi == local;
            if (header.IsRequest && isOurs)
                Asked = header;
            if (Read(datagram, envelope) is not ImmutableArray<Payload> said)
                continue;
            LastSaid = [.. said.Select(RawPayload.Of)];
            NotifyPayload? error = said.OfType<NotifyPayload>().FirstOrDefault(notify => notify.IsError);
            Answer += $"{header.Exchange}{(header.IsRequest ? '?' : '!')}{error?.NotifyType} ";
        }
        target.Sent.Clear();
    }

    ImmutableArray<Payload>? Read(ReadOnlySpan<byte> datagram, in MessageEnvelope envelope)
    {
        if (!envelope.IsProtected)
            return MessageReader.TryParse(datagram, out _, out IkeMessage? clear, out _) ? clear.Payloads : null;
        return _protection is not null && !envelope.IsFragment && _protection.TryOpen(envelope, out OpenedMessage? opened)
            && opened.TryParse(out IkeMessage? message, out _) ? message.Payloads : null;
    }
}
