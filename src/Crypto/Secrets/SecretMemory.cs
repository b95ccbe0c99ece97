namespace Ipsec.Crypto.Secrets;

/// <summary>
/// Where secrets lie: slots of a few lengths in slabs, because the pinned heap searches its free list for every single array, which takes most
/// of a processor's time once thousands of endpoints keep their keys there.
/// </summary>
static class SecretMemory
{
    /// <summary>A secret's slot is the shortest that it fits into: at most half of it is not used, from 16 octets.</summary>
    static readonly int[] SlotLengths = [16, 32, 48, 64, 128, 256, 512, 1024];

    static readonly SecretPool[] Pools = [.. SlotLengths.Select(length => new SecretPool(length))];
    static readonly SecretSlab Nothing = new(null, 0, 1);

    /// <summary>Memory of zeros. What is longer than any slot gets a slab of its own, which is the garbage collector's when it was freed.</summary>
    public static SecretSlot Take(int length)
    {
        if (length == 0)
            return new SecretSlot(Nothing, 0, 0);
        for (int i = 0; i < SlotLengths.Length; i++)
        {
            if (length <= SlotLengths[i])
                return Pools[i].Take(length);
        }
        return new SecretSlot(new SecretSlab(null, length, 1), 0, length);
    }
}
