using Ipsec.Esp.Associations;
using Ipsec.Tests.Support;

namespace Ipsec.Esp.Tests.Associations;

public class SpiTableTests
{
    const int Slots = 256;

    [Fact]
    public void GivesOutEverySlotOnceAndNoReservedValue()
    {
        var table = new SpiTable(Slots, new SeededRandomSource(3));
        HashSet<uint> spis = [];
        for (int i = 0; i < Slots; i++)
        {
            Assert.True(table.TryAllocate(out uint spi));
            Assert.True(spi >= 256);
            Assert.True(spis.Add(spi));
        }
        Assert.False(table.TryAllocate(out _));
    }

    [Fact]
    public void ReusesSlotsInTheOrderOfTheirReleaseUnderANewSpi()
    {
        var table = new SpiTable(Slots, new SeededRandomSource(4));
        uint[] spis = [.. Enumerable.Range(0, Slots).Select(_ => Allocate(table))];
        table.Release(spis[9]);
        table.Release(spis[2]);
        uint first = Allocate(table);
        uint second = Allocate(table);
        Assert.Equal(spis[9] % Slots, first % Slots);
        Assert.Equal(spis[2] % Slots, second % Slots);
        Assert.NotEqual(spis[9], first);
    }

    [Fact]
    public void ComesBackToAnSpiOnlyAfterAllGenerations()
    {
        var table = new SpiTable(65536, new SeededRandomSource(5));
        for (int i = 0; i < 65535; i++)
            Allocate(table);
        uint first = Allocate(table);
        uint spi = first;
        // 16 bits of generation, of which 0 is never used.
        for (int generation = 0; generation < 65534; generation++)
        {
            table.Release(spi);
            spi = Allocate(table);
            Assert.NotEqual(first, spi);
            Assert.True(spi >= 256);
        }
        table.Release(spi);
        Assert.Equal(first, Allocate(table));
    }

    [Fact]
    public void IgnoresTheReleaseOfWhatItDidNotGiveOut()
    {
        var table = new SpiTable(Slots, new SeededRandomSource(6));
        uint spi = Allocate(table);
        table.Release(spi + Slots);
        table.Release(0);
        Assert.True(table.IsFree(spi));
        table.Release(spi);
        table.Release(spi);
        Assert.False(table.IsFree(spi));
        HashSet<uint> spis = [.. Enumerable.Range(0, Slots).Select(_ => Allocate(table))];
        Assert.Equal(Slots, spis.Count);
    }

    [Fact]
    public void StartsAtOtherGenerationsWithAnotherSeed() =>
        Assert.NotEqual(Allocate(new SpiTable(Slots, new SeededRandomSource(7))), Allocate(new SpiTable(Slots, new SeededRandomSource(8))));

    static uint Allocate(SpiTable table)
    {
        Assert.True(table.TryAllocate(out uint spi));
        return spi;
    }
}
