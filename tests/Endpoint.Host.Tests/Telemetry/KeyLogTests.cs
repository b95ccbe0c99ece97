using Ipsec.Capture;
using Ipsec.EndpointHost.CommandLine;
using Ipsec.EndpointHost.Configuration;
using Ipsec.EndpointHost.Control;
using Ipsec.EndpointHost.Tests.Kit;

namespace Ipsec.EndpointHost.Tests.Telemetry;

public class KeyLogTests
{
    [Fact]
    public async Task KeysReachTheNamedFolderForTheirOwnerOnlyAndNoLogLine()
    {
        using var pair = new LoopbackPair();
        string folder = Path.Combine(pair.Folder, "keys");
        await using RunningNode gateway = await RunningNode.StartAsync(RunningNode.Options(pair, LoopbackPair.Gateway));
        await using RunningNode device = await RunningNode.StartAsync(RunningNode.Options(pair, LoopbackPair.Device) with { KeyLogDirectory = folder });
        await device.CommandAsync("initiate");
        TunnelDocument tunnel = await device.TunnelAsync();
        await device.StopAsync();

        string ikePath = Path.Combine(folder, KeyTables.IkeFileName);
        string espPath = Path.Combine(folder, KeyTables.EspFileName);
        Assert.True(KeyTables.TryParseIke(File.ReadAllText(ikePath), out var ikeKeys, out string? error), error);
        Assert.True(KeyTables.TryParseEsp(File.ReadAllText(espPath), out var espKeys, out error), error);
        IkeKeyEntry ike = Assert.Single(ikeKeys);
        Assert.Equal((tunnel.IkeSa!.SpiInitiator, tunnel.IkeSa.SpiResponder), (ike.InitiatorSpi.ToString("x16"), ike.ResponderSpi.ToString("x16")));
        Assert.Equal([tunnel.ChildSas[0].SpiIn, tunnel.ChildSas[0].SpiOut], espKeys.Select(key => key.Spi.ToString("x8")));
        Assert.All([ikePath, espPath], path => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path)));

        string[] secrets = [.. espKeys.Select(key => Convert.ToHexStringLower(key.EncryptionKey.Span)), Convert.ToHexStringLower(ike.EncryptionInitiator.Span),
            "Gh7s0pQ2xV9k"];
        Assert.DoesNotContain(device.Log.Lines, line => secrets.Any(secret => line.Text.Contains(secret, StringComparison.OrdinalIgnoreCase)));
    }

    [Theory]
    [InlineData("ike", 2, 2)]
    [InlineData("child", 1, 4)]
    public async Task ARekeyAddsItsRows(string what, int ikeRows, int espRows)
    {
        using var pair = new LoopbackPair();
        string folder = Path.Combine(pair.Folder, "keys");
        await using RunningNode gateway = await RunningNode.StartAsync(RunningNode.Options(pair, LoopbackPair.Gateway));
        await using RunningNode device = await RunningNode.StartAsync(RunningNode.Options(pair, LoopbackPair.Device) with { KeyLogDirectory = folder });
        await device.CommandAsync("initiate");

        CommandResponse response = await device.CommandAsync("rekey", what: what);

        Assert.True(response.Ok, response.Message);
        Assert.Equal(ikeRows, File.ReadLines(Path.Combine(folder, KeyTables.IkeFileName)).Count());
        Assert.Equal(espRows, File.ReadLines(Path.Combine(folder, KeyTables.EspFileName)).Count());
    }

    [Fact]
    public async Task WithoutAFolderNoKeyIsEmitted()
    {
        using var pair = new LoopbackPair();
        await using RunningNode device = await RunningNode.StartAsync(RunningNode.Options(pair, LoopbackPair.Device));

        Assert.False(device.Service.Host.Seats[0].Setup.Endpoint.Ike.EmitKeys);
    }

    [Fact]
    public async Task AFolderThatCannotBeWrittenStopsTheStart()
    {
        using var pair = new LoopbackPair();
        RunOptions options = RunningNode.Options(pair, LoopbackPair.Device) with { KeyLogDirectory = pair.TopologyFile };

        UserErrorException error = await Assert.ThrowsAsync<UserErrorException>(() => RunningNode.StartAsync(options));

        Assert.StartsWith($"The key log {pair.TopologyFile} cannot be written: ", error.Message);
    }
}
