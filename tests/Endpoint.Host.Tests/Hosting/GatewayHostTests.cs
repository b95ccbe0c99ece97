using System.Diagnostics;
using Ipsec.EndpointHost.Control;
using Ipsec.EndpointHost.Tests.Kit;

namespace Ipsec.EndpointHost.Tests.Hosting;

/// <summary><c>run --instance all</c>: both instances of an active-active gateway in one process, and a device with a tunnel to each.</summary>
public class GatewayHostTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task BothInstancesServeTheirTunnelsOverOneControlSocket()
    {
        using var pair = new LoopbackPair();
        await using Gateway gateway = await Gateway.StartAsync(pair);

        StatusDocument status = await gateway.UntilUpAsync();

        Assert.Equal([0, 1], status.Instances.Select(one => one.Instance));
        Assert.Equal(["GatewayTenantWorker_IN_0", "GatewayTenantWorker_IN_1"], status.Instances.Select(one => one.Machine));
        Assert.Equal([pair.GatewayAddress, pair.SecondGatewayAddress], status.LocalAddresses);
        Assert.Equal([0, 1], status.Tunnels.Select(tunnel => tunnel.Instance));
        await PingAsync(gateway.Device, "pc1", "10.1.1.4");
        await PingAsync(gateway.Node, "vm1", "10.2.0.10");
    }

    [Theory]
    [InlineData("planned")]
    [InlineData("unplanned")]
    public async Task AFailoverTakesOneInstanceAwayAndTheOtherOneCarriesOn(string kind)
    {
        using var pair = new LoopbackPair();
        // Long enough to be seen on a machine that does other things too.
        await using Gateway gateway = await Gateway.StartAsync(pair, reboot: "4s");
        StatusDocument before = await gateway.UntilUpAsync();

        CommandResponse response = await gateway.TellAsync("failover", new CommandRequest(null, Kind: kind, Instance: 1));
        CommandResponse second = await gateway.TellAsync("failover", new CommandRequest(null, Kind: kind, Instance: 1));
        StatusDocument during = await gateway.UntilAsync(status => status.Instances[1] is { Serving: false, Inner: null });

        Assert.True(response.Ok, response.Message);
        Assert.Equal("Its last failover is not over yet.", second.Message);
        Assert.Equal("instance-not-served", Assert.Single(during.Tunnels[1].Reasons).Code);
        // The device answers into the tunnel that is gone until its dead peer detection says so.
        await PingAsync(gateway.Node, "vm1", "10.2.0.10");
        StatusDocument after = await gateway.UntilUpAsync();
        Assert.Equal(Spi(before, 0), Spi(after, 0));
        Assert.NotEqual(Spi(before, 1), Spi(after, 1));
    }

    [Fact]
    public async Task AResetTakesTheInstanceOfItsPublicAddressAndElseTheFirst()
    {
        using var pair = new LoopbackPair();
        await using Gateway gateway = await Gateway.StartAsync(pair);
        StatusDocument before = await gateway.UntilUpAsync();

        await gateway.TellAsync("reset", new CommandRequest(null, GatewayVip: pair.SecondGatewayAddress, WaitSeconds: RunningNode.Patience.TotalSeconds));
        StatusDocument between = await gateway.UntilUpAsync();
        CommandResponse response = await gateway.TellAsync("reset", new CommandRequest(null, WaitSeconds: RunningNode.Patience.TotalSeconds));
        StatusDocument after = await gateway.UntilUpAsync();
        CommandResponse unknown = await gateway.TellAsync("reset", new CommandRequest(null, GatewayVip: "192.0.2.1"));

        Assert.Equal("hub-gw is served again.", response.Message);
        Assert.Equal((true, false), (Spi(before, 0) == Spi(between, 0), Spi(before, 1) == Spi(between, 1)));
        Assert.Equal((false, true), (Spi(between, 0) == Spi(after, 0), Spi(between, 1) == Spi(after, 1)));
        Assert.Equal("hub-gw has no instance with the address 192.0.2.1.", unknown.Message);
    }

    [Fact]
    public async Task AMaintenanceTakesBothOneAfterTheOther()
    {
        using var pair = new LoopbackPair();
        await using Gateway gateway = await Gateway.StartAsync(pair, reboot: "3s");
        StatusDocument before = await gateway.UntilUpAsync();

        CommandResponse response = await gateway.TellAsync("maintenance", new CommandRequest(null));
        await gateway.UntilAsync(status => status.Instances is [{ Serving: false }, { Serving: true }]);
        await gateway.UntilAsync(status => status.Instances is [{ Serving: true }, { Serving: false }]);
        StatusDocument after = await gateway.UntilUpAsync();

        Assert.True(response.Ok, response.Message);
        Assert.Equal((false, false), (Spi(before, 0) == Spi(after, 0), Spi(before, 1) == Spi(after, 1)));
    }

    [Fact]
    public async Task AResetConnectionRestoresItOnBothInstances()
    {
        using var pair = new LoopbackPair();
        await using Gateway gateway = await Gateway.StartAsync(pair);
        StatusDocument before = await gateway.UntilUpAsync();

        CommandResponse response = await gateway.TellAsync("reset-connection",
            new CommandRequest(LoopbackPair.Connection, WaitSeconds: RunningNode.Patience.TotalSeconds));
        StatusDocument after = await gateway.UntilUpAsync();
        CommandResponse unknown = await gateway.TellAsync("reset-connection", new CommandRequest("other"));

        Assert.Equal("hub-to-branch is up again.", response.Message);
        Assert.Equal((false, false), (Spi(before, 0) == Spi(after, 0), Spi(before, 1) == Spi(after, 1)));
        Assert.Equal("There is no connection 'other' on hub-gw.", unknown.Message);
        await PingAsync(gateway.Device, "pc1", "10.1.1.4");
    }

    [Fact]
    public async Task ANewKeyResetsItsTunnelsAndNothingElseDoes()
    {
        using var pair = new LoopbackPair();
        await using Gateway gateway = await Gateway.StartAsync(pair);
        StatusDocument before = await gateway.UntilUpAsync();

        // Another connection is added: what is there stays as it is, by its SPIs.
        File.WriteAllText(pair.TopologyFile, pair.ActiveActiveText(
            moreGateways: "    other: { gatewayIpAddress: 192.0.2.77, addressPrefixes: [10.9.0.0/24] }",
            moreConnections: "    hub-to-other: { virtualNetworkGateway1: hub-gw, localNetworkGateway2: other, connectionMode: ResponderOnly, sharedKey: " +
                "u8Tf2Lq9Zx }"));
        CommandResponse grown = await gateway.TellAsync("reload", new CommandRequest(null));
        StatusDocument larger = await gateway.StatusAsync();
        // Addresses need a restart, and nothing changes.
        File.WriteAllText(pair.TopologyFile, pair.ActiveActiveText().Replace(pair.SecondGatewayAddress, "127.99.99.99", StringComparison.Ordinal));
        CommandResponse refused = await gateway.TellAsync("reload", new CommandRequest(null));
        StatusDocument kept = await gateway.StatusAsync();
        // Another key on both sides.
        File.WriteAllText(pair.TopologyFile, pair.ActiveActiveText(sharedKey: "n3wK7eyQ2pLw"));
        Assert.True((await gateway.Device.CommandAsync("reload", connection: null)).Ok);
        CommandResponse renewed = await gateway.TellAsync("reload", new CommandRequest(null));
        StatusDocument after = await gateway.UntilAsync(status => IsUp(status) && Spi(status, 0) != Spi(before, 0) && Spi(status, 1) != Spi(before, 1));

        Assert.True(grown.Ok, grown.Message);
        Assert.Equal(4, larger.Tunnels.Length);
        Assert.Equal((Spi(before, 0), Spi(before, 1)), (Spi(larger, 0), Spi(larger, 1)));
        Assert.Equal((Spi(before, 0), Spi(before, 1)), (Spi(kept, 0), Spi(kept, 1)));
        Assert.Equal($"{pair.TopologyFile}: The local addresses of 'hub-gw' cannot change while it runs; restart it.", refused.Message);
        Assert.True(renewed.Ok, renewed.Message);
        Assert.Equal(2, after.Tunnels.Length);
    }

    [Fact]
    public async Task AzureSeesBothTunnelsOfTheConnection()
    {
        using var pair = new LoopbackPair();
        await using Gateway gateway = await Gateway.StartAsync(pair);
        await gateway.UntilUpAsync();
        await gateway.Device.PingAsync("pc1", "10.1.1.4");

        AzureDocument azure = await gateway.Node.Client.GetAzureAsync(Cancellation);
        AzureDocument ofDevice = await gateway.Device.Client.GetAzureAsync(Cancellation);

        Azure.Diagnostics.ConnectionDiagnosis connection = Assert.Single(Assert.Single(azure.Gateways).Connections);
        Assert.Equal(Azure.Diagnostics.VirtualNetworkGatewayConnectionStatus.Connected, connection.ConnectionStatus);
        Assert.Equal([$"hub-to-branch_{pair.GatewayAddress}", $"hub-to-branch_{pair.SecondGatewayAddress}"],
            connection.TunnelConnectionStatus.Select(tunnel => tunnel.Tunnel));
        Assert.Equal((84ul, 84ul), (connection.IngressBytesTransferred, connection.EgressBytesTransferred));
        Assert.Equal(2, connection.IkeSas.Length);
        Assert.Contains(azure.Gateways[0].Logs.TunnelDiagnosticLog, entry => entry.OperationName == "TunnelConnected"
            && entry.Instance == "GatewayTenantWorker_IN_1");
        Assert.Empty(ofDevice.Gateways);
    }

    [Fact]
    public async Task OneInstanceAloneAndADeviceRefuseWhatIsForAWholeGateway()
    {
        using var pair = new LoopbackPair();
        File.WriteAllText(pair.TopologyFile, pair.ActiveActiveText());
        await using RunningNode first = await RunningNode.StartAsync(RunningNode.Options(pair, LoopbackPair.Gateway));
        await using RunningNode device = await RunningNode.StartAsync(RunningNode.Options(pair, LoopbackPair.Device));

        Assert.Equal("This process runs instance 0 of hub-gw only; a failover needs both, which 'run --instance all' starts.",
            (await first.Client.CommandAsync("failover", new CommandRequest(null), Cancellation)).Message);
        Assert.Equal("branch is a device: a reset is for Azure gateways.",
            (await device.Client.CommandAsync("reset", new CommandRequest(null), Cancellation)).Message);
        Assert.Equal("There is no instance 1 here; this host runs 0.",
            (await first.Client.CommandAsync("initiate", new CommandRequest(LoopbackPair.Connection, Instance: 1), Cancellation)).Message);
    }

    [Fact]
    public async Task TheOneInstanceOfAnActiveStandbyGatewayMovesToItsOtherMachine()
    {
        using var pair = new LoopbackPair();
        File.WriteAllText(pair.TopologyFile, pair.Text().Replace("natTraversalPort: 14500 }",
            "natTraversalPort: 14500, failover: { planned: 300ms, reboot: 300ms } }", StringComparison.Ordinal));
        await using RunningNode gateway = await RunningNode.StartAsync(RunningNode.Options(pair, LoopbackPair.Gateway));

        CommandResponse response = await gateway.Client.CommandAsync("reset", new CommandRequest(null, WaitSeconds: RunningNode.Patience.TotalSeconds),
            Cancellation);

        Assert.True(response.Ok, response.Message);
        Assert.Equal("GatewayTenantWorker_IN_1", Assert.Single((await gateway.StatusAsync()).Instances).Machine);
    }

    /// <summary>Until one is answered: one may be lost.</summary>
    static async Task PingAsync(RunningNode node, string host, string destination)
    {
        using var patience = new CancellationTokenSource(RunningNode.Patience);
        while (await node.PingAsync(host, destination, timeout: TimeSpan.FromMilliseconds(500)) is null)
            patience.Token.ThrowIfCancellationRequested();
    }

    static string Spi(StatusDocument status, int instance) =>
        status.Tunnels.Single(tunnel => tunnel.Instance == instance && tunnel.Connection == LoopbackPair.Connection).IkeSa!.SpiInitiator;

    static bool IsUp(StatusDocument status) => status.Tunnels.All(tunnel => tunnel is { State: "established", ChildSas.Length: 1 });

    sealed class Gateway : IAsyncDisposable
    {
        Gateway(RunningNode node, RunningNode device) => (Node, Device) = (node, device);

        public RunningNode Node { get; }
        public RunningNode Device { get; }

        public static async Task<Gateway> StartAsync(LoopbackPair pair, string reboot = "500ms")
        {
            File.WriteAllText(pair.TopologyFile, pair.ActiveActiveText().Replace("reboot: 500ms", $"reboot: {reboot}", StringComparison.Ordinal));
            return new Gateway(await RunningNode.StartAsync(RunningNode.Options(pair, LoopbackPair.Gateway) with { AllInstances = true }),
                await RunningNode.StartAsync(RunningNode.Options(pair, LoopbackPair.Device)));
        }

        public Task<StatusDocument> StatusAsync() => Node.StatusAsync();

        public Task<CommandResponse> TellAsync(string verb, CommandRequest request) => Node.Client.CommandAsync(verb, request, Cancellation);

        public Task<StatusDocument> UntilUpAsync() => UntilAsync(status => status.Instances.All(one => one.Serving) && IsUp(status));

        public async Task<StatusDocument> UntilAsync(Func<StatusDocument, bool> condition)
        {
            Stopwatch waiting = Stopwatch.StartNew();
            while (true)
            {
                StatusDocument status = await StatusAsync();
                if (condition(status))
                    return status;
                Assert.True(waiting.Elapsed < RunningNode.Patience,
                    string.Join("; ", status.Tunnels.Select(tunnel => $"{tunnel.Connection} {tunnel.Instance} {tunnel.State}")));
                await Task.Delay(20, Cancellation);
            }
        }

        public async ValueTask DisposeAsync()
        {
            await Device.DisposeAsync();
            await Node.DisposeAsync();
        }
    }
}
