namespace Ipsec.Net.Tests;

public class PortRangeTests
{
    [Theory]
    [InlineData("300-400", 300, 400, 101)]
    [InlineData("80-80", 80, 80, 1)]
    [InlineData("1-65535", 1, 65535, 65535)]
    public void ReadsAndWrites(string text, int first, int last, int count)
    {
        Assert.True(PortRange.TryParse(text, out PortRange range));
        Assert.Equal((first, last, count, text), (range.First, range.Last, range.Count, range.ToString()));
        Assert.True(range.Contains(range.First) && range.Contains(range.Last) && !range.Contains((ushort)(range.First - 1)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("80")]
    [InlineData("400-300")]
    [InlineData("0-10")]
    [InlineData("1-65536")]
    [InlineData("1-2-3")]
    [InlineData(" 1-2")]
    [InlineData("+1-2")]
    [InlineData(null)]
    public void RefusesWhatIsNone(string? text) => Assert.False(PortRange.TryParse(text, out _));
}
