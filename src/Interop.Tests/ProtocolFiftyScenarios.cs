using System.Globalization;
using Ipsec.Interop.Tests.Harness;

namespace Ipsec.Interop.Tests;

/// <summary>ESP directly in IP with 64-bit sequence numbers, between two of our hosts and judged by scapy.</summary>
public sealed class ProtocolFiftyScenarios
{
    const string Folder = "protocol-50-esn";
    const ulong Wrap = 1UL << 32;
    const ulong SentBefore = Wrap - 10;
    const int Pings = 15;
    const int Octets = 500_000;

    [Fact, Trait("Tier", "1")]
    public Task AesGcmCrossesTheWrapAndScapyOpensAndSealsTheSame() => CrossTheWrapAsync("gcm", "aes256gcm16-esn");

    [Fact, Trait("Tier", "2")]
    public Task AesCbcWithHmacCrossesTheWrapAndScapyOpensAndSealsTheSame() => CrossTheWrapAsync("cbc", "aes256-sha256-esn");

    static async Task CrossTheWrapAsync(string suite, string proposal)
    {
        Requirements.SkipUnlessMet();
        Requirements.SkipWithoutScapy();
        await using LabNetwork network = await LabNetwork.CreateAsync();
        await using WireCapture wire = await WireCapture.StartAsync(network);
        await using HostProcess right = await StartAsync(network, network.Theirs, suite, "right");
        await using HostProcess left = await StartAsync(network, network.Ours, suite, "left");
        HostAnswer answer = await left.InitiateAsync();
        Assert.True(answer.Ok, answer.Message);

        Assert.Equal(Pings, await Traffic.CountAnswersAsync(network.Ours, LabNetwork.OurInner, LabNetwork.TheirInner, Pings));
        Assert.True(await Traffic.PingAsync(network.Theirs, LabNetwork.TheirInner, LabNetwork.OurInner));
        await Traffic.TransferAsync(network.Ours, LabNetwork.OurInner, network.Theirs, LabNetwork.TheirInner, Octets);
        await Traffic.TransferAsync(network.Theirs, LabNetwork.TheirInner, network.Ours, LabNetwork.OurInner, Octets);

        HostTunnel tunnel = await left.GetTunnelAsync();
        Assert.Equal("none", tunnel.IkeSa!.Encapsulation);
        HostChildSa child = Assert.Single(tunnel.ChildSas);
        Assert.Equal(proposal, child.Proposal);
        HostChildSa mirrored = Assert.Single((await right.GetTunnelAsync()).ChildSas);
        Assert.Equal((child.SpiIn, child.SpiOut), (mirrored.SpiOut, mirrored.SpiIn));

        // The right host is gone without a word; scapy goes on where it stopped, with a jump to the next wrap.
        await right.KillAsync();
        await AssertScapyIsAnsweredAsync(network, right, mirrored);
        await wire.AssertOnlyProtectedTrafficAsync();
        Assert.Equal("", await wire.ReadAsync("udp port 4500"));
        await AssertScapyOpensTheCaptureAsync(wire, left, child);
    }

    static Task<HostProcess> StartAsync(LabNetwork network, NetworkNamespace inside, string suite, string node)
    {
        string file = Path.Combine(AppContext.BaseDirectory, "Scenarios", Folder, suite + ".yaml");
        return HostProcess.StartAsync(inside, network.Folder, file, node,
            "--initial-sequence-number", SentBefore.ToString(CultureInfo.InvariantCulture));
    }

    static async Task AssertScapyIsAnsweredAsync(LabNetwork network, HostProcess host, HostChildSa sa)
    {
        // RFC 4303 appendix A infers the high half for any number less than 2^32 ahead.
        string[] numbers = [.. new[] { Wrap + 0x8000_0000 }
            .Concat(Enumerable.Range(-3, 7).Select(offset => 2 * Wrap + (ulong)offset))
            .Select(number => number.ToString(CultureInfo.InvariantCulture))];
        ToolResult result = await network.Theirs.RunAsync(TimeSpan.FromSeconds(60), Requirements.Python, [Script, "ping", KeyTable(host),
            sa.SpiOut, sa.SpiIn, "203.0.113.5", "198.51.100.10", LabNetwork.TheirInner, LabNetwork.OurInner,
            Wrap.ToString(CultureInfo.InvariantCulture), .. numbers]);
        Assert.True(result.Output.StartsWith("answered 8 of 8", StringComparison.Ordinal), result.ToString());
    }

    static async Task AssertScapyOpensTheCaptureAsync(WireCapture wire, HostProcess host, HostChildSa sa)
    {
        string opened = await OpenAsync(wire, host, SentBefore);
        Assert.DoesNotContain("bad", opened, StringComparison.Ordinal);
        foreach (string spi in (string[])[sa.SpiIn, sa.SpiOut])
        {
            string line = Assert.Single(opened.Split('\n'), line => line.StartsWith(spi, StringComparison.Ordinal));
            string[] words = line.Split(' ');
            Assert.True(int.Parse(words[1], CultureInfo.InvariantCulture) > 2 * Pings, opened);
            Assert.Equal(SentBefore + 1, ulong.Parse(words[2], CultureInfo.InvariantCulture));
            Assert.True(ulong.Parse(words[3], CultureInfo.InvariantCulture) > Wrap, opened);
        }
        // The judge can refuse: with another high half nothing opens.
        string refused = await OpenAsync(wire, host, SentBefore + 8 * Wrap);
        Assert.All(refused.Split('\n', StringSplitOptions.RemoveEmptyEntries)[..^1], line => Assert.StartsWith("bad", line, StringComparison.Ordinal));
    }

    static async Task<string> OpenAsync(WireCapture wire, HostProcess host, ulong first)
    {
        ToolResult result = await Tool.RunAsync(Requirements.Python,
            [Script, "open", wire.PcapFile, KeyTable(host), first.ToString(CultureInfo.InvariantCulture)], TimeSpan.FromSeconds(120));
        Assert.True(result.ExitCode == 0, result.ToString());
        return result.Output;
    }

    static string Script => Path.Combine(AppContext.BaseDirectory, "Harness", "esp_check.py");

    static string KeyTable(HostProcess host) => Path.Combine(host.KeyFolder, "esp_sa");
}
