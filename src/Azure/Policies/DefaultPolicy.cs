using System.Collections.Immutable;
using Ipsec.Azure.Resources;

namespace Ipsec.Azure.Policies;

/// <summary>
/// What a route-based gateway offers and accepts without an <c>ipsecPolicies</c> element: Microsoft's "About VPN devices", default
/// IPsec/IKE parameters, in its order.
/// </summary>
static class DefaultPolicy
{
    /// <summary>Seconds; the IKE SA's lifetime cannot be configured.</summary>
    public const int MainModeLifetimeSeconds = 28_800;
    public const int QuickModeLifetimeSeconds = 27_000;
    public const int QuickModeLifetimeKilobytes = 102_400_000;

    /// <summary>Main mode, both roles. The group is 2 everywhere.</summary>
    public static ImmutableArray<MainModeOffer> MainMode { get; } =
    [
        new(IkeEncryption.AES256, IkeIntegrity.SHA1, DhGroup.DHGroup2),
        new(IkeEncryption.AES256, IkeIntegrity.SHA256, DhGroup.DHGroup2),
        new(IkeEncryption.AES128, IkeIntegrity.SHA1, DhGroup.DHGroup2),
        new(IkeEncryption.AES128, IkeIntegrity.SHA256, DhGroup.DHGroup2),
        new(IkeEncryption.DES3, IkeIntegrity.SHA1, DhGroup.DHGroup2),
        new(IkeEncryption.DES3, IkeIntegrity.SHA256, DhGroup.DHGroup2),
    ];

    /// <summary>Quick mode as initiator: never with PFS.</summary>
    public static ImmutableArray<QuickModeOffer> QuickModeInitiator { get; } =
    [
        new(IpsecEncryption.GCMAES256, IpsecIntegrity.GCMAES256, PfsGroup.None),
        new(IpsecEncryption.AES256, IpsecIntegrity.SHA1, PfsGroup.None),
        new(IpsecEncryption.DES3, IpsecIntegrity.SHA1, PfsGroup.None),
        new(IpsecEncryption.AES256, IpsecIntegrity.SHA256, PfsGroup.None),
        new(IpsecEncryption.AES128, IpsecIntegrity.SHA1, PfsGroup.None),
        new(IpsecEncryption.DES3, IpsecIntegrity.SHA256, PfsGroup.None),
    ];

    /// <summary>Quick mode as responder: PFS is the device's choice, within the groups 1, 2, 14 and 24.</summary>
    public static ImmutableArray<QuickModeOffer> QuickModeResponder { get; } =
    [
        new(IpsecEncryption.GCMAES256, IpsecIntegrity.GCMAES256, PfsGroup.None),
        new(IpsecEncryption.AES256, IpsecIntegrity.SHA1, PfsGroup.None),
        new(IpsecEncryption.DES3, IpsecIntegrity.SHA1, PfsGroup.None),
        new(IpsecEncryption.AES256, IpsecIntegrity.SHA256, PfsGroup.None),
        new(IpsecEncryption.AES128, IpsecIntegrity.SHA1, PfsGroup.None),
        new(IpsecEncryption.DES3, IpsecIntegrity.SHA256, PfsGroup.None),
        new(IpsecEncryption.DES, IpsecIntegrity.SHA1, PfsGroup.None),
        new(IpsecEncryption.AES256, IpsecIntegrity.SHA1, PfsGroup.PFS1),
        new(IpsecEncryption.AES256, IpsecIntegrity.SHA1, PfsGroup.PFS2),
        new(IpsecEncryption.AES256, IpsecIntegrity.SHA1, PfsGroup.PFS2048),
        new(IpsecEncryption.AES128, IpsecIntegrity.SHA1, PfsGroup.PFS1),
        new(IpsecEncryption.AES128, IpsecIntegrity.SHA1, PfsGroup.PFS2),
        new(IpsecEncryption.AES128, IpsecIntegrity.SHA1, PfsGroup.PFS2048),
        new(IpsecEncryption.DES3, IpsecIntegrity.SHA1, PfsGroup.PFS1),
        new(IpsecEncryption.DES3, IpsecIntegrity.SHA1, PfsGroup.PFS2),
        new(IpsecEncryption.DES3, IpsecIntegrity.SHA256, PfsGroup.PFS2),
        new(IpsecEncryption.AES256, IpsecIntegrity.SHA256, PfsGroup.PFS1),
        new(IpsecEncryption.AES256, IpsecIntegrity.SHA256, PfsGroup.PFS2),
        new(IpsecEncryption.AES256, IpsecIntegrity.SHA256, PfsGroup.PFS2048),
        new(IpsecEncryption.AES256, IpsecIntegrity.SHA1, PfsGroup.PFS24),
        new(IpsecEncryption.AES256, IpsecIntegrity.SHA256, PfsGroup.PFS24),
        new(IpsecEncryption.AES128, IpsecIntegrity.SHA256, PfsGroup.None),
        new(IpsecEncryption.AES128, IpsecIntegrity.SHA256, PfsGroup.PFS1),
        new(IpsecEncryption.AES128, IpsecIntegrity.SHA256, PfsGroup.PFS2),
        new(IpsecEncryption.AES128, IpsecIntegrity.SHA256, PfsGroup.PFS2048),
        new(IpsecEncryption.DES3, IpsecIntegrity.SHA1, PfsGroup.PFS2048),
    ];
}

/// <summary>A row of the main-mode table.</summary>
readonly record struct MainModeOffer(IkeEncryption Encryption, IkeIntegrity Integrity, DhGroup Group);

/// <summary>A row of a quick-mode table.</summary>
readonly record struct QuickModeOffer(IpsecEncryption Encryption, IpsecIntegrity Integrity, PfsGroup Group);
