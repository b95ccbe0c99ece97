using Ipsec.Interop.Tests.Harness;

namespace Ipsec.Interop.Tests;

/// <summary>Rekeys over protocol 50 between two of our hosts: strongSwan's user-space ESP speaks UDP only.</summary>
public sealed class OwnPairScenarios
{
    const int Pings = 30;

    [Fact, Trait("Tier", "2")]
    public async Task RekeysOfBothKindsLoseNoPingOfRawEsp()
    {
        Requirements.SkipUnlessMet();
        string file = Path.Combine(AppContext.BaseDirectory, "Scenarios", "protocol-50-esn", "gcm.yaml");
        await using LabNetwork network = await LabNetwork.CreateAsync();
        await using WireCapture wire = await WireCapture.StartAsync(network);
        await using HostProcess right = await HostProcess.StartAsync(network.Theirs, network.Folder, file, "right");
        await using HostProcess left = await HostProcess.StartAsync(network.Ours, network.Folder, file, "left");
        HostAnswer initiated = await left.InitiateAsync();
        Assert.True(initiated.Ok, initiated.Message);
        HostChildSa first = Assert.Single((await left.GetTunnelAsync()).ChildSas);

        Task<int> answers = Traffic.CountAnswersAsync(network.Ours, LabNetwork.OurInner, LabNetwork.TheirInner, Pings);
        Assert.True((await right.RekeyAsync("child")).Ok);
        Assert.True((await left.RekeyAsync("ike")).Ok);
        Assert.True((await left.RekeyAsync("child")).Ok);
        Assert.Equal(Pings, await answers);

        HostTunnel tunnel = await right.GetTunnelAsync();
        Assert.Equal("none", tunnel.IkeSa!.Encapsulation);
        Assert.NotEqual(first.SpiIn, Assert.Single(tunnel.ChildSas).SpiOut);
        await Traffic.AssertBothWaysAsync(network.Ours, LabNetwork.OurInner, network.Theirs, LabNetwork.TheirInner, 20_000_000);
        await wire.AssertOnlyProtectedTrafficAsync();
        Assert.Equal("", await wire.ReadAsync("udp port 4500"));
    }
}
