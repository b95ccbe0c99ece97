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
            AssertAgrees(entries, map, random.Next(3) switch { 0 => near.First, 1 => near.Last, _ => near.Last.Plus(1) });
        }
    }

    /// <summary>Prefixes that differ in any octet, and both ends of the address space: the number behind the last address is the first one.</summary>
    [Fact]
    public void AgreesWithASearchThroughTheListForIpv6()
    {
        var random = new Random(3);
        byte[] octets = new byte[16];
        List<KeyValuePair<IpPrefix, int>> entries = [KeyValuePair.Create(IpPrefix.Parse("ffff::/16"), -1), KeyValuePair.Create(IpPrefix.Parse("::/128"), -2)];
        for (int i = 0; i < 200; i++)
        {
            octets[random.Next(octets.Length)] = (byte)random.Next(256);
            entries.Add(KeyValuePair.Create(new IpPrefix(IpAddress.FromBytes(octets), random.Next(1, 129)), i));
        }
        var map = new PrefixMap<int>(entries);
        foreach (IpPrefix prefix in entries.Select(entry => entry.Key))
        {
            foreach (IpAddress address in (IpAddress[])[prefix.First, prefix.Last, prefix.Last.Plus(1), prefix.First.Plus(UInt128.MaxValue)])
                AssertAgrees(entries, map, address);
        }
    }

    static void AssertAgrees(IEnumerable<KeyValuePair<IpPrefix, int>> entries, PrefixMap<int> map, IpAddress address)
    {
        int? expected = entries.Where(entry => entry.Key.Contains(address)).OrderBy(entry => entry.Key.Length).Select(entry => (int?)entry.Value).LastOrDefault();
        Assert.Equal(expected, map.TryLookup(address, out int value) ? value : null);
    }

    static PrefixMap<string> Map(params (string Prefix, string Value)[] entries) =>
        new(entries.Select(entry => KeyValuePair.Create(IpPrefix.Parse(entry.Prefix), entry.Value)));

    static string? Lookup(PrefixMap<string> map, string address) => map.TryLookup(IpAddress.Parse(address), out string? value) ? value : null;
}
