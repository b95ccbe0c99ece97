namespace Ipsec.Net.Tests;

public class PrefixMapTests
{
    [Fact]
    public void TakesTheLongestPrefixAndOfTwoEqualOnesTheLater()
    {
        PrefixMap<string> map = Map(("10.0.0.0/8", "wide"), ("10.1.0.0/16", "earlier"), ("10.1.0.0/16", "later"), ("::/0", "six"));
        Assert.Equal("wide", Lookup(map, "10.255.255.255"));
        Assert.Equal("later", Lookup(map, "10.1.0.0"));
        Assert.Equal("wide", Lookup(map, "10.2.0.0"));
        Assert.Equal("six", Lookup(map, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"));
        Assert.Null(Lookup(map, "11.0.0.0"));
        Assert.Null(Lookup(Map(), "10.0.0.0"));
        Assert.Equal("all", Lookup(Map(("0.0.0.0/0", "all")), "255.255.255.255"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void AgreesWithASearchThroughTheList(int seed)
    {
        var random = new Random(seed);
        KeyValuePair<IpPrefix, int>[] entries = [.. Enumerable.Range(0, 200).Select(i =>
            KeyValuePair.Create(new IpPrefix(IpAddress.V4((uint)random.Next(0x0A000000, 0x0A010000)), random.Next(8, 33)), i))];
        var map = new PrefixMap<int>(entries);
        for (int i = 0; i < 3000; i++)
        {
            IpPrefix near = entries[random.Next(entries.Length)].Key;
            IpAddress address = random.Next(3) switch { 0 => near.First, 1 => near.Last, _ => near.Last.Plus(1) };
            int? expected = entries.Where(entry => entry.Key.Contains(address)).OrderBy(entry => entry.Key.Length).Select(entry => (int?)entry.Value)
                .LastOrDefault();
            Assert.Equal(expected, map.TryLookup(address, out int value) ? value : null);
        }
    }

    static PrefixMap<string> Map(params (string Prefix, string Value)[] entries) =>
        new(entries.Select(entry => KeyValuePair.Create(IpPrefix.Parse(entry.Prefix), entry.Value)));

    static string? Lookup(PrefixMap<string> map, string address) => map.TryLookup(IpAddress.Parse(address), out string? value) ? value : null;
}
