using System.Diagnostics;
using System.Globalization;
using Ipsec.EndpointHost.Control;
using Ipsec.EndpointHost.Tests.Kit;

namespace Ipsec.EndpointHost.Tests.Hosting;

/// <summary>A file of two tunnels is changed under a running process: one of them stays as it is.</summary>
public class ReloadTests
{
    [Theory]
    [InlineData("command")]
    [InlineData("SIGHUP")]
    public async Task AnUnchangedTunnelStaysUpAndAChangedOneIsTakenAnew(string how)
    {
        using var pair = new LoopbackPair();
        File.WriteAllText(pair.TopologyFile, Text(pair, "aes256gcm16"));
        await using RunningNode right = await RunningNode.StartAsync(RunningNode.Options(pair, "right"));
        using Process left = await StartProcessAsync(pair, "left");
        try
        {
            using ControlClient client = new(pair.ControlPath("left"));
            StatusDocument before = await UntilAsync(client, status =>
                status.Tunnels.All(tunnel => tunnel.State == "established" && tunnel.ChildSas.Length == 1));

            // The other side knows both suites, and is not told.
            File.WriteAllText(pair.TopologyFile, Text(pair, "aes128gcm16"));
            if (how == "command")
                Assert.True((await client.CommandAsync("reload", new CommandRequest(null), TestContext.Current.CancellationToken)).Ok);
            else
                Process.Start("kill", ["-HUP", left.Id.ToString(CultureInfo.InvariantCulture)]).WaitForExit();
            StatusDocument after = await UntilAsync(client, status => status.Tunnels.All(tunnel => tunnel.State == "established" && tunnel.ChildSas.Length == 1)
                && Tunnel(status, "changed").ChildSas[0].Proposal == "aes128gcm16");

            Assert.Equal(before.ProcessId, after.ProcessId);
            Assert.Equal(Tunnel(before, "kept").IkeSa!.SpiInitiator, Tunnel(after, "kept").IkeSa!.SpiInitiator);
            Assert.Equal(Tunnel(before, "kept").ChildSas[0].SpiIn, Tunnel(after, "kept").ChildSas[0].SpiIn);
            Assert.NotEqual(Tunnel(before, "changed").IkeSa!.SpiInitiator, Tunnel(after, "changed").IkeSa!.SpiInitiator);
            // The other side was told: nothing of the old tunnel is left there.
            StatusDocument mirrored = await right.StatusAsync();
            Assert.Equal(Tunnel(after, "changed").ChildSas[0].SpiOut, Assert.Single(Tunnel(mirrored, "changed").ChildSas).SpiIn);
            Assert.Equal(Tunnel(before, "kept").ChildSas[0].SpiOut, Assert.Single(Tunnel(mirrored, "kept").ChildSas).SpiIn);
        }
        finally
        {
            left.Kill();
            await left.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
    }

    static TunnelDocument Tunnel(StatusDocument status, string connection) => Assert.Single(status.Tunnels, tunnel => tunnel.Connection == connection);

    /// <summary>The node as a process of its own, whose signals are not this one's.</summary>
    static async Task<Process> StartProcessAsync(LoopbackPair pair, string node)
    {
        string assembly = Path.Combine(AppContext.BaseDirectory, "ipsec-endpoint.dll");
        Process process = Process.Start(new ProcessStartInfo("dotnet",
            [assembly, "run", pair.TopologyFile, "--node", node, "--inner", "virtual", "--control", pair.ControlPath(node)])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Stopwatch waiting = Stopwatch.StartNew();
        while (!File.Exists(pair.ControlPath(node)) && waiting.Elapsed < RunningNode.Patience)
            await Task.Delay(20, TestContext.Current.CancellationToken);
        return process;
    }

    static async Task<StatusDocument> UntilAsync(ControlClient client, Func<StatusDocument, bool> condition)
    {
        Stopwatch waiting = Stopwatch.StartNew();
        while (true)
        {
            StatusDocument status = await client.GetStatusAsync(TestContext.Current.CancellationToken);
            if (condition(status))
                return status;
            Assert.True(waiting.Elapsed < RunningNode.Patience, string.Join("; ", status.Tunnels.Select(tunnel => $"{tunnel.Connection} {tunnel.State}")));
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    static string Text(LoopbackPair pair, string suite) => $$"""
        name: two-tunnels
        sites:
          left:
            networks: [10.1.0.0/16]
            device:
              address: {{pair.DeviceAddress}}
              ikePort: 10500
              natTraversalPort: 14500
              proposals: [aes256-sha256-ecp256]
              retryDelay: 1s
              connections:
                - { name: kept, peerAddress: {{pair.GatewayAddress}}, sharedKey: Gh7s0pQ2xV9k, localIdentity: kept.left, remoteIdentity: kept.right,
                    localSelectors: [10.1.1.0/24], remoteSelectors: [10.2.1.0/24], espProposals: [aes256gcm16], peerIkePort: 10500, peerNatTraversalPort: 14500 }
                - { name: changed, peerAddress: {{pair.GatewayAddress}}, sharedKey: t4Wz8LmN1c, localIdentity: changed.left, remoteIdentity: changed.right,
                    localSelectors: [10.1.2.0/24], remoteSelectors: [10.2.2.0/24], espProposals: [{{suite}}], peerIkePort: 10500, peerNatTraversalPort: 14500 }
          right:
            networks: [10.2.0.0/16]
            device:
              address: {{pair.GatewayAddress}}
              ikePort: 10500
              natTraversalPort: 14500
              startAction: none
              proposals: [aes256-sha256-ecp256]
              espProposals: [aes256gcm16, aes128gcm16]
              connections:
                - { name: kept, peerAddress: {{pair.DeviceAddress}}, sharedKey: Gh7s0pQ2xV9k, localIdentity: kept.right, remoteIdentity: kept.left,
                    localSelectors: [10.2.1.0/24], remoteSelectors: [10.1.1.0/24], peerIkePort: 10500, peerNatTraversalPort: 14500 }
                - { name: changed, peerAddress: {{pair.DeviceAddress}}, sharedKey: t4Wz8LmN1c, localIdentity: changed.right, remoteIdentity: changed.left,
                    localSelectors: [10.2.2.0/24], remoteSelectors: [10.1.2.0/24], peerIkePort: 10500, peerNatTraversalPort: 14500 }
        """;
}
