using System.Security.Cryptography;

namespace Ipsec.Crypto;

/// <summary>Draws private values from a random source.</summary>
static class PrivateValue
{
    // The chance of one refusal is below 2^-32 for every group: this many in a row is a broken source.
    const int MostDraws = 16;

    /// <summary>Fills <paramref name="value"/> with a big-endian number from 1 to <paramref name="bound"/> - 1 of the same length.</summary>
    internal static void Draw(IRandomSource random, ReadOnlySpan<byte> bound, Span<byte> value)
    {
        for (int draw = 0; draw < MostDraws; draw++)
        {
            random.Fill(value);
            if (value.IndexOfAnyExcept((byte)0) >= 0 && value.SequenceCompareTo(bound) < 0)
                return;
        }
        throw new CryptographicException("the random source gives no acceptable private value");
    }
}
