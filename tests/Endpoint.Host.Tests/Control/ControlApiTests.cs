using System.Net;
using System.Net.Sockets;
using System.Text;
using Ipsec.EndpointHost.Control;
using Ipsec.EndpointHost.Telemetry;
using Ipsec.EndpointHost.Tests.Kit;
using Ipsec.Ike.Outputs;

namespace Ipsec.EndpointHost.Tests.Control;

public class ControlApiTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task InitiateWaitsUntilTheTunnelIsUpAndTheStatusShowsItsTraffic()
    {
        using var pair = new LoopbackPair();
        await using RunningNode gateway = await RunningNode.StartAsync(RunningNode.Options(pair, LoopbackPair.Gateway));
        await using RunningNode device = await RunningNode.StartAsync(RunningNode.Options(pair, LoopbackPair.Device));

        CommandResponse response = await device.CommandAsync("initiate");
        TimeSpan? roundTrip = await device.PingAsync("pc1", "10.1.1.4");
        TunnelDocument tunnel = await device.TunnelAsync();

        Assert.True(response.Ok, response.Message);
        Assert.NotNull(roundTrip);
        Assert.Equal(("established", "aes256-sha1-modp1024", 2), (tunnel.State, tunnel.IkeProposal, tunnel.IkeVersion));
        Assert.Equal("initiator", tunnel.IkeSa!.Role);
        ChildSaDocument child = Assert.Single(tunnel.ChildSas);
        Assert.Equal((1ul, 1ul, 84ul, 84ul), (child.PacketsIn, child.PacketsOut, child.BytesIn, child.BytesOut));
        ChildSaDocument mirrored = Assert.Single((await gateway.TunnelAsync()).ChildSas);
        Assert.Equal((child.SpiIn, child.SpiOut), (mirrored.SpiOut, mirrored.SpiIn));
    }

    [Fact]
    public async Task StatusNamesTheNodeAndWhatItHolds()
    {
        using var pair = new LoopbackPair();
        await using RunningNode device = await RunningNode.StartAsync(RunningNode.Options(pair, LoopbackPair.Device));

        StatusDocument status = await device.StatusAsync();

        Assert.Equal(("pair", "branch", 0, true), (status.Topology, status.Node, status.Instance, status.Ready));
        Assert.Equal((pair.DeviceAddress, 10500, 14500), (Assert.Single(status.LocalAddresses), status.IkePort, status.NatTraversalPort));
        Assert.Equal(("virtual", null), (status.Inner.Kind, status.Inner.Interface));
        Assert.Equal(Environment.ProcessId, status.ProcessId);
        Assert.Contains("esp.sealed", status.Counters.Keys);
        Assert.Contains("host.send-failures", status.Counters.Keys);
    }

    [Theory]
    [InlineData("ike")]
    [InlineData("child")]
    public async Task RekeyGivesNewSpisAndTrafficGoesOn(string what)
    {
        using var pair = new LoopbackPair();
        await using RunningNode gateway = await RunningNode.StartAsync(RunningNode.Options(pair, LoopbackPair.Gateway));
        await using RunningNode device = await RunningNode.StartAsync(RunningNode.Options(pair, LoopbackPair.Device));
        await device.CommandAsync("initiate");
        TunnelDocument before = await device.TunnelAsync();

        CommandResponse response = await device.CommandAsync("rekey", what: what);
        TunnelDocument after = await device.TunnelAsync();

        Assert.True(response.Ok, response.Message);
        Assert.Equal(what == "ike", before.IkeSa!.SpiInitiator != after.IkeSa!.SpiInitiator);
        // The replaced child SA stands beside the new one until its DELETE is answered.
        Assert.Equal(what == "child", after.ChildSas.Any(child => child.SpiIn != before.ChildSas[0].SpiIn));
        Assert.NotNull(await device.PingAsync("pc1", "10.1.1.4"));
    }

    [Fact]
    public async Task AnIkeSaThatGivesWayToAnotherIsNoOutcome()
    {
        using var pair = new LoopbackPair();
        await using RunningNode device = await RunningNode.StartAsync(RunningNode.Options(pair, LoopbackPair.Device));
        Task<CommandResponse> initiated = device.CommandAsync("initiate");
        while ((await device.TunnelAsync()).State != "connecting")
            await Task.Delay(10, Cancellation);

        var closed = new IkeSaClosed(WasEstablished: true, [new Reason("rekeyed", Certainty.Known, "It was replaced by a rekey.")])
        { Connection = LoopbackPair.Connection };
        device.Service.Events.Publish(new TimedEvent(DateTimeOffset.UnixEpoch, closed));

        // Nobody answers: that is why it fails.
        Assert.Equal("peer-not-responding", (await initiated).Reasons[0].Code);
    }

    [Fact]
    public async Task TerminateTakesTheTunnelDownOnBothSides()
    {
        using var pair = new LoopbackPair();
        await using RunningNode gateway = await RunningNode.StartAsync(RunningNode.Options(pair, LoopbackPair.Gateway));
        await using RunningNode device = await RunningNode.StartAsync(RunningNode.Options(pair, LoopbackPair.Device));
        await device.CommandAsync("initiate");
        Task<Ike.Outputs.IkeSaClosed> closed = gateway.NextAsync<Ike.Outputs.IkeSaClosed>();

        CommandResponse response = await device.CommandAsync("terminate");
        await closed;

        Assert.True(response.Ok, response.Message);
        Assert.Equal("down", (await device.TunnelAsync()).State);
        Assert.Null((await gateway.TunnelAsync()).IkeSa);
    }

    [Fact]
    public async Task RedirectSendsAPeerThatFollowsToAnotherGateway()
    {
        using var pair = new LoopbackPair();
        await using RunningNode gateway = await RunningNode.StartAsync(RunningNode.Options(pair, LoopbackPair.Gateway));
        await using RunningNode device = await RunningNode.StartAsync(RunningNode.Options(pair, LoopbackPair.Device));
        CommandResponse tooEarly = await gateway.CommandAsync("redirect", target: "127.0.0.77");
        CommandResponse noTarget = await gateway.CommandAsync("redirect");
        await device.CommandAsync("initiate");
        Task<Ike.Outputs.IkeSaClosed> closed = device.NextAsync<Ike.Outputs.IkeSaClosed>();

        CommandResponse noClient = await device.CommandAsync("redirect", target: "127.0.0.77");
        CommandResponse response = await gateway.CommandAsync("redirect", target: "127.0.0.77");

        Assert.Equal((true, "hub-to-branch is redirected to 127.0.0.77."), (response.Ok, response.Message));
        Assert.Contains("redirected us to 127.0.0.77", Assert.Single((await closed).Reasons).Text);
        Assert.Null((await gateway.TunnelAsync()).IkeSa);
        Assert.Equal("A redirect names its target: an address or a DNS name.", noTarget.Message);
        Assert.All([tooEarly, noClient], refused => Assert.Contains("REDIRECT_SUPPORTED", refused.Message));
    }

    [Fact]
    public async Task InitiateTellsWhyItFailed()
    {
        using var pair = new LoopbackPair();
        await using RunningNode gateway = await RunningNode.StartAsync(RunningNode.Options(pair, LoopbackPair.Gateway));
        File.WriteAllText(pair.TopologyFile, pair.Text(sharedKey: "anotherKey"));
        await using RunningNode device = await RunningNode.StartAsync(RunningNode.Options(pair, LoopbackPair.Device));

        CommandResponse response = await device.CommandAsync("initiate");

        Assert.False(response.Ok);
        Assert.Contains(response.Reasons, reason => reason.Code == "authentication-failed");
        Assert.Empty((await gateway.TunnelAsync()).ChildSas);
    }

    [Fact]
    public async Task ACommandForAnUnknownConnectionNamesTheKnownOnes()
    {
        using var pair = new LoopbackPair();
        await using RunningNode device = await RunningNode.StartAsync(RunningNode.Options(pair, LoopbackPair.Device));

        CommandResponse response = await device.CommandAsync("terminate", "nope");

        Assert.Equal((false, "There is no connection 'nope'; this node has hub-to-branch."), (response.Ok, response.Message));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("")]
    [InlineData("[1]")]
    [InlineData("{\"connection\":\"hub-to-branch\",\"waitSeconds\":1e9}")]
    [InlineData("{\"connection\":\"hub-to-branch\",\"waitSeconds\":-1}")]
    public async Task ABadRequestIsRefusedInJson(string body)
    {
        using var pair = new LoopbackPair();
        await using RunningNode device = await RunningNode.StartAsync(RunningNode.Options(pair, LoopbackPair.Device));

        using HttpClient http = Connect(device.ControlPath);
        using HttpResponseMessage response = await http.PostAsync("/v1/initiate", new StringContent(body, Encoding.UTF8, "application/json"), Cancellation);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("\"ok\":false", await response.Content.ReadAsStringAsync(Cancellation));
    }

    [Fact]
    public async Task WatchTellsEventsAsTheyHappenAndEndsWithTheHost()
    {
        using var pair = new LoopbackPair();
        await using RunningNode gateway = await RunningNode.StartAsync(RunningNode.Options(pair, LoopbackPair.Gateway));
        await using RunningNode device = await RunningNode.StartAsync(RunningNode.Options(pair, LoopbackPair.Device));
        var lines = new List<string>();
        Task stop = Task.CompletedTask;
        await foreach (string line in device.Client.WatchAsync(Cancellation))
        {
            lines.Add(line);
            if (lines.Count == 1)
                await device.CommandAsync("initiate");
            if (line.Contains("child-sa-established"))
                stop = device.StopAsync();
        }
        await stop;

        Assert.Contains("\"event\":\"watching\"", lines[0]);
        Assert.Contains(lines, line => line.Contains("\"event\":\"message\"") && line.Contains("\"exchange\":\"IKE_SA_INIT\"")
            && line.Contains("\"direction\":\"sent\""));
        Assert.Contains(lines, line => line.Contains("\"event\":\"ike-sa-established\"") && line.Contains("\"proposal\":\"aes256-sha1-modp1024\""));
        Assert.Contains(lines, line => line.Contains("\"event\":\"ike-sa-closed\"") && line.Contains("\"wasEstablished\":true"));
    }

    static HttpClient Connect(string path) => new(new SocketsHttpHandler
    {
        ConnectCallback = async (_, cancellation) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        },
    })
    { BaseAddress = new Uri("http://localhost") };
}
