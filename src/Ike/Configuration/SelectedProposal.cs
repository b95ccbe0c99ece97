using System.Collections.Immutable;
using Ipsec.Crypto;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Configuration;

/// <summary>One proposal with one transform of each type left: what was agreed on.</summary>
/// <param name="Number">The proposal's number in the offer.</param>
/// <param name="PeerSpi">The SPI that the other side put into it.</param>
/// <param name="PolicyIndex">Which of our own proposals it matched.</param>
sealed record SelectedProposal(byte Number, ProtocolId Protocol, ReadOnlyMemory<byte> PeerSpi, int PolicyIndex, ImmutableArray<Transform> Transforms)
{
    public IkeSuite ToIkeSuite() => new(Encryption, (PseudorandomFunction)IdOf(TransformType.PseudorandomFunction),
        (IntegrityAlgorithm)IdOf(TransformType.Integrity), (KeyExchangeMethod)IdOf(TransformType.KeyExchange))
    { AdditionalKeyExchanges = new AdditionalKeyExchanges(Transforms) };

    public EspSuite ToEspSuite() => new(Encryption, (IntegrityAlgorithm)IdOf(TransformType.Integrity),
        IdOf(TransformType.ExtendedSequenceNumbers) == 1, (KeyExchangeMethod)IdOf(TransformType.KeyExchange))
    { AdditionalKeyExchanges = new AdditionalKeyExchanges(Transforms) };

    /// <summary>The Security Association payload that answers with this choice (RFC 7296 §3.3.1: under the number of the proposal chosen).</summary>
    public SecurityAssociationPayload ToReply(ReadOnlyMemory<byte> ownSpi) => new([new Proposal(Number, Protocol, ownSpi, Transforms)]);

    EncryptionTransform Encryption
    {
        get
        {
            Transform transform = Transforms.First(transform => transform.Type == TransformType.Encryption);
            return new EncryptionTransform((EncryptionAlgorithm)transform.Id, transform.KeyLength ?? 0);
        }
    }

    // 0 is "none" in every transform type.
    ushort IdOf(TransformType type) => Transforms.FirstOrDefault(transform => transform.Type == type).Id;
}
