using Ipsec.Endpoint;
using Ipsec.EndpointHost.Configuration;
using Ipsec.Interop.Tests.Harness;
using Ipsec.Ike.Outputs;
using Ipsec.Lab.Topology;

namespace Ipsec.Interop.Tests;

/// <summary>A node of a lab that strongSwan plays, by itself: its tunnel with our host, what it tells, and its restart.</summary>
public sealed class StrongSwanNodeScenarios
{
    [Theory, Trait("Tier", "2")]
    [InlineData("device-config", "10.1.0.1", "10.2.0.1")]
    [InlineData("device-config-route-based", "10.1.0.1", "10.2.0.1")]
    [InlineData("device-config-pairs", "10.1.1.4", "10.2.2.10")]
    public async Task StrongSwanPlaysADeviceOfATopology(string scenario, string ourInner, string theirInner)
    {
        Requirements.SkipUnlessMet();
        string file = Path.Combine(AppContext.BaseDirectory, "Scenarios", scenario, "ours.yaml");
        await using LabNetwork network = await LabNetwork.CreateAsync();
        await network.Ours.IpAsync("addr", "replace", ourInner + "/32", "dev", "lo");
        await network.Theirs.IpAsync("addr", "replace", theirInner + "/32", "dev", "lo");
        await using WireCapture wire = await WireCapture.StartAsync(network);
        TopologyModel topology = NodeFile.LoadTopology(file);
        await using StrongSwanNode node = new(topology, topology.Nodes.Single(one => one.Kind == NodeKind.Device), network.Theirs.Name,
            Path.Combine(network.Folder, "branch"), Path.Combine(network.Folder, "branch.log"));
        StrongSwanNode.Check(node.Definition);
        await node.OpenAsync();
        await using HostProcess ours = await HostProcess.StartAsync(network.Ours, network.Folder, file, "hub-gw");
        node.Start();

        TunnelStatus first = await AssertUpAsync(node, ours);
        Assert.Equal("203.0.113.5", first.Local.ToString());
        Assert.NotEqual(default, first.IkeSa!.Suite.KeyExchange);
        await Traffic.AssertBothWaysAsync(network.Ours, ourInner, network.Theirs, theirInner, Recording.Limit(1_000_000));
        Assert.Contains(Drain(node), occurred => occurred is MessagePassed { Exchange: "IKE_SA_INIT", Sent: true, Connection: "hub-to-branch" });

        node.Stop();
        Assert.True(await Wait.ForAsync(() => node.Status.Tunnels[0].State == TunnelState.Down));
        // Nothing leaves in clear while there is no charon.
        Assert.False(await Traffic.PingAsync(network.Theirs, theirInner, ourInner, attempts: 1));
        node.Restart();
        TunnelStatus second = await AssertUpAsync(node, ours);
        Assert.NotEqual(first.IkeSa.InitiatorSpi, second.IkeSa!.InitiatorSpi);
        await Traffic.AssertBothWaysAsync(network.Ours, ourInner, network.Theirs, theirInner, Recording.Limit(1_000_000));

        node.Shutdown();
        Assert.True(await Wait.ForAsync(() => node.IsClosed));
        Assert.True(await Wait.ForAsync(async () => (await ours.GetTunnelAsync()).IkeSa is null));
        await wire.AssertOnlyProtectedTrafficAsync();
    }

    /// <summary>Both list the same child SAs.</summary>
    static async Task<TunnelStatus> AssertUpAsync(StrongSwanNode node, HostProcess ours)
    {
        string seen = "";
        bool agree = await Wait.ForAsync(async () =>
        {
            HostTunnel host = await ours.GetTunnelAsync();
            string[] theirs = [.. node.Status.Tunnels[0].ChildSas.Select(child => $"{child.OutboundSpi:x8} {child.InboundSpi:x8}").Order(StringComparer.Ordinal)];
            string[] listed = [.. host.ChildSas.Select(child => $"{child.SpiIn} {child.SpiOut}").Order(StringComparer.Ordinal)];
            seen = $"ours {string.Join(", ", listed)}; theirs {string.Join(", ", theirs)}; {node.Status.Tunnels[0]}";
            return host.IsEstablished && node.Status.Tunnels[0].State == TunnelState.Established && listed.Length > 0 && listed.SequenceEqual(theirs);
        });
        Assert.True(agree, seen + (File.Exists(node.LogFile) ? await File.ReadAllTextAsync(node.LogFile) : ""));
        return node.Status.Tunnels[0];
    }

    static List<IkeEvent> Drain(StrongSwanNode node)
    {
        List<IkeEvent> events = [];
        while (node.TryTakeEvent(out IkeEvent? occurred))
            events.Add(occurred!);
        return events;
    }
}
