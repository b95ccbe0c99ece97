using Ipsec.Esp.Replay;

namespace Ipsec.Esp.Tests.Replay;

public class ReplayWindowTests
{
    [Theory]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(1000)]
    [InlineData(1024)]
    [InlineData(4096)]
    public void AgreesWithAListOfEverythingSeen(int size)
    {
        var random = new Random(size);
        for (int round = 0; round < 10; round++)
        {
            var window = new ReplayWindow(size, isExtended: false);
            var seen = new HashSet<ulong>();
            ulong highest = 0;
            for (int i = 0; i < 5000; i++)
            {
                ulong sequence = Next(random, highest, size);
                bool expected = sequence != 0 && !seen.Contains(sequence) && sequence + (ulong)size > highest;
                Assert.Equal(expected, window.IsFresh(sequence));
                Assert.Equal(expected, window.TryAccept(sequence, out bool isNewest));
                Assert.Equal(sequence > highest, isNewest);
                if (!expected)
                    continue;
                seen.Add(sequence);
                highest = Math.Max(highest, sequence);
            }
        }
    }

    [Fact]
    public void AcceptsTheLeftmostNumberOfTheWindowAndNotTheOneBefore()
    {
        var window = new ReplayWindow(64, isExtended: false);
        Assert.True(window.TryAccept(1000, out _));
        Assert.True(window.IsFresh(937));
        Assert.False(window.IsFresh(936));
    }

    [Fact]
    public void ChangesNothingWhenAskedOnly()
    {
        var window = new ReplayWindow(64, isExtended: false);
        Assert.True(window.IsFresh(500));
        Assert.True(window.TryAccept(1, out _));
    }

    [Fact]
    public void NeverAcceptsZero()
    {
        var window = new ReplayWindow(64, isExtended: false);
        Assert.False(window.TryAccept(0, out _));
    }

    [Fact]
    public void AcceptsEverythingWhenTurnedOff()
    {
        var window = new ReplayWindow(0, isExtended: false);
        foreach (ulong sequence in (ulong[])[5, 5, 1, 0, 100, 5])
            Assert.True(window.TryAccept(sequence, out _));
    }

    [Theory]
    [InlineData(64)]
    [InlineData(1024)]
    [InlineData(0)]
    public void InfersTheHighHalfAcrossManyWraps(int size)
    {
        var random = new Random(size + 1);
        var window = new ReplayWindow(size, isExtended: true);
        int reach = size == 0 ? 1024 : size;
        ulong highest = 0;
        for (int i = 0; i < 20_000; i++)
        {
            // Forward by up to nearly 2^32 less the window, or back inside the window: all that appendix A promises to infer.
            long forward = random.Next(10) == 0 ? random.NextInt64(1, uint.MaxValue - reach) : random.Next(1, 50);
            ulong sequence = random.Next(3) == 0 && highest > (ulong)reach
                ? highest - (ulong)random.Next(0, reach)
                : highest + (ulong)forward;
            Assert.Equal(sequence, window.Infer((uint)sequence));
            window.TryAccept(sequence, out _);
            highest = Math.Max(highest, sequence);
        }
        Assert.True(highest >> 32 > 100);
    }

    [Fact]
    public void AcceptsAStartCloseToTheFirstWrap()
    {
        var window = new ReplayWindow(1024, isExtended: true);
        Assert.Equal(0xFFFF_FFF0UL, window.Infer(0xFFFF_FFF0));
    }

    [Fact]
    public void RemembersNumbersOnBothSidesOfAWrap()
    {
        var window = new ReplayWindow(64, isExtended: true);
        for (ulong sequence = 0xFFFF_FFF0; sequence <= 0x1_0000_0010; sequence += 2)
            Assert.True(window.TryAccept(window.Infer((uint)sequence), out _));
        for (ulong sequence = 0xFFFF_FFF0; sequence <= 0x1_0000_0010; sequence++)
            Assert.Equal(sequence % 2 == 1, window.IsFresh(window.Infer((uint)sequence)));
    }

    static ulong Next(Random random, ulong highest, int size) => random.Next(8) switch
    {
        0 => (ulong)random.NextInt64(0, 3),
        1 => highest + (ulong)random.Next(1, 3 * size),
        2 => highest + (ulong)random.NextInt64(1, 1 << 20),
        3 or 4 => highest + 1,
        _ => (ulong)Math.Max(0, (long)highest - random.Next(0, size + 10)),
    };
}
