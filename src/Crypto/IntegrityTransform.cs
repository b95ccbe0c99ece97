using Ipsec.Crypto.Registry;

namespace Ipsec.Crypto;

/// <summary>Lengths of the integrity algorithms; 0 for one that is not known.</summary>
public static class IntegrityTransform
{
    public static int KeyLength(this IntegrityAlgorithm algorithm) => AlgorithmRegistry.Find(algorithm)?.KeyLength ?? 0;

    /// <summary>Octets of the truncated integrity check value on the wire.</summary>
    public static int IcvLength(this IntegrityAlgorithm algorithm) => AlgorithmRegistry.Find(algorithm)?.IcvLength ?? 0;
}
