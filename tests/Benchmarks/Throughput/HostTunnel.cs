using Ipsec.EndpointHost.Processes;
using Ipsec.Interop.Tests.Harness;

namespace Ipsec.Benchmarks.Throughput;

/// <summary>Our host at both ends, as users run it, ESP in UDP.</summary>
sealed class HostTunnel : ITunnelUnderTest
{
    readonly List<BackgroundProcess> _ends = [];

    public TimeSpan ProcessorTime => TimeSpan.FromTicks(_ends.Sum(end => end.ProcessorTime.Ticks));

    /// <param name="esp">The ESP proposal.</param>
    /// <param name="options">Further options of <c>run</c>.</param>
    public static async Task<ITunnelUnderTest> StartAsync(Underlay underlay, string esp, string[] options)
    {
        string file = Path.Combine(underlay.Folder, "tunnel.yaml");
        await File.WriteAllTextAsync(file, Configuration(esp));
        var tunnel = new HostTunnel();
        foreach ((NetworkNamespace end, string node) in new[] { (underlay.Left, "left"), (underlay.Right, "right") })
        {
            tunnel._ends.Add(end.Start(Path.Combine(AppContext.BaseDirectory, "ipsec-endpoint"),
                ["run", file, "--node", node, "--control", Path.Combine(underlay.Folder, node), "--log-level", "error", .. options]));
        }
        return tunnel;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (BackgroundProcess end in _ends)
            await end.DisposeAsync();
    }

    static string Configuration(string esp) =>
        $"""
        name: throughput
        sites:
          left:
            networks: [{Underlay.LeftNetwork}]
            device:
              address: {Underlay.LeftOuter}
              forceUdpEncapsulation: true
              proposals: [aes256-sha256-ecp256]
              espProposals: [{esp}]
              connections:
                - name: tunnel
                  peer: right
                  sharedKey: Gh7s0pQ2xV9k
          right:
            networks: [{Underlay.RightNetwork}]
            device:
              address: {Underlay.RightOuter}
              forceUdpEncapsulation: true
              proposals: [aes256-sha256-ecp256]
              espProposals: [{esp}]
              connections:
                - name: tunnel
                  peer: left
        """;
}
