using System.Reflection;
using System.Runtime.CompilerServices;
using Ipsec.Crypto.Secrets;

namespace Ipsec.Crypto.Tests.Secrets;

public sealed class SecretPoolTests
{
    const int SlotLength = 64;
    const int SlotsPerSlab = 4096 / SlotLength;

    [Fact]
    public void EverySlotIsItsOwnersAlone()
    {
        SecretPool pool = new(SlotLength);
        SecretSlot[] slots = Fill(pool, 5 * SlotsPerSlab + 3);
        for (int i = 0; i < slots.Length; i++)
            slots[i].Octets.Fill((byte)(i % 251 + 1));
        for (int i = 0; i < slots.Length; i++)
            Assert.Equal(-1, slots[i].Octets.IndexOfAnyExcept((byte)(i % 251 + 1)));
        Assert.Equal(1, pool.OpenSlabs);
    }

    [Fact]
    public void SlotsAreTakenAgainAndAreClear()
    {
        SecretPool pool = new(SlotLength);
        SecretSlot[] slots = Fill(pool, 3 * SlotsPerSlab);
        var random = new Random(4);
        for (int round = 0; round < 10_000; round++)
        {
            ref SecretSlot slot = ref slots[random.Next(slots.Length)];
            slot.Octets.Fill(0xA5);
            slot.Free();
            slot = pool.Take(SlotLength);
            Assert.Equal(-1, slot.Octets.IndexOfAnyExcept((byte)0));
        }
        Assert.Equal(0, pool.OpenSlabs);
    }

    [Fact]
    public void SlabsThatNobodyNeedsAreLetGo()
    {
        SecretPool pool = new(SlotLength);
        SecretSlot[] slots = Fill(pool, 8 * SlotsPerSlab);
        new Random(5).Shuffle(slots);
        for (int i = 1; i < slots.Length; i++)
            slots[i].Free();
        // The slab of the last one, and one more for the next.
        Assert.Equal(2, pool.OpenSlabs);
        slots[0].Free();
        Assert.Equal(1, pool.OpenSlabs);
        Fill(pool, SlotsPerSlab);
        Assert.Equal(0, pool.OpenSlabs);
    }

    [Fact]
    public void ForgottenSecretsAreTheGarbageCollectors()
    {
        SecretPool pool = new(SlotLength);
        WeakReference forgotten = Forget(pool);
        GC.Collect();
        Assert.False(forgotten.IsAlive);
    }

    [Fact]
    public void ManyThreadsMayTakeAndFree()
    {
        SecretPool pool = new(SlotLength);
        Parallel.For(0, 8, worker =>
        {
            var slots = new SecretSlot[100];
            for (int round = 0; round < 2000; round++)
            {
                ref SecretSlot slot = ref slots[round % slots.Length];
                if (round >= slots.Length)
                    Assert.Equal(-1, slot.Octets.IndexOfAnyExcept((byte)(worker + 1)));
                slot.Free();
                slot = pool.Take(SlotLength);
                slot.Octets.Fill((byte)(worker + 1));
            }
            for (int i = 0; i < slots.Length; i++)
                slots[i].Free();
        });
        Assert.Equal(1, pool.OpenSlabs);
    }

    static SecretSlot[] Fill(SecretPool pool, int count) => [.. Enumerable.Range(0, count).Select(_ => pool.Take(SlotLength))];

    // Not inlined, so that no slot is left in a register.
    [MethodImpl(MethodImplOptions.NoInlining)]
    static WeakReference Forget(SecretPool pool)
    {
        SecretSlot[] slots = Fill(pool, SlotsPerSlab);
        return new WeakReference(typeof(SecretSlot).GetField("_slab", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(slots[0]));
    }
}
