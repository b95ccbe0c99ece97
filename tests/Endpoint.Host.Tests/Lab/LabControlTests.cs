using Ipsec.EndpointHost.Configuration;
using Ipsec.EndpointHost.Control;
using Ipsec.EndpointHost.Demo;
using Ipsec.EndpointHost.Lab;
using Ipsec.EndpointHost.Tests.Kit;
using Ipsec.Lab.Run;

namespace Ipsec.EndpointHost.Tests.Lab;

/// <summary>A lab in memory at many times the pace of the clock, and the verbs that reach it over its control socket.</summary>
public class LabControlTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task StatusAndCommandsReachTheNodesOfALab()
    {
        using var pair = new LoopbackPair();
        await using RunningLab lab = await RunningLab.StartAsync(pair);
        StatusDocument device = await lab.UntilUpAsync(LoopbackPair.Device);

        StatusDocument gateway = await lab.StatusAsync(null);
        CommandResponse rekeyed = await lab.TellAsync("rekey", new CommandRequest(LoopbackPair.Connection, What: "child", Node: "branch"));
        CommandResponse unknown = await lab.TellAsync("initiate", new CommandRequest(LoopbackPair.Connection, Node: "nobody"));

        Assert.Equal(("pair", "branch", "lab"), (device.Topology, device.Node, device.Inner.Kind));
        Assert.Equal(("hub-gw", 2), (gateway.Node, gateway.Instances.Length));
        Assert.Equal("hub-to-branch is rekeyed.", rekeyed.Message);
        Assert.Equal("This lab has no node 'nobody'; it has hub-gw, branch.", unknown.Message);
    }

    [Fact]
    public async Task AFailoverAndAResetOfAConnectionAreOverInLabTime()
    {
        using var pair = new LoopbackPair();
        await using RunningLab lab = await RunningLab.StartAsync(pair);
        await lab.UntilUpAsync(LoopbackPair.Device);
        StatusDocument before = await lab.UntilUpAsync(LoopbackPair.Gateway);

        CommandResponse failed = await lab.TellAsync("failover", new CommandRequest(null, Kind: "unplanned", Instance: 1));
        await lab.UntilUpAsync(LoopbackPair.Gateway);
        CommandResponse reset = await lab.TellAsync("reset-connection", new CommandRequest(LoopbackPair.Connection));
        StatusDocument after = await lab.StatusAsync(LoopbackPair.Gateway);
        CommandResponse device = await lab.TellAsync("maintenance", new CommandRequest(null, Node: LoopbackPair.Device));

        Assert.Equal(("hub-gw is served again.", "hub-to-branch is up again."), (failed.Message, reset.Message));
        Assert.Equal((false, false), (Spi(before, 0) == Spi(after, 0), Spi(before, 1) == Spi(after, 1)));
        Assert.Equal("branch is no Azure gateway of this lab; it has hub-gw.", device.Message);
    }

    [Fact]
    public async Task AReloadTouchesOnlyWhatChangedAndRefusesWhatALabCannotChange()
    {
        using var pair = new LoopbackPair();
        await using RunningLab lab = await RunningLab.StartAsync(pair);
        await lab.UntilUpAsync(LoopbackPair.Device);
        StatusDocument before = await lab.UntilUpAsync(LoopbackPair.Gateway);

        File.WriteAllText(pair.TopologyFile, pair.ActiveActiveText(
            moreGateways: "    other: { gatewayIpAddress: 192.0.2.77, addressPrefixes: [10.9.0.0/24] }",
            moreConnections: "    hub-to-other: { virtualNetworkGateway1: hub-gw, localNetworkGateway2: other, connectionMode: ResponderOnly, "
                + "sharedKey: u8Tf2Lq9Zx }"));
        CommandResponse grown = await lab.TellAsync("reload", new CommandRequest(null));
        StatusDocument larger = await lab.StatusAsync(LoopbackPair.Gateway);
        File.WriteAllText(pair.TopologyFile, pair.ActiveActiveText().Replace("10.1.1.4", "10.1.1.9", StringComparison.Ordinal));
        CommandResponse refused = await lab.TellAsync("reload", new CommandRequest(null));
        File.WriteAllText(pair.TopologyFile, pair.ActiveActiveText(sharedKey: "n3wK7eyQ2pLw"));
        CommandResponse renewed = await lab.TellAsync("reload", new CommandRequest(null));
        StatusDocument after = await lab.UntilAsync(LoopbackPair.Gateway, status =>
            RunningLab.IsUp(status) && Spi(status, 0) != Spi(before, 0) && Spi(status, 1) != Spi(before, 1));

        Assert.Equal((true, true), (grown.Ok, renewed.Ok));
        Assert.Equal((4, 2), (larger.Tunnels.Length, after.Tunnels.Length));
        Assert.Equal((Spi(before, 0), Spi(before, 1)), (Spi(larger, 0), Spi(larger, 1)));
        Assert.EndsWith("The hosts of a lab cannot change while it runs; run it again.", refused.Message, StringComparison.Ordinal);
    }

    static string Spi(StatusDocument status, int instance) => status.Tunnels.Single(
        tunnel => tunnel.Instance == instance && tunnel.Connection == LoopbackPair.Connection).IkeSa!.SpiInitiator;

    /// <summary>What <c>lab run --time-scale 50 --stay</c> does, without its screen.</summary>
    sealed class RunningLab : IAsyncDisposable
    {
        const double TimeScale = 50;

        readonly CancellationTokenSource _end = new();
        readonly LabInbox _inbox = new();
        readonly LabRun _run;
        readonly ControlServer _server;
        readonly Task _pacing;

        RunningLab(LabRun run, ControlServer server, LabInbox inbox, string path)
        {
            (_run, _server, _inbox) = (run, server, inbox);
            Client = new ControlClient(path);
            var pacer = new LabPacer(run, TimeProvider.System, TimeScale, () => { }, _inbox.TakeIn);
            _pacing = Task.Run(() => pacer.RunWhileAsync(() => true, TimeSpan.MaxValue, _end.Token), Cancellation);
        }

        ControlClient Client { get; }

        public static async Task<RunningLab> StartAsync(LoopbackPair pair)
        {
            File.WriteAllText(pair.TopologyFile, pair.ActiveActiveText());
            var run = new LabRun(NodeFile.LoadTopology(pair.TopologyFile), new LabOptions());
            run.Start();
            var inbox = new LabInbox();
            var control = new LabControl(run, inbox, pair.TopologyFile, TimeProvider.System);
            run.Occurred += control.Tell;
            return new RunningLab(run, await ControlServer.StartAsync(pair.ControlPath("lab"), control), inbox, pair.ControlPath("lab"));
        }

        public async Task<StatusDocument> StatusAsync(string? node)
        {
            using var client = new ControlClient(Client.Path) { Node = node };
            return await client.GetStatusAsync(Cancellation);
        }

        public Task<CommandResponse> TellAsync(string verb, CommandRequest request) =>
            Client.CommandAsync(verb, request with { WaitSeconds = RunningNode.Patience.TotalSeconds }, Cancellation);

        public Task<StatusDocument> UntilUpAsync(string node) => UntilAsync(node, status => status.Instances.All(one => one.Serving) && IsUp(status));

        public async Task<StatusDocument> UntilAsync(string node, Func<StatusDocument, bool> condition)
        {
            using var limit = new CancellationTokenSource(RunningNode.Patience);
            while (true)
            {
                StatusDocument status = await StatusAsync(node);
                if (condition(status))
                    return status;
                await Task.Delay(20, limit.Token);
            }
        }

        public static bool IsUp(StatusDocument status) => status.Tunnels.All(tunnel => tunnel is { State: "established", ChildSas.Length: 1 });

        public async ValueTask DisposeAsync()
        {
            _end.Cancel();
            await _pacing;
            _inbox.End();
            Client.Dispose();
            await _server.DisposeAsync();
            _run.Dispose();
        }
    }
}
