using Ipsec.Lab.Network;

namespace Ipsec.Lab.Tests.Network;

public sealed class SeededRandomSourceTests
{
    [Fact]
    public void GivesTheSameOctetsHoweverTheyAreAskedFor()
    {
        byte[] whole = Draw(new SeededRandomSource(7, "node a"), 100);
        var source = new SeededRandomSource(7, "node a");
        byte[] pieces = [.. Draw(source, 1), .. Draw(source, 31), .. Draw(source, 33), .. Draw(source, 35)];
        Assert.Equal(whole, pieces);
    }

    // Computed with Python: k = sha256(seed as 8 octets, big-endian + label), then sha256(k + counter as 8 octets, big-endian).
    [Fact]
    public void IsTheSameInEveryProcess() =>
        Assert.Equal("63969de7fbfb8217dc29a9dfdd9309622ddf84026230d1fb15196c0fc08086fab736b295851a170a",
            Convert.ToHexStringLower(Draw(new SeededRandomSource(42, "wire branch"), 40)));

    [Fact]
    public void DiffersBySeedAndByLabel()
    {
        byte[] first = Draw(new SeededRandomSource(1, "a"), 32);
        Assert.NotEqual(first, Draw(new SeededRandomSource(2, "a"), 32));
        Assert.NotEqual(first, Draw(new SeededRandomSource(1, "b"), 32));
    }

    static byte[] Draw(SeededRandomSource source, int count)
    {
        byte[] octets = new byte[count];
        source.Fill(octets);
        return octets;
    }
}
