using Ipsec.Interop.Tests.Harness;

namespace Ipsec.Interop.Tests;

/// <summary>Two of our hosts over a wire that loses, reorders, copies and damages packets, or carries shorter ones from one moment to the next.</summary>
public sealed class ImpairedWireScenarios
{
    const string Folder = "impaired-wire";
    const int Octets = 2_000_000;

    [Fact, Trait("Tier", "1")]
    public Task StreamsAreWholeWhateverTheWireDoesToAesGcmInUdp() => BearEveryHarmAsync("aes256gcm16", udp: true);

    [Theory, Trait("Tier", "2")]
    [InlineData("aes256gcm16", false)]
    [InlineData("aes256-sha256", true)]
    [InlineData("aes256-sha256", false)]
    public Task StreamsAreWholeWhateverTheWireDoes(string suite, bool udp) => BearEveryHarmAsync(suite, udp);

    [Theory, Trait("Tier", "2")]
    [InlineData("aes256gcm16", true)]
    [InlineData("aes256gcm16", false)]
    [InlineData("aes256-sha256", true)]
    public Task DatagramsOfEverySizeArriveIntactAndAtMostOnce(string suite, bool udp) => RunAsync(suite, udp, async (pair, wire) =>
    {
        wire.Impair(new Impairment(Loss: 2, Duplication: 5, Reordering: 5, Corruption: 2));
        (NetworkNamespace left, NetworkNamespace right) = (pair.Network.Ours, pair.Network.Theirs);
        // Beyond the MTU the sender's kernel cuts them before they are sealed.
        DatagramCounts[] streams = await Task.WhenAll(
            DatagramStream.RunAsync(left, LabNetwork.OurInner, right, LabNetwork.TheirInner, TimeSpan.FromSeconds(3), 2000, "12-3000"),
            DatagramStream.RunAsync(right, LabNetwork.TheirInnerV6, left, LabNetwork.OurInnerV6, TimeSpan.FromSeconds(3), 2000, "12-3000"));
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join('\n', (object[])streams));
        Assert.All(streams, stream => Assert.Equal((0, 0), (stream.Duplicated, stream.Damaged)));
        Assert.All(streams, stream => Assert.True(stream.Late > 0 && stream.Received < stream.Sent && stream.Received > 0.7 * stream.Sent, stream.ToString()));
        AssertBoth(wire, counts => counts is { Lost: > 20, Duplicated: > 20, Overtaken: > 20, Corrupted: > 20 });
    });

    [Theory, Trait("Tier", "2")]
    [InlineData("aes256gcm16", true)]
    [InlineData("aes256gcm16", false)]
    [InlineData("aes256-sha256", true)]
    public Task APathThatNarrowsUnderAStreamIsLearned(string suite, bool udp) => RunAsync(suite, udp, async (pair, wire) =>
    {
        // A sender of IPv4 makes its packets smaller; one of IPv6 may stop at 1280 octets, which go in fragments of the outer packet (RFC 2473 §7.1).
        Task streams = TransferAllWaysAtOnceAsync(pair, 10 * Octets);
        ulong learned = 0;
        foreach (int mtu in (int[])[1300, 1200])
        {
            (long ours, long theirs) = (wire.Ours.Counts.Read + 1500, wire.Theirs.Counts.Read + 1500);
            Assert.True(await Wait.ForAsync(() => (wire.Ours.Counts.Read > ours && wire.Theirs.Counts.Read > theirs) || streams.IsCompleted));
            Assert.False(streams.IsCompleted);
            await wire.NarrowAsync(mtu);
            Assert.True(await Wait.ForAsync(async () => await pair.CountAsync("esp.path-mtus-learned") >= learned + 2));
            learned = await pair.CountAsync("esp.path-mtus-learned");
        }
        await streams;
        await TransferAllWaysAtOnceAsync(pair, Octets);
        Assert.Equal(0ul, await pair.CountAsync("esp.integrity"));
    });

    static Task BearEveryHarmAsync(string suite, bool udp) => RunAsync(suite, udp, async (pair, wire) =>
    {
        wire.Impair(new Impairment(Loss: 2));
        await TransferAllWaysAtOnceAsync(pair, Octets);
        AssertBoth(wire, counts => counts.Lost > 20);
        Assert.Equal(0ul, await pair.CountAsync("esp.replay"));

        wire.Impair(new Impairment(Duplication: 5, Reordering: 5));
        await TransferAllWaysAtOnceAsync(pair, Octets);
        AssertBoth(wire, counts => counts is { Duplicated: > 20, Overtaken: > 20 });
        Assert.InRange(await pair.CountAsync("esp.replay"), 1ul, (ulong)(wire.Ours.Counts.Duplicated + wire.Theirs.Counts.Duplicated));
        Assert.Equal(0ul, await pair.CountAsync("esp.integrity"));

        wire.Impair(new Impairment(Corruption: 2));
        await TransferAllWaysAtOnceAsync(pair, Octets);
        AssertBoth(wire, counts => counts.Corrupted > 20);
        Assert.InRange(await pair.CountAsync("esp.integrity"), 20ul, (ulong)(wire.Ours.Counts.Corrupted + wire.Theirs.Counts.Corrupted));

        wire.Impair(new Impairment(Loss: 1, Duplication: 2, Reordering: 5, Corruption: 1));
        await TransferAllWaysAtOnceAsync(pair, Octets);
    });

    static Task RunAsync(string suite, bool udp, Func<HostPair, ImpairedWire, Task> test) => HostPair.RunAsync(Folder, suite, udp, async pair =>
    {
        using ImpairedWire wire = await ImpairedWire.LayAsync(pair.Network, seed: 1);
        try
        {
            await test(pair, wire);
        }
        finally
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"ours: {wire.Ours.Counts}\ntheirs: {wire.Theirs.Counts}");
        }
    });

    /// <summary>IPv4 and IPv6, each both ways.</summary>
    static async Task TransferAllWaysAtOnceAsync(HostPair pair, int octets)
    {
        (NetworkNamespace left, NetworkNamespace right) = (pair.Network.Ours, pair.Network.Theirs);
        await Task.WhenAll(Traffic.TransferAsync(left, LabNetwork.OurInner, right, LabNetwork.TheirInner, octets),
            Traffic.TransferAsync(right, LabNetwork.TheirInner, left, LabNetwork.OurInner, octets),
            Traffic.TransferAsync(left, LabNetwork.OurInnerV6, right, LabNetwork.TheirInnerV6, octets),
            Traffic.TransferAsync(right, LabNetwork.TheirInnerV6, left, LabNetwork.OurInnerV6, octets));
    }

    static void AssertBoth(ImpairedWire wire, Func<ImpairmentCounts, bool> holds) =>
        Assert.True(holds(wire.Ours.Counts) && holds(wire.Theirs.Counts), $"{wire.Ours.Counts}\n{wire.Theirs.Counts}");
}
