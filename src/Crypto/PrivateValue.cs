using System.Numerics;
using System.Security.Cryptography;

namespace Ipsec.Crypto;

/// <summary>Draws private values from a random source.</summary>
static class PrivateValue
{
    // A value is refused with a chance below one half for every group: this many in a row is a broken source.
    const int MostDraws = 128;

    /// <summary>
    /// Fills <paramref name="value"/> with a big-endian number from 1 to <paramref name="bound"/> - 1 of the same length, each as likely as
    /// the other: bits above those of the bound are cleared, and what is out of range is drawn again.
    /// </summary>
    internal static void Draw(IRandomSource random, ReadOnlySpan<byte> bound, Span<byte> value)
    {
        byte mask = (byte)((1 << BitOperations.Log2(bound[0]) + 1) - 1);
        for (int draw = 0; draw < MostDraws; draw++)
        {
            random.Fill(value);
            value[0] &= mask;
            if (value.IndexOfAnyExcept((byte)0) >= 0 && value.SequenceCompareTo(bound) < 0)
                return;
        }
        throw new CryptographicException("the random source gives no acceptable private value");
    }
}
