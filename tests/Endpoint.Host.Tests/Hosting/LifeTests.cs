using Ipsec.EndpointHost.Control;
using Ipsec.EndpointHost.Tests.Kit;
using Ipsec.Ike.Outputs;
using Microsoft.Extensions.Logging;

namespace Ipsec.EndpointHost.Tests.Hosting;

public class LifeTests
{
    [Fact]
    public async Task StopSendsDeleteAndTakesTheSocketAway()
    {
        using var pair = new LoopbackPair();
        await using RunningNode gateway = await RunningNode.StartAsync(RunningNode.Options(pair, LoopbackPair.Gateway));
        await using RunningNode device = await RunningNode.StartAsync(RunningNode.Options(pair, LoopbackPair.Device));
        await device.CommandAsync("initiate");
        Task<IkeSaClosed> closed = gateway.NextAsync<IkeSaClosed>();

        await device.StopAsync();

        Assert.Equal("deleted-by-peer", Assert.Single((await closed).Reasons).Code);
        Assert.False(File.Exists(device.ControlPath));
        Assert.DoesNotContain(device.Log.Lines, line => line.Level >= LogLevel.Error);
    }

    [Fact]
    public async Task StopDoesNotWaitForeverForAPeerThatIsGone()
    {
        using var pair = new LoopbackPair();
        RunningNode gateway = await RunningNode.StartAsync(RunningNode.Options(pair, LoopbackPair.Gateway));
        await using RunningNode device = await RunningNode.StartAsync(RunningNode.Options(pair, LoopbackPair.Device));
        await device.CommandAsync("initiate");
        gateway.Service.Host.Seats[0].Runtime!.Dispose();

        await device.StopAsync().WaitAsync(RunningNode.Patience, TestContext.Current.CancellationToken);

        await gateway.DisposeAsync();
    }

    [Fact]
    public async Task ADeviceThatStartsByItselfNeedsNoCommand()
    {
        using var pair = new LoopbackPair();
        File.WriteAllText(pair.TopologyFile, pair.Text(startAction: "start"));
        await using RunningNode gateway = await RunningNode.StartAsync(RunningNode.Options(pair, LoopbackPair.Gateway));
        Task<ChildSaEstablished> established = gateway.NextAsync<ChildSaEstablished>();
        await using RunningNode device = await RunningNode.StartAsync(RunningNode.Options(pair, LoopbackPair.Device));

        Assert.Equal(LoopbackPair.Connection, (await established).Connection);
    }

    [Fact]
    public async Task ReloadLeavesAnUnchangedTunnelAlone()
    {
        using var pair = new LoopbackPair();
        await using RunningNode gateway = await RunningNode.StartAsync(RunningNode.Options(pair, LoopbackPair.Gateway));
        await using RunningNode device = await RunningNode.StartAsync(RunningNode.Options(pair, LoopbackPair.Device));
        await device.CommandAsync("initiate");
        TunnelDocument before = await device.TunnelAsync();
        File.WriteAllText(pair.TopologyFile, pair.Text() + "# a comment\n");

        CommandResponse response = await device.CommandAsync("reload", null);
        TunnelDocument after = await device.TunnelAsync();

        Assert.True(response.Ok, response.Message);
        Assert.Equal(before.ChildSas[0].SpiIn, after.ChildSas[0].SpiIn);
        Assert.NotNull(await device.PingAsync("pc1", "10.1.1.4"));
    }

    [Fact]
    public async Task ReloadTakesOverAChangedTunnel()
    {
        using var pair = new LoopbackPair();
        await using RunningNode gateway = await RunningNode.StartAsync(RunningNode.Options(pair, LoopbackPair.Gateway));
        await using RunningNode device = await RunningNode.StartAsync(RunningNode.Options(pair, LoopbackPair.Device));
        await device.CommandAsync("initiate");
        File.WriteAllText(pair.TopologyFile, pair.Text(startAction: "start"));
        Task<IkeSaClosed> closed = device.NextAsync<IkeSaClosed>();

        CommandResponse response = await device.CommandAsync("reload", null);

        Assert.True(response.Ok, response.Message);
        Assert.True((await closed).WasEstablished);
    }

    [Fact]
    public async Task ABadFileIsRefusedAndNothingChanges()
    {
        using var pair = new LoopbackPair();
        await using RunningNode gateway = await RunningNode.StartAsync(RunningNode.Options(pair, LoopbackPair.Gateway));
        await using RunningNode device = await RunningNode.StartAsync(RunningNode.Options(pair, LoopbackPair.Device));
        await device.CommandAsync("initiate");
        TunnelDocument before = await device.TunnelAsync();
        File.WriteAllText(pair.TopologyFile, pair.Text(startAction: "perhaps"));

        CommandResponse response = await device.CommandAsync("reload", null);
        TunnelDocument after = await device.TunnelAsync();

        Assert.False(response.Ok);
        Assert.Contains("startAction", response.Message);
        Assert.Equal(before.ChildSas[0].SpiIn, after.ChildSas[0].SpiIn);
        Assert.NotNull(await device.PingAsync("pc1", "10.1.1.4"));
        Assert.Contains(device.Log.Lines, line => line.Text.StartsWith("Reload refused, nothing changed"));
    }
}
