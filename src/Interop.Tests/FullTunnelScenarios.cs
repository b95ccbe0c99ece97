using Ipsec.Interop.Tests.Harness;

namespace Ipsec.Interop.Tests;

/// <summary>A default route into the tunnel, between two of our hosts: what stands in the kernel's routing and what is left of it.</summary>
public sealed class FullTunnelScenarios
{
    [Fact, Trait("Tier", "2")]
    public async Task ADefaultRouteIntoTheTunnelLeavesNothingBehindAndNeverLoops()
    {
        Requirements.SkipUnlessMet();
        string file = Path.Combine(AppContext.BaseDirectory, "Scenarios", "full-tunnel", "hosts.yaml");
        await using LabNetwork network = await LabNetwork.CreateAsync();
        string[] before = await RulesAsync(network.Ours);
        await using WireCapture wire = await WireCapture.StartAsync(network);
        await using HostProcess right = await HostProcess.StartAsync(network.Theirs, network.Folder, file, "right");
        await using HostProcess left = await HostProcess.StartAsync(network.Ours, network.Folder, file, "left");

        string[] first = await RulesAsync(network.Ours);
        Assert.True(first.Length > before.Length, string.Join('\n', first));
        Assert.Contains("default dev ipsec0", await network.Ours.IpAsync("route", "show", "table", "all"), StringComparison.Ordinal);
        await AssertTunnelWorksAsync(network, left);

        await left.KillAsync();
        // A later interface index, as where something else was plugged in meanwhile: the dead process's table is not the next one's.
        await network.Ours.IpAsync("link", "add", "one", "type", "veth", "peer", "name", "other");
        Assert.Equal(first, await RulesAsync(network.Ours));
        await left.StartAgainAsync();
        string[] second = await RulesAsync(network.Ours);
        Assert.Equal(first.Length, second.Length);
        string[] kept = [.. second.Intersect(first).Except(before)];
        Assert.DoesNotContain(kept, rule => !rule.Contains("lookup main", StringComparison.Ordinal));
        await AssertTunnelWorksAsync(network, left);

        Assert.True(await left.StopAsync(), left.Output);
        Assert.Equal(before, await RulesAsync(network.Ours));
        Assert.DoesNotContain("ipsec0", await network.Ours.IpAsync("route", "show", "table", "all"), StringComparison.Ordinal);
        Assert.DoesNotContain("ipsec0", await network.Ours.IpAsync("link", "show"), StringComparison.Ordinal);
        Assert.True(await Wait.ForAsync(async () => (await right.GetTunnelAsync()).IkeSa is null));
        await wire.AssertOnlyProtectedTrafficAsync();
    }

    [Fact, Trait("Tier", "2")]
    public async Task ATunThatIsDeletedUnderTheHostIsToldOnceAndCostsNoProcessor()
    {
        Requirements.SkipUnlessMet();
        string file = Path.Combine(AppContext.BaseDirectory, "Scenarios", "full-tunnel", "hosts.yaml");
        await using LabNetwork network = await LabNetwork.CreateAsync();
        string[] before = await RulesAsync(network.Ours);
        await using HostProcess left = await HostProcess.StartAsync(network.Ours, network.Folder, file, "left");

        await network.Ours.IpAsync("link", "delete", "ipsec0");
        Assert.True(await Wait.ForAsync(() => left.Output.Contains("cannot be read", StringComparison.Ordinal)), left.Output);
        TimeSpan used = left.ProcessorTime;
        await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        Assert.InRange(left.ProcessorTime - used, TimeSpan.Zero, TimeSpan.FromMilliseconds(400));

        Assert.True(await left.StopAsync(), left.Output);
        Assert.Single(left.Output.Split('\n'), line => line.Contains("cannot be read", StringComparison.Ordinal));
        Assert.Equal(before, await RulesAsync(network.Ours));
    }

    static async Task AssertTunnelWorksAsync(LabNetwork network, HostProcess left)
    {
        HostAnswer answer = await left.InitiateAsync();
        Assert.True(answer.Ok, answer.Message);
        await Traffic.AssertBothWaysAsync(network.Ours, LabNetwork.OurInner, network.Theirs, LabNetwork.TheirInner, 1_000_000);
        HostTunnel tunnel = await left.GetTunnelAsync();
        Assert.Equal("udp", tunnel.IkeSa!.Encapsulation);

        // While nothing is sent, nothing is sealed: a packet of ours that came back into the TUN would be sealed again and again.
        ulong sealedPackets = Assert.Single(tunnel.ChildSas).PacketsOut;
        Assert.True(await Traffic.PingAsync(network.Ours, LabNetwork.OurInner, LabNetwork.TheirInner));
        Assert.InRange(Assert.Single((await left.GetTunnelAsync()).ChildSas).PacketsOut - sealedPackets, 1ul, 20ul);
    }

    static async Task<string[]> RulesAsync(NetworkNamespace inside) =>
        (await inside.IpAsync("rule", "show")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
