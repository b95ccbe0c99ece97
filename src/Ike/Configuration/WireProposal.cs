using System.Collections.Immutable;
using Ipsec.Crypto;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Configuration;

/// <summary>Policy to wire: the transforms that a proposal stands for, in the order of their types and of our preference.</summary>
static class WireProposal
{
    /// <param name="withKeyExchange">
    /// False in IKE_AUTH, whose child SA takes its keys from the IKE SA: the transforms are left out (RFC 7296 §1.2).
    /// </param>
    public static Proposal From(AlgorithmProposal policy, byte number, ReadOnlyMemory<byte> spi, bool withKeyExchange) =>
        new(number, policy.Protocol, spi, Transforms(policy, withKeyExchange));

    /// <summary>The proposals of an offer, numbered from 1.</summary>
    public static SecurityAssociationPayload Offer(ImmutableArray<AlgorithmProposal> policies, ReadOnlyMemory<byte> spi, bool withKeyExchange) =>
        new([.. policies.Select((policy, index) => From(policy, (byte)(index + 1), spi, withKeyExchange))]);

    public static ImmutableArray<Transform> Transforms(AlgorithmProposal policy, bool withKeyExchange)
    {
        ImmutableArray<Transform>.Builder transforms = ImmutableArray.CreateBuilder<Transform>();
        foreach (EncryptionTransform encryption in policy.Encryption)
            transforms.Add(From(encryption));
        foreach (PseudorandomFunction prf in policy.PseudorandomFunctions)
            transforms.Add(new Transform(TransformType.PseudorandomFunction, (ushort)prf));
        foreach (IntegrityAlgorithm integrity in policy.Integrity)
            transforms.Add(new Transform(TransformType.Integrity, (ushort)integrity));
        if (withKeyExchange)
        {
            foreach (KeyExchangeMethod method in policy.KeyExchange)
                transforms.Add(new Transform(TransformType.KeyExchange, (ushort)method));
        }
        foreach (bool extended in policy.ExtendedSequenceNumbers)
            transforms.Add(new Transform(TransformType.ExtendedSequenceNumbers, extended ? (ushort)1 : (ushort)0));
        for (int i = 0; withKeyExchange && i < policy.AdditionalKeyExchanges.Length; i++)
        {
            foreach (KeyExchangeMethod method in policy.AdditionalKeyExchanges[i])
                transforms.Add(new Transform(AdditionalKeyExchanges.TypeOf(i), (ushort)method));
        }
        return transforms.DrainToImmutable();
    }

    // RFC 7296 §3.3.5: Key Length is for ciphers of variable key length, and MUST NOT be there for the others.
    static Transform From(EncryptionTransform encryption) =>
        new(TransformType.Encryption, (ushort)encryption.Algorithm, encryption.KeyBits == 0 ? null : (ushort)encryption.KeyBits);
}
