using System.Buffers.Binary;
using Ipsec.Crypto;

namespace Ipsec.Fuzz;

/// <summary>SplitMix64: as fast as a fuzzer needs it, and the same for the same seed everywhere.</summary>
sealed class Dice(ulong seed) : IRandomSource
{
    ulong _state = seed;

    public ulong Next64()
    {
        ulong mixed = _state += 0x9E3779B97F4A7C15;
        mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB;
        return mixed ^ mixed >> 31;
    }

    /// <summary>0 to <paramref name="bound"/> - 1.</summary>
    public int Next(int bound) => (int)((Next64() >> 32) * (ulong)bound >> 32);

    public bool Percent(int chance) => Next(100) < chance;

    public T Of<T>(IReadOnlyList<T> list) => list[Next(list.Count)];

    public void Fill(Span<byte> destination)
    {
        Span<byte> word = stackalloc byte[8];
        while (destination.Length > 0)
        {
            BinaryPrimitives.WriteUInt64BigEndian(word, Next64());
            int count = Math.Min(word.Length, destination.Length);
            word[..count].CopyTo(destination);
            destination = destination[count..];
        }
    }
}
