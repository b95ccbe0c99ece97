using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Ipsec.Crypto;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Engine;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Tasks;

/// <summary>Our half of an IKE SA rekey: SA with the new SPI, Ni, KEi (RFC 7296 §1.3.2). It owns the private value.</summary>
sealed class IkeRekeyOffer(EngineContext context, ImmutableArray<AlgorithmProposal> proposals, KeyExchangeMethod method) : IDisposable
{
    readonly IKeyExchange _keyExchange = KeyExchanges.Create(method, context.Random);

    public ulong Spi { get; } = context.Sas.Promise();
    public byte[] Nonce { get; } = context.NewNonce();

    public ImmutableArray<Payload> ToPayloads() =>
    [
        WireProposal.Offer(proposals, SpiOctets(Spi), withKeyExchange: true),
        new NoncePayload(Nonce),
        new KeyExchangePayload((ushort)_keyExchange.Method, _keyExchange.PublicValue.ToArray()),
    ];

    /// <summary>False where the response is not one to this offer.</summary>
    public bool TryRead(IkeMessage response, [NotNullWhen(true)] out IkeSuite? suite, out ulong peerSpi, [NotNullWhen(true)] out Secret? sharedSecret)
    {
        suite = null;
        peerSpi = 0;
        sharedSecret = null;
        if (!ProposalSelection.TryAcceptReply(proposals, response.Find<SecurityAssociationPayload>()!, withKeyExchange: true, out SelectedProposal? selected))
            return false;
        suite = selected.ToIkeSuite();
        peerSpi = BinaryPrimitives.ReadUInt64BigEndian(selected.PeerSpi.Span);
        KeyExchangePayload theirs = response.Find<KeyExchangePayload>()!;
        return peerSpi != 0 && suite.KeyExchange == _keyExchange.Method && theirs.Method == (ushort)suite.KeyExchange
            && _keyExchange.TryDeriveSharedSecret(theirs.Data.Span, out sharedSecret);
    }

    public void Dispose()
    {
        context.Sas.Forget(Spi);
        _keyExchange.Dispose();
    }

    public static byte[] SpiOctets(ulong spi)
    {
        byte[] octets = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(octets, spi);
        return octets;
    }
}
