using Ipsec.Crypto;
using Ipsec.Ike.KeyDerivation;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Protection;
using Ipsec.Ike.Wire;
using Ipsec.Net;
using Ipsec.Tests.Support;

namespace Ipsec.Ike.Tests.Engines.Adversarial;

/// <summary>
/// Speaks to B in the place of A, with the real keys of their IKE SA, and says what it likes: what a peer does that is authenticated
/// and hostile.
/// </summary>
sealed class ByzantinePeer : IDisposable
{
    /// <summary>Between the two, without NAT, as B sees it.</summary>
    public static readonly NetworkPath PathToB = new(new TransportAddress(Connections.AddressB, 500), new TransportAddress(Connections.AddressA, 500),
        PathEncapsulation.Ike);

    readonly EnginePair _pair;
    readonly IkeKeys _keys;
    readonly MessageProtection _protection;

    /// <param name="nextMessageId">Of the request that B expects next.</param>
    public ByzantinePeer(EnginePair pair, uint nextMessageId)
    {
        _pair = pair;
        NextMessageId = nextMessageId;
        IkeKeysDerived derived = pair.B.Of<IkeKeysDerived>().Last();
        InitiatorSpi = derived.InitiatorSpi;
        ResponderSpi = derived.ResponderSpi;
        _keys = new IkeKeys
        {
            SkD = new Secret([]),
            SkPi = new Secret([]),
            SkPr = new Secret([]),
            SkEi = derived.EncryptionInitiator.Clone(),
            SkEr = derived.EncryptionResponder.Clone(),
            SkAi = derived.IntegrityInitiator.Clone(),
            SkAr = derived.IntegrityResponder.Clone(),
        };
        _protection = new MessageProtection(derived.Suite, _keys, isInitiator: true, new SeededRandomSource(99));
    }

    public ulong InitiatorSpi { get; }
    public ulong ResponderSpi { get; }
    public uint NextMessageId { get; set; }

    public IkeHeader Header(ExchangeType exchange, IkeHeaderFlags flags = IkeHeaderFlags.Initiator) =>
        new(InitiatorSpi, ResponderSpi, exchange, flags, NextMessageId);

    public byte[] Seal(IkeMessage message) => _protection.Seal(message);

    /// <summary>Sends the request under the next message ID and opens what B answers; null is silence.</summary>
    public IkeMessage? Ask(ExchangeType exchange, params Payload[] payloads)
    {
        IkeMessage? answer = Send(Seal(new IkeMessage(Header(exchange), [.. payloads])));
        if (answer is not null)
        {
            Assert.Equal((NextMessageId, exchange, IkeHeaderFlags.Response), (answer.Header.MessageId, answer.Header.Exchange, answer.Header.Flags));
            NextMessageId++;
        }
        return answer;
    }

    /// <summary>Sends octets as they are; the answer, opened, or null.</summary>
    public IkeMessage? Send(byte[] datagram)
    {
        int before = _pair.Datagrams.Count;
        _pair.Inject(_pair.B, datagram, PathToB);
        foreach (byte[] sent in _pair.Datagrams.Skip(before))
        {
            Assert.True(MessageEnvelope.TryParse(sent, out IkeHeader header, out MessageEnvelope envelope, out _));
            if (!header.IsResponse || !envelope.IsProtected)
                continue;
            Assert.True(_protection.TryOpen(envelope, out OpenedMessage? opened));
            Assert.True(opened.TryParse(out IkeMessage? message, out MessageFault fault), fault.ToString());
            return message;
        }
        return null;
    }

    public void Dispose() => _keys.Dispose();
}
