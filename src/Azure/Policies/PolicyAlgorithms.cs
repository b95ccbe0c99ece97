using System.Collections.Immutable;
using Ipsec.Azure.Resources;
using Ipsec.Crypto;

namespace Ipsec.Azure.Policies;

/// <summary>ARM's algorithm names as transforms. Null is an algorithm that Azure has and this stack has not.</summary>
static class PolicyAlgorithms
{
    public static EncryptionTransform? Encryption(IkeEncryption value) => value switch
    {
        IkeEncryption.DES => new EncryptionTransform(EncryptionAlgorithm.DesCbc, 0),
        IkeEncryption.DES3 => new EncryptionTransform(EncryptionAlgorithm.TripleDesCbc, 0),
        IkeEncryption.AES128 => new EncryptionTransform(EncryptionAlgorithm.AesCbc, 128),
        IkeEncryption.AES192 => new EncryptionTransform(EncryptionAlgorithm.AesCbc, 192),
        IkeEncryption.AES256 => new EncryptionTransform(EncryptionAlgorithm.AesCbc, 256),
        IkeEncryption.GCMAES128 => new EncryptionTransform(EncryptionAlgorithm.AesGcm16, 128),
        IkeEncryption.GCMAES256 => new EncryptionTransform(EncryptionAlgorithm.AesGcm16, 256),
        _ => null,
    };

    public static EncryptionTransform? Encryption(IpsecEncryption value) => value switch
    {
        IpsecEncryption.None => new EncryptionTransform(EncryptionAlgorithm.Null, 0),
        IpsecEncryption.DES => new EncryptionTransform(EncryptionAlgorithm.DesCbc, 0),
        IpsecEncryption.DES3 => new EncryptionTransform(EncryptionAlgorithm.TripleDesCbc, 0),
        IpsecEncryption.AES128 => new EncryptionTransform(EncryptionAlgorithm.AesCbc, 128),
        IpsecEncryption.AES192 => new EncryptionTransform(EncryptionAlgorithm.AesCbc, 192),
        IpsecEncryption.AES256 => new EncryptionTransform(EncryptionAlgorithm.AesCbc, 256),
        IpsecEncryption.GCMAES128 => new EncryptionTransform(EncryptionAlgorithm.AesGcm16, 128),
        IpsecEncryption.GCMAES192 => new EncryptionTransform(EncryptionAlgorithm.AesGcm16, 192),
        IpsecEncryption.GCMAES256 => new EncryptionTransform(EncryptionAlgorithm.AesGcm16, 256),
        _ => null,
    };

    /// <summary>None for the GCM values: a combined-mode algorithm has its own (RFC 5282 §8).</summary>
    public static IntegrityAlgorithm? Integrity(IkeIntegrity value) => value switch
    {
        IkeIntegrity.MD5 => IntegrityAlgorithm.HmacMd5_96,
        IkeIntegrity.SHA1 => IntegrityAlgorithm.HmacSha1_96,
        IkeIntegrity.SHA256 => IntegrityAlgorithm.HmacSha256_128,
        IkeIntegrity.SHA384 => IntegrityAlgorithm.HmacSha384_192,
        IkeIntegrity.GCMAES128 or IkeIntegrity.GCMAES256 => IntegrityAlgorithm.None,
        _ => null,
    };

    /// <summary>None for the GCM values: a combined-mode algorithm has its own (RFC 4106 §3).</summary>
    public static IntegrityAlgorithm? Integrity(IpsecIntegrity value) => value switch
    {
        IpsecIntegrity.MD5 => IntegrityAlgorithm.HmacMd5_96,
        IpsecIntegrity.SHA1 => IntegrityAlgorithm.HmacSha1_96,
        IpsecIntegrity.SHA256 => IntegrityAlgorithm.HmacSha256_128,
        IpsecIntegrity.GCMAES128 or IpsecIntegrity.GCMAES192 or IpsecIntegrity.GCMAES256 => IntegrityAlgorithm.None,
        _ => null,
    };

    /// <summary>
    /// The IKE integrity value is the pseudorandom function too. Which one goes with the GCM values is not documented: SHA-256 and SHA-384
    /// are those of the same strength.
    /// </summary>
    public static PseudorandomFunction? Prf(IkeIntegrity value) => value switch
    {
        IkeIntegrity.MD5 => PseudorandomFunction.HmacMd5,
        IkeIntegrity.SHA1 => PseudorandomFunction.HmacSha1,
        IkeIntegrity.SHA256 or IkeIntegrity.GCMAES128 => PseudorandomFunction.HmacSha256,
        IkeIntegrity.SHA384 or IkeIntegrity.GCMAES256 => PseudorandomFunction.HmacSha384,
        _ => null,
    };

    public static KeyExchangeMethod? KeyExchange(DhGroup value) => value switch
    {
        DhGroup.DHGroup1 => KeyExchangeMethod.Modp768,
        DhGroup.DHGroup2 => KeyExchangeMethod.Modp1024,
        DhGroup.DHGroup14 or DhGroup.DHGroup2048 => KeyExchangeMethod.Modp2048,
        DhGroup.ECP256 => KeyExchangeMethod.Ecp256,
        DhGroup.ECP384 => KeyExchangeMethod.Ecp384,
        DhGroup.DHGroup24 => KeyExchangeMethod.Modp2048Subgroup256,
        _ => null,
    };

    /// <param name="value">PFSMM is read as "the main-mode group" and PFS14 as group 14: the names are Windows', the meaning is not documented.</param>
    /// <param name="mainMode">The policy's <c>dhGroup</c>.</param>
    public static KeyExchangeMethod? KeyExchange(PfsGroup value, DhGroup mainMode) => value switch
    {
        PfsGroup.None => KeyExchangeMethod.None,
        PfsGroup.PFS1 => KeyExchangeMethod.Modp768,
        PfsGroup.PFS2 => KeyExchangeMethod.Modp1024,
        PfsGroup.PFS2048 or PfsGroup.PFS14 => KeyExchangeMethod.Modp2048,
        PfsGroup.ECP256 => KeyExchangeMethod.Ecp256,
        PfsGroup.ECP384 => KeyExchangeMethod.Ecp384,
        PfsGroup.PFS24 => KeyExchangeMethod.Modp2048Subgroup256,
        PfsGroup.PFSMM => KeyExchange(mainMode),
        _ => null,
    };
}
