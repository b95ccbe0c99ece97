using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Ipsec.Azure.Resources;
using Ipsec.Crypto;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Wire;

namespace Ipsec.Azure.Policies;

/// <summary>Turns policies into what the IKE engine negotiates: one proposal per row, as Azure puts them on the wire.</summary>
static class PolicyProposals
{
    public static ImmutableArray<AlgorithmProposal> MainMode(IpsecPolicy? policy) => policy is null
        ? Proposals(DefaultPolicy.MainMode)
        : Proposals([new MainModeOffer(policy.IkeEncryption, policy.IkeIntegrity, policy.DhGroup)]);

    public static ImmutableArray<AlgorithmProposal> QuickModeInitiator(IpsecPolicy? policy) => policy is null
        ? Proposals(DefaultPolicy.QuickModeInitiator, DhGroup.DHGroup2)
        : Custom(policy);

    /// <param name="withObsolete">False leaves out what RFC 8221 §5 and RFC 8247 §2.4 say MUST NOT be used, and Azure accepts: single DES and group 1.</param>
    public static ImmutableArray<AlgorithmProposal> QuickModeResponder(IpsecPolicy? policy, bool withObsolete = true) => policy is null
        ? Proposals([.. DefaultPolicy.QuickModeResponder.Where(offer => withObsolete || !IsObsolete(offer))], DhGroup.DHGroup2)
        : Custom(policy);

    public static bool TryMainMode(MainModeOffer offer, [NotNullWhen(true)] out AlgorithmProposal? proposal)
    {
        proposal = null;
        if (PolicyAlgorithms.Encryption(offer.Encryption) is not EncryptionTransform encryption
            || PolicyAlgorithms.Integrity(offer.Integrity) is not IntegrityAlgorithm integrity
            || PolicyAlgorithms.Prf(offer.Integrity) is not PseudorandomFunction prf
            || PolicyAlgorithms.KeyExchange(offer.Group) is not KeyExchangeMethod keyExchange
            || !KeyExchanges.IsSupported(keyExchange))
            return false;
        // RFC 5282 §8: no integrity transform beside a combined-mode algorithm. Azure then uses the integrity value for the PRF only.
        proposal = new AlgorithmProposal(ProtocolId.Ike, [encryption], [prf], encryption.IsCombinedMode ? [] : [integrity], [keyExchange], []);
        return true;
    }

    public static bool TryQuickMode(QuickModeOffer offer, DhGroup mainMode, [NotNullWhen(true)] out AlgorithmProposal? proposal)
    {
        proposal = null;
        if (PolicyAlgorithms.Encryption(offer.Encryption) is not EncryptionTransform encryption
            || PolicyAlgorithms.Integrity(offer.Integrity) is not IntegrityAlgorithm integrity
            || PolicyAlgorithms.KeyExchange(offer.Group, mainMode) is not KeyExchangeMethod keyExchange
            || !PacketCiphers.IsSupported(encryption, integrity)
            || (keyExchange != KeyExchangeMethod.None && !KeyExchanges.IsSupported(keyExchange)))
            return false;
        proposal = new AlgorithmProposal(ProtocolId.Esp, [encryption], [], integrity == IntegrityAlgorithm.None ? [] : [integrity],
            keyExchange == KeyExchangeMethod.None ? [] : [keyExchange], NoExtendedSequenceNumbers);
        return true;
    }

    static bool IsObsolete(QuickModeOffer offer) => offer.Encryption == IpsecEncryption.DES || offer.Group == PfsGroup.PFS1;

    // Azure offers ESN disabled.
    static readonly ImmutableArray<bool> NoExtendedSequenceNumbers = [false];

    static ImmutableArray<AlgorithmProposal> Custom(IpsecPolicy policy) =>
        Proposals([new QuickModeOffer(policy.IpsecEncryption, policy.IpsecIntegrity, policy.PfsGroup)], policy.DhGroup);

    static ImmutableArray<AlgorithmProposal> Proposals(ImmutableArray<MainModeOffer> offers)
    {
        ImmutableArray<AlgorithmProposal>.Builder proposals = ImmutableArray.CreateBuilder<AlgorithmProposal>(offers.Length);
        foreach (MainModeOffer offer in offers)
        {
            if (TryMainMode(offer, out AlgorithmProposal? proposal))
                proposals.Add(proposal);
        }
        return proposals.ToImmutable();
    }

    static ImmutableArray<AlgorithmProposal> Proposals(ImmutableArray<QuickModeOffer> offers, DhGroup mainMode)
    {
        ImmutableArray<AlgorithmProposal>.Builder proposals = ImmutableArray.CreateBuilder<AlgorithmProposal>(offers.Length);
        foreach (QuickModeOffer offer in offers)
        {
            if (TryQuickMode(offer, mainMode, out AlgorithmProposal? proposal))
                proposals.Add(proposal);
        }
        return proposals.ToImmutable();
    }
}
