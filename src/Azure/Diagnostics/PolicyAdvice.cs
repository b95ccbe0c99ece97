using System.Collections.Immutable;
using Ipsec.Azure.Policies;
using Ipsec.Azure.Resources;
using Ipsec.Ike.Configuration;

namespace Ipsec.Azure.Diagnostics;

/// <summary>Which custom <c>ipsecPolicies</c> element would agree with a device, in ARM's names.</summary>
public static class PolicyAdvice
{
    static readonly ImmutableArray<IkeEncryption> IkeEncryptions =
        [IkeEncryption.AES256, IkeEncryption.AES192, IkeEncryption.AES128, IkeEncryption.GCMAES256, IkeEncryption.GCMAES128, IkeEncryption.DES3];
    static readonly ImmutableArray<IkeIntegrity> IkeIntegrities = [IkeIntegrity.SHA256, IkeIntegrity.SHA384, IkeIntegrity.SHA1];
    static readonly ImmutableArray<DhGroup> Groups = [DhGroup.DHGroup14, DhGroup.ECP384, DhGroup.ECP256, DhGroup.DHGroup2];
    static readonly ImmutableArray<(IpsecEncryption Encryption, IpsecIntegrity Integrity)> Ipsec =
    [
        (IpsecEncryption.GCMAES256, IpsecIntegrity.GCMAES256), (IpsecEncryption.AES256, IpsecIntegrity.SHA256),
        (IpsecEncryption.GCMAES128, IpsecIntegrity.GCMAES128), (IpsecEncryption.AES128, IpsecIntegrity.SHA256),
        (IpsecEncryption.AES256, IpsecIntegrity.SHA1), (IpsecEncryption.AES128, IpsecIntegrity.SHA1), (IpsecEncryption.DES3, IpsecIntegrity.SHA1),
    ];
    static readonly ImmutableArray<PfsGroup> PfsGroups = [PfsGroup.None, PfsGroup.PFS2048, PfsGroup.ECP384, PfsGroup.ECP256, PfsGroup.PFS2];

    /// <summary>"ikeEncryption AES256, ikeIntegrity SHA256, dhGroup DHGroup14"; null if Azure has nothing that the device takes.</summary>
    public static string? ForIke(ImmutableArray<AlgorithmProposal> device)
    {
        var offers = from encryption in IkeEncryptions
                     from integrity in IkeIntegrities
                     from dhGroup in Groups
                     select new MainModeOffer(encryption, integrity, dhGroup);
        foreach (MainModeOffer offer in offers)
        {
            if (PolicyProposals.TryMainMode(offer, out AlgorithmProposal? proposal) && Agree(proposal, device))
                return $"ikeEncryption {offer.Encryption}, ikeIntegrity {offer.Integrity}, dhGroup {offer.Group}";
        }
        return null;
    }

    /// <summary>"ipsecEncryption GCMAES256, ipsecIntegrity GCMAES256, pfsGroup PFS2048"; null if Azure has nothing that the device takes.</summary>
    public static string? ForEsp(ImmutableArray<AlgorithmProposal> device)
    {
        var offers = from pfsGroup in PfsGroups
                     from algorithms in Ipsec
                     select new QuickModeOffer(algorithms.Encryption, algorithms.Integrity, pfsGroup);
        foreach (QuickModeOffer offer in offers)
        {
            if (PolicyProposals.TryQuickMode(offer, DhGroup.DHGroup14, out AlgorithmProposal? proposal) && Agree(proposal, device))
                return $"ipsecEncryption {offer.Encryption}, ipsecIntegrity {offer.Integrity}, pfsGroup {offer.Group}";
        }
        return null;
    }

    static bool Agree(AlgorithmProposal azure, ImmutableArray<AlgorithmProposal> device) =>
        ProposalSelection.Compare([azure], device, withKeyExchange: true) is null;
}
