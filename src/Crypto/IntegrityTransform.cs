namespace Ipsec.Crypto;

/// <summary>Lengths of the integrity algorithms (RFC 2404 §3, RFC 4868 §2.6).</summary>
public static class IntegrityTransform
{
    public static int KeyLength(this IntegrityAlgorithm algorithm) => algorithm switch
    {
        IntegrityAlgorithm.HmacSha1_96 => 20,
        IntegrityAlgorithm.HmacSha256_128 => 32,
        IntegrityAlgorithm.HmacSha384_192 => 48,
        IntegrityAlgorithm.HmacSha512_256 => 64,
        _ => 0,
    };

    /// <summary>Octets of the truncated integrity check value on the wire.</summary>
    public static int IcvLength(this IntegrityAlgorithm algorithm) => algorithm switch
    {
        IntegrityAlgorithm.HmacSha1_96 => 12,
        IntegrityAlgorithm.HmacSha256_128 => 16,
        IntegrityAlgorithm.HmacSha384_192 => 24,
        IntegrityAlgorithm.HmacSha512_256 => 32,
        _ => 0,
    };
}
