using System.Security.Cryptography;
using Ipsec.Crypto.Registry;

namespace Ipsec.Crypto;

/// <summary>The pseudorandom functions of IKE and their expansion prf+ (RFC 7296 §2.13).</summary>
public static class Prf
{
    const int MostBlocks = 255;

    /// <summary>Octets of output; also the preferred key length (RFC 7296 §2.13). 0 for a function that is not known.</summary>
    public static int OutputLength(this PseudorandomFunction prf) => AlgorithmRegistry.Find(prf)?.OutputLength ?? 0;

    /// <summary>prf (K, S) into the first <see cref="OutputLength"/> octets of <paramref name="destination"/>.</summary>
    public static void Compute(PseudorandomFunction prf, ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, Span<byte> destination)
    {
        using MacContext mac = Macs.Create(prf, key);
        mac.Append(data);
        mac.Finish(destination);
    }

    /// <summary>prf+ (K, S) filled to the length of <paramref name="destination"/>, at most 255 blocks.</summary>
    /// <exception cref="ArgumentOutOfRangeException">More than 255 blocks are asked for (RFC 7296 §2.13).</exception>
    public static void Plus(PseudorandomFunction prf, ReadOnlySpan<byte> key, ReadOnlySpan<byte> seed, Span<byte> destination)
    {
        using MacContext mac = Macs.Create(prf, key);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(destination.Length, MostBlocks * mac.OutputLength, nameof(destination));

        //  prf+ (K,S) = T1 | T2 | T3 | T4 | ...    T1 = prf (K, S | 0x01)    Tn = prf (K, Tn-1 | S | n)
        Span<byte> block = stackalloc byte[MacContext.LongestCode];
        block = block[..mac.OutputLength];
        for (int number = 1; destination.Length > 0; number++)
        {
            if (number > 1)
            {
                mac.Reset();
                mac.Append(block);
            }
            mac.Append(seed);
            mac.AppendShort([(byte)number]);
            mac.Finish(block);
            int count = Math.Min(block.Length, destination.Length);
            block[..count].CopyTo(destination);
            destination = destination[count..];
        }
        CryptographicOperations.ZeroMemory(block);
    }
}
