using System.Buffers.Binary;
using System.Numerics;
using Ipsec.Crypto;

namespace Ipsec.Simulation;

/// <summary>
/// A repeatable and cheap stream of numbers (xoshiro256**), the same in every process. Also what the endpoints draw from: nothing here is
/// secret.
/// </summary>
sealed class Dice : IRandomSource
{
    ulong _s0, _s1, _s2, _s3;

    public Dice(ulong seed, ulong stream)
    {
        ulong state = seed * 0x9E3779B97F4A7C15UL ^ stream * 0xD1B54A32D192ED03UL;
        _s0 = SplitMix(ref state);
        _s1 = SplitMix(ref state);
        _s2 = SplitMix(ref state);
        _s3 = SplitMix(ref state);
    }

    public ulong Next()
    {
        ulong result = BitOperations.RotateLeft(_s1 * 5, 7) * 9;
        ulong shifted = _s1 << 17;
        _s2 ^= _s0;
        _s3 ^= _s1;
        _s1 ^= _s2;
        _s0 ^= _s3;
        _s2 ^= shifted;
        _s3 = BitOperations.RotateLeft(_s3, 45);
        return result;
    }

    /// <summary>Uniform in [0, 1).</summary>
    public double Fraction() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>0 to <paramref name="count"/> - 1.</summary>
    public int Below(int count) => (int)(Fraction() * count);

    /// <summary>Both ends included.</summary>
    public int Between(int low, int high) => low + Below(high - low + 1);

    public bool Chance(double probability) => Fraction() < probability;

    public T Pick<T>(params ReadOnlySpan<T> choices) => choices[Below(choices.Length)];

    public TimeSpan Between(TimeSpan low, TimeSpan high) => low + (high - low) * Fraction();

    /// <summary>Short ones as often as long ones, by order of magnitude.</summary>
    public TimeSpan LogBetween(TimeSpan low, TimeSpan high) => low * Math.Pow(high / low, Fraction());

    /// <summary>Waiting time of something that happens at random moments.</summary>
    public TimeSpan Exponential(TimeSpan mean) => mean * -Math.Log(1 - Fraction());

    public void Fill(Span<byte> destination)
    {
        for (; destination.Length >= sizeof(ulong); destination = destination[sizeof(ulong)..])
            BinaryPrimitives.WriteUInt64LittleEndian(destination, Next());
        if (destination.IsEmpty)
            return;
        Span<byte> last = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(last, Next());
        last[..destination.Length].CopyTo(destination);
    }

    static ulong SplitMix(ref ulong state)
    {
        state += 0x9E3779B97F4A7C15UL;
        ulong mixed = (state ^ state >> 30) * 0xBF58476D1CE4E5B9UL;
        mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EBUL;
        return mixed ^ mixed >> 31;
    }
}
