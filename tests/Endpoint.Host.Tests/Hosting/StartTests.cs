using System.Net;
using System.Net.Sockets;
using Ipsec.EndpointHost.CommandLine;
using Ipsec.EndpointHost.Configuration;
using Ipsec.EndpointHost.Tests.Kit;

namespace Ipsec.EndpointHost.Tests.Hosting;

public class StartTests
{
    [Theory]
    [InlineData(10500)]
    [InlineData(14500)]
    public async Task APortInUseIsOneSentenceAndNothingIsLeftBehind(int port)
    {
        using var pair = new LoopbackPair();
        using (var occupant = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp))
        {
            occupant.Bind(new IPEndPoint(IPAddress.Parse(pair.DeviceAddress), port));

            UserErrorException error = await Assert.ThrowsAsync<UserErrorException>(() =>
                RunningNode.StartAsync(RunningNode.Options(pair, LoopbackPair.Device)));

            Assert.Equal($"UDP {pair.DeviceAddress}:{port} is already in use by another program or another copy of this one.", error.Message);
        }
        Assert.False(File.Exists(pair.ControlPath(LoopbackPair.Device)));
        await using RunningNode device = await RunningNode.StartAsync(RunningNode.Options(pair, LoopbackPair.Device));
        Assert.True((await device.StatusAsync()).Ready);
    }

    [Fact]
    public async Task AWildcardSocketOfAnotherDaemonKeepsThePortToo()
    {
        using var pair = new LoopbackPair();
        using var occupant = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        occupant.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        occupant.Bind(new IPEndPoint(IPAddress.Any, 0));
        int port = ((IPEndPoint)occupant.LocalEndPoint!).Port;
        File.WriteAllText(pair.TopologyFile, File.ReadAllText(pair.TopologyFile).Replace("14500", $"{port}"));

        UserErrorException error = await Assert.ThrowsAsync<UserErrorException>(() => RunningNode.StartAsync(RunningNode.Options(pair, LoopbackPair.Device)));

        Assert.Contains($":{port} is already in use", error.Message);
    }

    [Fact]
    public async Task ASecondCopyIsRefusedAndTheFirstGoesOn()
    {
        using var pair = new LoopbackPair();
        await using RunningNode first = await RunningNode.StartAsync(RunningNode.Options(pair, LoopbackPair.Device));

        UserErrorException error = await Assert.ThrowsAsync<UserErrorException>(() => RunningNode.StartAsync(RunningNode.Options(pair, LoopbackPair.Device)));

        Assert.Contains("already in use", error.Message);
        Assert.True((await first.StatusAsync()).Ready);
    }

    [Fact]
    public async Task AStaleControlSocketIsReplaced()
    {
        using var pair = new LoopbackPair();
        string path = pair.ControlPath(LoopbackPair.Device);
        using (var dead = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            dead.Bind(new UnixDomainSocketEndPoint(Path.Combine(pair.Folder, "dead.sock")));
            File.Move(Path.Combine(pair.Folder, "dead.sock"), path);
        }
        Assert.True(File.Exists(path));

        await using RunningNode device = await RunningNode.StartAsync(RunningNode.Options(pair, LoopbackPair.Device));

        Assert.True((await device.StatusAsync()).Ready);
    }

    [Fact]
    public async Task AControlSocketThatAnswersIsNotTakenAway()
    {
        using var pair = new LoopbackPair();
        await using RunningNode gateway = await RunningNode.StartAsync(RunningNode.Options(pair, LoopbackPair.Gateway));
        RunOptions options = RunningNode.Options(pair, LoopbackPair.Device) with { ControlPath = gateway.ControlPath };

        UserErrorException error = await Assert.ThrowsAsync<UserErrorException>(() => RunningNode.StartAsync(options));

        Assert.StartsWith($"Another ipsec-endpoint answers on {gateway.ControlPath}", error.Message);
        Assert.Equal("hub-gw", (await gateway.StatusAsync()).Node);
    }

    [Fact]
    public async Task AControlSocketThatCannotBeMadeIsOneSentence()
    {
        using var pair = new LoopbackPair();
        // No socket can be made below /proc, whoever asks.
        (int exitCode, _, string error) = await Lab.HostProcess.RunAsync("run", pair.TopologyFile, "--node", LoopbackPair.Device,
            "--inner", "virtual", "--control", "/proc/device.sock");

        Assert.Equal(1, exitCode);
        Assert.StartsWith("The control socket", Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
        Assert.EndsWith("name another path with --control.", error.TrimEnd());
    }

    [Fact]
    public async Task AnAddressThatIsNotOursIsOneSentence()
    {
        using var pair = new LoopbackPair();
        RunOptions options = RunningNode.Options(pair, LoopbackPair.Device) with { LocalAddresses = [Net.IpAddress.Parse("192.0.2.1")] };

        UserErrorException error = await Assert.ThrowsAsync<UserErrorException>(() => RunningNode.StartAsync(options));

        Assert.Equal("192.0.2.1 is not an address of this machine; add it to an interface or name another one with --local.", error.Message);
    }

    [Fact]
    public async Task TransportModeOnATunIsOneSentenceAndNothingIsLeftBehind()
    {
        using var pair = new LoopbackPair();
        File.WriteAllText(pair.TopologyFile, pair.Text().Replace("startAction: none", "startAction: none\n      mode: transport"));
        RunOptions options = RunningNode.Options(pair, LoopbackPair.Device);

        UserErrorException error = await Assert.ThrowsAsync<UserErrorException>(() => RunningNode.StartAsync(options with { Inner = InnerKind.Tun }));

        Assert.Equal($"The child {LoopbackPair.Connection} is in transport mode, whose packets a TUN cannot carry; run it with --inner virtual, or in a lab.",
            error.Message);
        Assert.False(File.Exists(pair.ControlPath(LoopbackPair.Device)));
        await using RunningNode device = await RunningNode.StartAsync(options);
        Assert.True((await device.StatusAsync()).Ready);
    }

    [Fact]
    public async Task AnUnreadableKeyFileNamesLineKeyAndFile()
    {
        using var pair = new LoopbackPair();
        File.WriteAllText(pair.TopologyFile, pair.Text(sharedKey: "{ file: psk.txt }"));

        UserErrorException error = await Assert.ThrowsAsync<UserErrorException>(() => RunningNode.StartAsync(RunningNode.Options(pair, LoopbackPair.Device)));

        string sentence = Assert.Single(error.Sentences);
        Assert.StartsWith($"{pair.TopologyFile}:11:", sentence);
        Assert.Contains("sharedKey", sentence);
        Assert.Contains("psk.txt", sentence);
        Assert.Contains("it does not exist", sentence);
        Assert.False(File.Exists(pair.ControlPath(LoopbackPair.Device)));
    }

    [Fact]
    public async Task AKeyFileBesideTheTopologyIsRead()
    {
        using var pair = new LoopbackPair();
        await using RunningNode gateway = await RunningNode.StartAsync(RunningNode.Options(pair, LoopbackPair.Gateway));
        File.WriteAllText(pair.TopologyFile, pair.Text(sharedKey: "{ file: psk.txt }"));
        File.WriteAllText(Path.Combine(pair.Folder, "psk.txt"), "Gh7s0pQ2xV9k\n");
        await using RunningNode device = await RunningNode.StartAsync(RunningNode.Options(pair, LoopbackPair.Device));

        Assert.True((await device.CommandAsync("initiate")).Ok);
    }

    [Fact]
    public async Task EveryFaultOfAFileIsASentenceOfItsOwn()
    {
        using var pair = new LoopbackPair();
        File.WriteAllText(pair.TopologyFile, pair.Text().Replace("10.2.0.0/24]\n", "10.2.0.0/33]\n").Replace("startAction: none", "startAction: perhaps"));

        UserErrorException error = await Assert.ThrowsAsync<UserErrorException>(() => RunningNode.StartAsync(RunningNode.Options(pair, LoopbackPair.Device)));

        Assert.True(error.Sentences.Count >= 2, error.Message);
        Assert.All(error.Sentences, sentence => Assert.Matches(@"^\S+pair\.yaml:\d+:\d+: \S.*\.$", sentence));
    }
}
