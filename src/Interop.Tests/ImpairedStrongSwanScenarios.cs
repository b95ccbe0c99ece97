using System.Globalization;
using Ipsec.Interop.Tests.Harness;

namespace Ipsec.Interop.Tests;

/// <summary>Our host and strongSwan's user-space ESP over a wire that does harm, and rekeys under a stream.</summary>
public sealed class ImpairedStrongSwanScenarios
{
    const string Folder = "impaired-wire-strongswan";
    const int Octets = 2_000_000;

    [Theory, Trait("Tier", "2")]
    [InlineData("aes256gcm16")]
    [InlineData("aes256-sha256")]
    public Task StreamsAreWholeWhateverTheWireDoes(string suite) => RunAsync(suite, async (scenario, wire) =>
    {
        foreach (Impairment harm in (Impairment[])[new(Loss: 2), new(Duplication: 5, Reordering: 5), new(Corruption: 2)])
        {
            wire.Impair(harm);
            await TransferAllWaysAtOnceAsync(scenario, Octets);
        }
        Assert.All((ImpairmentCounts[])[wire.Ours.Counts, wire.Theirs.Counts],
            counts => Assert.True(counts is { Lost: > 20, Duplicated: > 20, Overtaken: > 20, Corrupted: > 20 }, counts.ToString()));
        IReadOnlyDictionary<string, ulong> seen = (await scenario.Ours.GetStatusAsync()).Counters;
        // A damaged sequence number may be one that was there already.
        Assert.InRange(seen["esp.replay"], 1ul, (ulong)(wire.Theirs.Counts.Duplicated + wire.Theirs.Counts.Corrupted));
        Assert.InRange(seen["esp.integrity"], 1ul, (ulong)wire.Theirs.Counts.Corrupted);
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    });

    [Theory, Trait("Tier", "2")]
    [InlineData("aes256gcm16")]
    [InlineData("aes256-sha256")]
    public Task APathThatNarrowsUnderAStreamIsLearned(string suite) => RunAsync(suite, async (scenario, wire) =>
    {
        Task streams = TransferAllWaysAtOnceAsync(scenario, 5 * Octets);
        ulong learned = 0;
        foreach (int mtu in (int[])[1300, 1200])
        {
            long read = wire.Ours.Counts.Read + 1500;
            Assert.True(await Wait.ForAsync(() => wire.Ours.Counts.Read > read || streams.IsCompleted));
            Assert.False(streams.IsCompleted);
            await wire.NarrowAsync(mtu);
            Assert.True(await Wait.ForAsync(async () => (await scenario.Ours.GetStatusAsync()).Counters["esp.path-mtus-learned"] > learned));
            learned++;
        }
        await streams;
        await TransferAllWaysAtOnceAsync(scenario, Octets);
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    });

    [Theory, Trait("Tier", "2")]
    [InlineData("aes256gcm16")]
    [InlineData("aes256-sha256")]
    public Task ARekeyFromEitherSideLosesNoDatagram(string suite) => RunAsync(suite, async (scenario, wire) =>
    {
        const int Rate = 500;
        (NetworkNamespace ours, NetworkNamespace theirs, TimeSpan duration) = (scenario.OurNamespace, scenario.TheirNamespace, TimeSpan.FromSeconds(8));
        Task<DatagramCounts[]> streams = Task.WhenAll(
            DatagramStream.RunAsync(ours, LabNetwork.OurInner, theirs, LabNetwork.TheirInner, duration, Rate, "12-1300"),
            DatagramStream.RunAsync(theirs, LabNetwork.TheirInnerV6, ours, LabNetwork.OurInnerV6, duration, Rate, "12-1300"));
        int rekeys = 0;
        for (; !streams.IsCompleted; rekeys++)
        {
            SettledSas before = await scenario.AssertSasAgreeAsync();
            if (rekeys % 2 == 0)
                Assert.True((await scenario.Ours.RekeyAsync("child")).Ok);
            else
                await scenario.Theirs.RekeyChildAsync(suite);
            await scenario.AssertRenewedAsync(before);
        }
        DatagramCounts[] counts = await streams;
        TestContext.Current.TestOutputHelper?.WriteLine($"{rekeys} rekeys; from ours: {counts[0]}; from theirs: {counts[1]}");
        Assert.True(rekeys >= 3, $"{rekeys} rekeys");
        // charon's socket has the kernel's default buffer: on a busy machine it may be full for a moment, which the kernel counts.
        int overflown = await CountFullSocketAsync(scenario.TheirNamespace);
        Assert.Equal(new DatagramCounts(counts[0].Sent, counts[0].Sent - overflown, 0, 0, 0), counts[0]);
        Assert.Equal(new DatagramCounts(counts[1].Sent, counts[1].Sent, 0, 0, 0), counts[1]);
        IReadOnlyDictionary<string, ulong> seen = (await scenario.Ours.GetStatusAsync()).Counters;
        Assert.All((string[])["esp.replay", "esp.integrity", "esp.unknown-spi", "esp.no-sa"], drop => Assert.True(seen[drop] == 0, drop));
    });

    static Task RunAsync(string suite, Func<Scenario, ImpairedWire, Task> test) => Scenario.RunAsync(Folder, async scenario =>
    {
        ToolResult initiated = await scenario.Theirs.InitiateAsync(suite);
        Assert.True(initiated.ExitCode == 0, initiated.ToString());
        Assert.Equal(suite, (await scenario.AssertSasAgreeAsync()).OurChild.Proposal);
        using ImpairedWire wire = await ImpairedWire.LayAsync(scenario.Network, seed: 3);
        try
        {
            await test(scenario, wire);
        }
        finally
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"ours: {wire.Ours.Counts}\ntheirs: {wire.Theirs.Counts}");
        }
    });

    /// <summary>UDP datagrams of IPv4 that found a socket's buffer full.</summary>
    static async Task<int> CountFullSocketAsync(NetworkNamespace inside)
    {
        string[][] rows = [.. (await inside.RunCheckedAsync("cat", "/proc/net/snmp")).Split('\n')
            .Where(line => line.StartsWith("Udp:", StringComparison.Ordinal)).Select(line => line.Split(' '))];
        return int.Parse(rows[1][Array.IndexOf(rows[0], "RcvbufErrors")], CultureInfo.InvariantCulture);
    }

    /// <summary>IPv4 and IPv6, each both ways.</summary>
    static Task TransferAllWaysAtOnceAsync(Scenario scenario, int octets)
    {
        (NetworkNamespace ours, NetworkNamespace theirs) = (scenario.OurNamespace, scenario.TheirNamespace);
        return Task.WhenAll(Traffic.TransferAsync(ours, LabNetwork.OurInner, theirs, LabNetwork.TheirInner, octets),
            Traffic.TransferAsync(theirs, LabNetwork.TheirInner, ours, LabNetwork.OurInner, octets),
            Traffic.TransferAsync(ours, LabNetwork.OurInnerV6, theirs, LabNetwork.TheirInnerV6, octets),
            Traffic.TransferAsync(theirs, LabNetwork.TheirInnerV6, ours, LabNetwork.OurInnerV6, octets));
    }
}
