using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Ipsec.Crypto.Secrets;

/// <summary>
/// A few kilobytes of pinned memory, so that the garbage collector leaves no copies behind when it compacts, cut into slots of one length.
/// What is not taken is zero.
/// </summary>
/// <param name="pool">Where it lies while a slot is free; null for a slab of one slot that nobody shares.</param>
/// <param name="slotLength">Octets of a slot.</param>
/// <param name="slots">How many.</param>
sealed class SecretSlab(SecretPool? pool, int slotLength, int slots)
{
    readonly byte[] _octets = GC.AllocateArray<byte>(slotLength * slots, pinned: true);
    readonly ulong[] _taken = new ulong[(slots + 63) / 64];

    /// <summary>Slots that are taken.</summary>
    public int Count { get; private set; }

    public bool IsFull => Count == slots;

    /// <summary>Where the pool keeps it; the pool's alone.</summary>
    public int Position { get; set; }

    /// <summary>The beginning of a slot; it stays where it is as long as the slab is referenced.</summary>
    public unsafe byte* Start(int slot) => (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_octets)) + slot * slotLength;

    /// <summary>Clears a slot and gives it back to the pool.</summary>
    public void Free(int slot)
    {
        CryptographicOperations.ZeroMemory(_octets.AsSpan(slot * slotLength, slotLength));
        pool?.Free(this, slot);
    }

    /// <summary>The number of a slot that was free. One must be.</summary>
    public int Mark()
    {
        int word = 0;
        while (_taken[word] == ulong.MaxValue)
            word++;
        int bit = BitOperations.TrailingZeroCount(~_taken[word]);
        _taken[word] |= 1UL << bit;
        Count++;
        return word * 64 + bit;
    }

    public void Unmark(int slot)
    {
        _taken[slot / 64] &= ~(1UL << slot % 64);
        Count--;
    }
}
