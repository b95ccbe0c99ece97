using System.Buffers.Binary;
using Ipsec.Crypto;

namespace Ipsec.Lab.Network;

/// <summary>Draws for what happens by chance on a wire.</summary>
static class Chance
{
    /// <summary>True with the given probability, 0 to 1. Nothing is drawn for a certain outcome.</summary>
    public static bool Happens(this IRandomSource random, double probability) =>
        probability > 0 && (probability >= 1 || random.Fraction() < probability);

    /// <summary>Evenly between minus <paramref name="bound"/> and plus <paramref name="bound"/>.</summary>
    public static TimeSpan Around(this IRandomSource random, TimeSpan bound) =>
        bound == TimeSpan.Zero ? TimeSpan.Zero : TimeSpan.FromTicks((long)((2 * random.Fraction() - 1) * bound.Ticks));

    /// <summary>0 up to but not including 1, with 53 random bits.</summary>
    static double Fraction(this IRandomSource random)
    {
        Span<byte> octets = stackalloc byte[8];
        random.Fill(octets);
        return (BinaryPrimitives.ReadUInt64BigEndian(octets) >> 11) * (1.0 / (1UL << 53));
    }
}
