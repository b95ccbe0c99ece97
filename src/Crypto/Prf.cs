using System.Security.Cryptography;
using Ipsec.Crypto.OpenSsl;

namespace Ipsec.Crypto;

/// <summary>The pseudorandom functions of IKE and their expansion prf+ (RFC 7296 §2.13).</summary>
public static class Prf
{
    const int LongestOutput = 64;
    const int MostBlocks = 255;

    /// <summary>Octets of output; also the preferred key length (RFC 7296 §2.13). 0 for a function that is not known.</summary>
    public static int OutputLength(this PseudorandomFunction prf) => prf switch
    {
        PseudorandomFunction.HmacSha1 => 20,
        PseudorandomFunction.HmacSha256 => 32,
        PseudorandomFunction.HmacSha384 => 48,
        PseudorandomFunction.HmacSha512 => 64,
        _ => 0,
    };

    /// <summary>prf (K, S) into the first <see cref="OutputLength"/> octets of <paramref name="destination"/>.</summary>
    public static void Compute(PseudorandomFunction prf, ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, Span<byte> destination)
    {
        using HmacContext hmac = HmacDigest.Of(prf).WithKey(key);
        hmac.Append(data);
        hmac.Finish(destination);
    }

    /// <summary>prf+ (K, S) filled to the length of <paramref name="destination"/>, at most 255 blocks.</summary>
    /// <exception cref="ArgumentOutOfRangeException">More than 255 blocks are asked for (RFC 7296 §2.13).</exception>
    public static void Plus(PseudorandomFunction prf, ReadOnlySpan<byte> key, ReadOnlySpan<byte> seed, Span<byte> destination)
    {
        using HmacContext hmac = HmacDigest.Of(prf).WithKey(key);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(destination.Length, MostBlocks * hmac.OutputLength, nameof(destination));

        //  prf+ (K,S) = T1 | T2 | T3 | T4 | ...    T1 = prf (K, S | 0x01)    Tn = prf (K, Tn-1 | S | n)
        Span<byte> block = stackalloc byte[LongestOutput];
        block = block[..hmac.OutputLength];
        for (int number = 1; destination.Length > 0; number++)
        {
            if (number > 1)
            {
                hmac.Reset();
                hmac.Append(block);
            }
            hmac.Append(seed);
            hmac.AppendShort([(byte)number]);
            hmac.Finish(block);
            int count = Math.Min(block.Length, destination.Length);
            block[..count].CopyTo(destination);
            destination = destination[count..];
        }
        CryptographicOperations.ZeroMemory(block);
    }
}
