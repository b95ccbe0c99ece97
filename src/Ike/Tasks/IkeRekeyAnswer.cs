using System.Buffers.Binary;
using System.Collections.Immutable;
using Ipsec.Crypto;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Diagnosis;
using Ipsec.Ike.Engine;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Tasks;

/// <summary>A responder's answer to the rekey of an IKE SA (RFC 7296 §1.3.2, §2.18).</summary>
abstract record IkeRekeyAnswer
{
    /// <param name="SharedSecret">The receiver disposes it.</param>
    public sealed record Grant(IkeSuite Suite, ulong PeerSpi, ulong OwnSpi, byte[] Nonce, Secret SharedSecret, ImmutableArray<Payload> Payloads)
        : IkeRekeyAnswer;

    public sealed record Refuse(NotifyPayload Error, ImmutableArray<Reason> Reasons) : IkeRekeyAnswer;

    public static IkeRekeyAnswer To(EngineContext context, IkeMessage request, ImmutableArray<AlgorithmProposal> accepted)
    {
        SecurityAssociationPayload offer = request.Find<SecurityAssociationPayload>()!;
        KeyExchangePayload theirs = request.Find<KeyExchangePayload>()!;
        if (!ProposalSelection.TrySelect(accepted, offer.Proposals, withKeyExchange: true, out SelectedProposal? selected, out ProposalMismatch? mismatch))
            return new Refuse(new NotifyPayload(NotifyType.NoProposalChosen), [ProposalReasons.WeRefused(mismatch)]);
        IkeSuite suite = selected.ToIkeSuite();
        if (theirs.Method != (ushort)suite.KeyExchange)
            return new Refuse(InvalidKe.Notify(suite.KeyExchange), [InvalidKe.Reason(theirs.Method, suite.KeyExchange)]);
        ulong peerSpi = BinaryPrimitives.ReadUInt64BigEndian(selected.PeerSpi.Span);
        // RFC 7296 §3.1: an IKE SPI is never zero.
        if (peerSpi == 0
            || !KeyExchanges.TryRespond(suite.KeyExchange, context.Random, theirs.Data.Span, out byte[]? publicValue, out Secret? sharedSecret))
            return new Refuse(new NotifyPayload(NotifyType.InvalidSyntax),
                [Reasons.Known("invalid-ke", "The peer's SPI is zero, or its key exchange value is not acceptable for its group (RFC 6989 §2).")]);
        ulong ownSpi = context.Sas.NewSpi();
        byte[] nonce = context.NewNonce();
        ImmutableArray<Payload> payloads =
        [
            selected.ToReply(IkeRekeyOffer.SpiOctets(ownSpi)),
            new NoncePayload(nonce),
            new KeyExchangePayload((ushort)suite.KeyExchange, publicValue),
        ];
        return new Grant(suite, peerSpi, ownSpi, nonce, sharedSecret, payloads);
    }
}
