using Ipsec.Interop.Tests.Harness;

namespace Ipsec.Interop.Tests;

/// <summary>Rekeys under streams: not one datagram is lost or overtakes another, and TCP arrives as it was sent.</summary>
public sealed class RekeyStreamScenarios
{
    const string Folder = "rekey-stream";
    const int Rate = 3000;
    const string Sizes = "12-1300";

    const int FewestRekeys = 6;

    static readonly TimeSpan Duration = TimeSpan.FromSeconds(8);
    static readonly TimeSpan BetweenRekeys = TimeSpan.FromMilliseconds(500);

    [Theory, Trait("Tier", "2")]
    [InlineData("aes256gcm16", true)]
    [InlineData("aes256gcm16", false)]
    [InlineData("aes256-sha256", true)]
    [InlineData("aes256-sha256", false)]
    public Task NoDatagramIsLostOrLateWhileBothSidesRekey(string suite, bool udp) => HostPair.RunAsync(Folder, suite, udp, async pair =>
    {
        (NetworkNamespace left, NetworkNamespace right) = (pair.Network.Ours, pair.Network.Theirs);
        await RekeyBesideAsync(pair, async () =>
        {
            DatagramCounts[] streams = await Task.WhenAll(
                DatagramStream.RunAsync(left, LabNetwork.OurInner, right, LabNetwork.TheirInner, Duration, Rate, Sizes),
                DatagramStream.RunAsync(right, LabNetwork.TheirInnerV6, left, LabNetwork.OurInnerV6, Duration, Rate, Sizes));
            Assert.All(streams, stream => Assert.Equal(new DatagramCounts(stream.Sent, stream.Sent, 0, 0, 0), stream));
        });
        foreach (string drop in (string[])["esp.replay", "esp.integrity", "esp.unknown-spi", "esp.no-sa", "esp.selector-mismatch"])
            Assert.True(await pair.CountAsync(drop) == 0, drop);
    });

    [Theory, Trait("Tier", "2")]
    [InlineData("aes256gcm16", true)]
    [InlineData("aes256-sha256", false)]
    public Task StreamsAreWholeWhileBothSidesRekey(string suite, bool udp) => HostPair.RunAsync(Folder, suite, udp, async pair =>
    {
        (NetworkNamespace left, NetworkNamespace right) = (pair.Network.Ours, pair.Network.Theirs);
        const int Octets = 80_000_000;
        await RekeyBesideAsync(pair, () => Task.WhenAll(Traffic.TransferAsync(left, LabNetwork.OurInner, right, LabNetwork.TheirInner, Octets),
            Traffic.TransferAsync(right, LabNetwork.TheirInnerV6, left, LabNetwork.OurInnerV6, Octets)));
        foreach (string drop in (string[])["esp.integrity", "esp.unknown-spi", "esp.no-sa"])
            Assert.True(await pair.CountAsync(drop) == 0, drop);
    });

    /// <summary>Streams, again and again until there were enough rekeys beside them: child SAs from both sides in turn, and the IKE SA each fourth time.</summary>
    static async Task RekeyBesideAsync(HostPair pair, Func<Task> stream)
    {
        int rekeys = 0;
        Task streams = StreamAsync();
        for (; !streams.IsCompleted; Interlocked.Increment(ref rekeys))
        {
            HostAnswer answer = await (rekeys % 2 == 0 ? pair.Left : pair.Right).RekeyAsync(rekeys % 4 == 3 ? "ike" : "child");
            Assert.True(answer.Ok, answer.Message);
            await Task.Delay(BetweenRekeys, TestContext.Current.CancellationToken);
        }
        await streams;
        TestContext.Current.TestOutputHelper?.WriteLine($"{rekeys} rekeys");

        async Task StreamAsync()
        {
            do
            {
                await stream();
            }
            while (Volatile.Read(ref rekeys) < FewestRekeys);
        }
    }
}
