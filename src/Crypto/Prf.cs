namespace Ipsec.Crypto;

/// <summary>The pseudorandom functions of IKE and their expansion prf+ (RFC 7296 §2.13).</summary>
public static class Prf
{
    /// <summary>Octets of output; also the preferred key length (RFC 7296 §2.13).</summary>
    public static int OutputLength(this PseudorandomFunction prf) => throw new NotImplementedException();

    public static void Compute(PseudorandomFunction prf, ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, Span<byte> destination) =>
        throw new NotImplementedException();

    /// <summary>prf+ (K, S) filled to the length of <paramref name="destination"/>, at most 255 blocks.</summary>
    public static void Plus(PseudorandomFunction prf, ReadOnlySpan<byte> key, ReadOnlySpan<byte> seed, Span<byte> destination) =>
        throw new NotImplementedException();
}
