namespace Ipsec.Interop.Tests.Harness;

/// <summary>Two of our hosts, the nodes <c>left</c> and <c>right</c> of one topology file, on the two sides of a network.</summary>
sealed class HostPair : IAsyncDisposable
{
    HostPair(LabNetwork network) => Network = network;

    internal LabNetwork Network { get; }

    internal HostProcess Left { get; private set; } = null!;

    internal HostProcess Right { get; private set; } = null!;

    /// <summary>Runs a test on a pair whose SAs are up. Where it fails, what both logged stands with the test's output.</summary>
    /// <param name="scenario">The folder of the topology file <c>hosts.yaml</c>.</param>
    /// <param name="suite">The ESP proposal, in the place of the file's <c>aes256gcm16</c>.</param>
    /// <param name="udp">Whether ESP travels in UDP; otherwise as IP protocol 50.</param>
    /// <param name="test">What is to happen.</param>
    internal static async Task RunAsync(string scenario, string suite, bool udp, Func<HostPair, Task> test)
    {
        Requirements.SkipUnlessMet();
        await using HostPair pair = new(await LabNetwork.CreateAsync());
        try
        {
            string file = Path.Combine(pair.Network.Folder, "hosts.yaml");
            string text = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Scenarios", scenario, "hosts.yaml"));
            await File.WriteAllTextAsync(file, text.Replace("aes256gcm16", suite, StringComparison.Ordinal)
                .Replace("forceUdpEncapsulation: false", udp ? "forceUdpEncapsulation: true" : "forceUdpEncapsulation: false", StringComparison.Ordinal));
            Task<HostProcess> right = HostProcess.StartAsync(pair.Network.Theirs, pair.Network.Folder, file, "right");
            pair.Left = await HostProcess.StartAsync(pair.Network.Ours, pair.Network.Folder, file, "left");
            pair.Right = await right;
            // A machine that does other things too may stop a host for longer than the kernel's queue in front of it lasts.
            foreach (NetworkNamespace side in (NetworkNamespace[])[pair.Network.Ours, pair.Network.Theirs])
                await side.IpAsync("link", "set", "ipsec0", "txqueuelen", "20000");
            HostAnswer initiated = await pair.Left.InitiateAsync();
            Assert.True(initiated.Ok, initiated.Message);
            HostTunnel tunnel = await pair.Left.GetTunnelAsync();
            Assert.Equal(udp ? "udp" : "none", tunnel.IkeSa!.Encapsulation);
            Assert.Equal(suite, Assert.Single(tunnel.ChildSas).Proposal);
            await test(pair);
        }
        catch
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"--- left\n{pair.Left?.Output}--- right\n{pair.Right?.Output}");
            throw;
        }
    }

    /// <summary>A counter of both hosts together.</summary>
    internal async Task<ulong> CountAsync(string counter) =>
        (await Left.GetStatusAsync()).Counters[counter] + (await Right.GetStatusAsync()).Counters[counter];

    public async ValueTask DisposeAsync()
    {
        if (Left is not null)
            await Left.DisposeAsync();
        if (Right is not null)
            await Right.DisposeAsync();
        await Network.DisposeAsync();
    }
}
