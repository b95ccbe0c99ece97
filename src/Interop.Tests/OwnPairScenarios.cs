using Ipsec.Interop.Tests.Harness;

namespace Ipsec.Interop.Tests;

/// <summary>Two of our hosts, for what strongSwan's user-space ESP cannot do; an independent packet tool is the judge.</summary>
public sealed class OwnPairScenarios
{
    const string Name = "raw-esp-esn";

    [Fact, Trait("Tier", "2")]
    public async Task RawEspWithExtendedSequenceNumbersIsOpenedByAnIndependentTool()
    {
        Requirements.SkipUnlessMet();
        Requirements.SkipWithoutScapy();
        string file = Path.Combine(AppContext.BaseDirectory, "Scenarios", Name, "both.yaml");
        await using LabNetwork network = await LabNetwork.CreateAsync();
        await using WireCapture wire = await WireCapture.StartAsync(network);
        await using WireCapture whole = await WireCapture.StartWholeAsync(network);
        await using HostProcess left = await HostProcess.StartAsync(network.Ours, network.Folder, file, "left");
        await using HostProcess right = await HostProcess.StartAsync(network.Theirs, network.Folder, file, "right");

        HostAnswer initiated = await left.InitiateAsync();
        Assert.True(initiated.Ok, initiated.Message + left.Output + right.Output);
        Assert.Equal("none", (await left.GetTunnelAsync()).IkeSa!.Encapsulation);
        Assert.EndsWith("-esn", Assert.Single((await right.GetTunnelAsync()).ChildSas).Proposal, StringComparison.Ordinal);
        Assert.Equal(10, await Traffic.CountAnswersAsync(network.Ours, LabNetwork.OurInner, LabNetwork.TheirInner, 10));
        Assert.True((await right.RekeyAsync("child")).Ok);
        Assert.True((await left.RekeyAsync("ike")).Ok);
        Assert.Equal(10, await Traffic.CountAnswersAsync(network.Theirs, LabNetwork.TheirInner, LabNetwork.OurInner, 10));
        await Traffic.TransferAsync(network.Ours, LabNetwork.OurInner, network.Theirs, LabNetwork.TheirInner, 200_000);
        await whole.StopAsync();
        await Traffic.AssertBothWaysAsync(network.Ours, LabNetwork.OurInner, network.Theirs, LabNetwork.TheirInner, 20_000_000);

        await wire.AssertOnlyProtectedTrafficAsync();
        Assert.NotEqual("", await wire.ReadAsync("esp"));
        Assert.Equal("", await wire.ReadAsync("udp port 4500"));
        string[] opened = await OpenAsync(whole, left, "esn");
        Assert.True(opened.Length > 40, "fewer packets than pings");
        Assert.Equal(4, opened.Select(line => line.Split(' ')[0]).Distinct().Count());
        Assert.All(opened, line => Assert.Matches("10\\.[12]\\.0\\.1 10\\.[12]\\.0\\.1 (1|6)$", line));

        // The judge can refuse: without the high half nothing opens.
        ToolResult refused = await Tool.RunAsync(Requirements.Python, [Script, whole.PcapFile, Path.Combine(left.KeyFolder, "esp_sa")]);
        Assert.NotEqual(0, refused.ExitCode);
    }

    static string Script => Path.Combine(AppContext.BaseDirectory, "Harness", "esp_open.py");

    static async Task<string[]> OpenAsync(WireCapture wire, HostProcess host, params string[] options)
    {
        ToolResult result = await Tool.RunAsync(Requirements.Python, [Script, wire.PcapFile, Path.Combine(host.KeyFolder, "esp_sa"), .. options]);
        Assert.True(result.ExitCode == 0, result.ToString());
        return result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
