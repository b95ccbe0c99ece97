using System.Text.Json;
using Ipsec.EndpointHost.CommandLine;
using Ipsec.EndpointHost.Tests.Kit;
using Ipsec.EndpointHost.Tests.Lab;

namespace Ipsec.EndpointHost.Tests.Telemetry;

public sealed class AzureLogTests
{
    [Fact]
    public async Task ALabWritesAFileForEachCategory()
    {
        using var folder = new TemporaryFolder();
        string mismatch = Path.Combine(HostProcess.SamplesFolder, "site-to-site-mismatch.yaml");
        (int exitCode, _, _) = await HostProcess.RunAsync("lab", "run", mismatch, "--json", "--azure-logs", folder.Path);

        Assert.Equal(0, exitCode);
        Assert.Equal(["GatewayDiagnosticLog.ndjson", "IKEDiagnosticLog.ndjson", "RouteDiagnosticLog.ndjson", "TunnelDiagnosticLog.ndjson"],
            Directory.GetFiles(folder.Path).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal));
        JsonElement[] ike = await ReadAsync(folder.Path, "IKEDiagnosticLog");
        Assert.All(ike, line => Assert.Equal(("IKEDiagnosticLog", "hub-gw", "GatewayTenantWorker_IN_0"),
            (Text(line, "Category"), Text(line, "Resource"), Text(line, "instance_s"))));
        JsonElement refusal = ike.First(line => line.GetProperty("azureError") is { ValueKind: JsonValueKind.Number } number && number.GetInt32() == 13868);
        Assert.Equal("no-proposal-chosen", Text(refusal.GetProperty("reasons")[0], "code"));
        Assert.Equal("SetGatewayConfiguration", Text((await ReadAsync(folder.Path, "GatewayDiagnosticLog"))[0], "OperationName"));
        Assert.Empty(await ReadAsync(folder.Path, "TunnelDiagnosticLog"));
    }

    [Fact]
    public async Task ARunningGatewayWritesWhatHappensAndKeepsWhatWasThere()
    {
        using var pair = new LoopbackPair();
        using var folder = new TemporaryFolder();
        for (int run = 1; run <= 2; run++)
        {
            await using RunningNode gateway = await RunningNode.StartAsync(RunningNode.Options(pair,
                LoopbackPair.Gateway) with
            { AzureLogDirectory = folder.Path });
            await using RunningNode device = await RunningNode.StartAsync(RunningNode.Options(pair, LoopbackPair.Device));
            await device.CommandAsync("initiate");
            await device.StopAsync();
            await gateway.StopAsync();

            JsonElement[] tunnels = await ReadAsync(folder.Path, "TunnelDiagnosticLog");
            Assert.Equal(Enumerable.Repeat(new[] { "TunnelConnected", "TunnelDisconnected" }, run).SelectMany(pairs => pairs),
                tunnels.Select(line => Text(line, "OperationName")));
            Assert.Equal(pair.DeviceAddress, Text(tunnels[0], "remoteIP_s"));
        }
    }

    [Fact]
    public async Task ADeviceHasNone()
    {
        using var pair = new LoopbackPair();
        UserErrorException refusal = await Assert.ThrowsAsync<UserErrorException>(() =>
            RunningNode.StartAsync(RunningNode.Options(pair, LoopbackPair.Device) with { AzureLogDirectory = Path.Combine(pair.Folder, "logs") }));
        Assert.Equal("--azure-logs is for Azure gateways, and branch is a device.", refusal.Message);
        Assert.False(Directory.Exists(Path.Combine(pair.Folder, "logs")));
    }

    static async Task<JsonElement[]> ReadAsync(string folder, string category)
    {
        string[] lines = await File.ReadAllLinesAsync(Path.Combine(folder, $"{category}.ndjson"), TestContext.Current.CancellationToken);
        return [.. lines.Select(line => JsonSerializer.Deserialize<JsonElement>(line))];
    }

    static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
}
