using System.Text;

namespace Ipsec.Interop.Tests.Harness;

/// <summary>What passes the router, in one pcap file; tcpdump decodes it, so that the judge is not our own code.</summary>
sealed class WireCapture : IAsyncDisposable
{
    // Enough for the headers and the first marker; nothing of interest stands behind.
    const string SnapLength = "256";
    const string BufferKilobytes = "32768";
    const string InnerNetworks = "net 10.0.1.0/24 or net 10.1.0.0/16 or net 10.2.0.0/16 or net 100.0.0.0/16 or net fd01::/64 or net fd02::/64";
    // The non-ESP marker of RFC 3948 §2.2; tcpdump's udp[] looks into IPv4 only.
    const string EspInUdp = "(ip and udp port 4500 and udp[8:4] != 0) or (ip6 and udp port 4500 and ip6[48:4] != 0)";

    readonly BackgroundProcess _process;

    WireCapture(BackgroundProcess process, string file)
    {
        _process = process;
        PcapFile = file;
    }

    internal string PcapFile { get; }

    /// <summary>The beginning of every packet on every interface of the router.</summary>
    internal static Task<WireCapture> StartAsync(LabNetwork network) => StartAsync(network, "any", SnapLength);

    /// <summary>Every packet whole, once, as Ethernet: for decoders.</summary>
    internal static Task<WireCapture> StartWholeAsync(LabNetwork network) => StartAsync(network, LabNetwork.RecordedInterface, "0");

    static async Task<WireCapture> StartAsync(LabNetwork network, string networkInterface, string snapLength)
    {
        string file = Path.Combine(network.Folder, networkInterface + ".pcap");
        BackgroundProcess process = network.Router.Start("tcpdump",
            ["-i", networkInterface, "-n", "-U", "--immediate-mode", "-B", BufferKilobytes, "-Z", "root", "-s", snapLength, "-w", file]);
        WireCapture capture = new(process, file);
        Assert.True(await Wait.ForAsync(() => process.Output.Contains("listening on", StringComparison.Ordinal)), process.Output);
        return capture;
    }

    /// <summary>Ends the capture, then fails the test if any inner packet or marker passed in clear text, or no ESP did.</summary>
    internal async Task AssertOnlyProtectedTrafficAsync()
    {
        await _process.StopAsync("INT");
        Assert.Equal("", await ReadAsync(InnerNetworks));
        Assert.False(await ContainsMarkerAsync(), "the wire shows the payload in clear text");
        Assert.NotEqual("", await ReadAsync($"({EspInUdp}) or esp"));
    }

    /// <summary>Ends the capture, then fails the test if any ESP or inner packet passed.</summary>
    internal async Task AssertNoTrafficAsync()
    {
        await _process.StopAsync("INT");
        Assert.Equal("", await ReadAsync($"{InnerNetworks} or ({EspInUdp}) or esp"));
        Assert.False(await ContainsMarkerAsync(), "the wire shows the payload in clear text");
    }

    /// <summary>The first packets that a filter lets through, one on each line.</summary>
    internal async Task<string> ReadAsync(string filter) =>
        (await Tool.RunAsync("tcpdump", ["-r", PcapFile, "-n", "-t", "-c", "5", filter])).Output;

    internal Task StopAsync() => _process.StopAsync("INT");

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    async Task<bool> ContainsMarkerAsync() =>
        (await File.ReadAllBytesAsync(PcapFile)).AsSpan().IndexOf(Encoding.ASCII.GetBytes(Traffic.Marker)) >= 0;
}
