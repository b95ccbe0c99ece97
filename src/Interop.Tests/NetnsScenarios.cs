using Ipsec.EndpointHost.Netns;
using Ipsec.Interop.Tests.Harness;

namespace Ipsec.Interop.Tests;

/// <summary>Topologies on network namespaces: the kernel's ping and TCP between their hosts, and iperf3.</summary>
public sealed class NetnsScenarios
{
    [Theory, Trait("Tier", "1")]
    [InlineData("01-site-to-site", "pc1", "vm1", "10.1.1.4")]
    [InlineData("13-behind-nat", "pc1", "vm1", "10.1.1.4")]
    public Task AQuickSampleHoldsOnNamespaces(string sample, string from, string to, string address) => RunSampleAsync(sample, from, to, address);

    [Theory, Trait("Tier", "2")]
    [InlineData("02-multi-site", "geneva1", "vm1", "10.1.1.4")]
    [InlineData("03-policy-based-device", "pc1", "app1", "10.1.1.4")]
    [InlineData("05-active-active", "pc1", "vm2", "10.1.1.5")]
    [InlineData("06-dual-redundancy", "pc2", "vm1", "10.1.1.4")]
    [InlineData("07-vnet-to-vnet", "vm-east", "vm-west", "10.13.1.4")]
    [InlineData("08-vnet-to-vnet-multi-site", "pc1", "vm-east", "10.11.1.4")]
    [InlineData("09-classic-to-resource-manager", "vm-modern", "vm-classic", "10.20.1.4")]
    [InlineData("10-peering-gateway-transit", "pc1", "vm-spoke1", "10.5.1.4")]
    [InlineData("11-expressroute-coexistence", "pc2", "vm1", "10.1.1.4")]
    [InlineData("12-overlapping-sites", "pc1", "vm1", "100.0.1.4")]
    public Task ASampleHoldsOnNamespaces(string sample, string from, string to, string address) => RunSampleAsync(sample, from, to, address);

    [Theory, Trait("Tier", "2")]
    [InlineData("04-active-standby", "planned-failover", "node: hub-gw", "5s")]
    [InlineData("04-active-standby", "unplanned-failover", "node: hub-gw", "60s")]
    [InlineData("05-active-active", "unplanned-failover", "node: hub-gw, instance: 1", "60s")]
    [InlineData("06-dual-redundancy", "restart", "node: left, for: 3s", "60s")]
    [InlineData("11-expressroute-coexistence", "link-down", "node: circuit, for: 15s", "10s")]
    [InlineData("13-behind-nat", "nat-rebind", "node: home", "30s")]
    [InlineData("13-behind-nat", "restart", "node: home, for: 1s", "30s")]
    public async Task NothingIsLostOutsideAFaultsRecovery(string sample, string kind, string where, string recovery)
    {
        Requirements.SkipUnlessNamespacesAndIperf();
        // Failovers as short as a test may be; detection takes what it takes.
        await using NetnsLab lab = await NetnsLab.StartAsync(sample, text => text
            .Replace("azure:\n", "azure:\n  emulation: { failover: { planned: 4s, unplanned: 6s, reboot: 5s }, expressRouteConvergence: 1s }\n", StringComparison.Ordinal)
            .Replace("expect:\n", $"faults:\n  - {{ at: 10s, {where}, kind: {kind}, recovery: {recovery} }}\nexpect:\n", StringComparison.Ordinal));
        lab.AssertPassed();
    }

    [Fact, Trait("Tier", "2")]
    public async Task ALabThatRunsFailsOverResetsAndTakesOverItsChangedFile()
    {
        Requirements.SkipUnlessNamespacesAndIperf();
        // Half of the branch is not in Azure's routes yet.
        await using NetnsLab lab = await NetnsLab.StartAsync("05-active-active", text => text
            .Replace("azure:\n", "azure:\n  emulation: { failover: { planned: 1s, unplanned: 2s, reboot: 3s } }\n", StringComparison.Ordinal)
            .Replace("addressPrefixes: [10.2.0.0/24]", "addressPrefixes: [10.2.0.0/28]", StringComparison.Ordinal)
            .Replace("address: 10.2.0.11", "address: 10.2.0.200", StringComparison.Ordinal)
            .Replace("  - ping vm1 -> pc2", "  - no ping vm1 -> pc2", StringComparison.Ordinal)
            .Replace("  - ping pc2 -> vm2\n", "", StringComparison.Ordinal));
        lab.AssertPassed();
        string[] before = await SpisAsync(lab);

        await AssertVerbAsync(lab, "hub-gw is served again.", "failover", "--kind", "unplanned", "--instance", "1", "--wait", "30");
        await AssertVerbAsync(lab, "hub-to-branch is up again.", "reset-connection", "hub-to-branch");
        Assert.Equal(0, (await lab.ExecAsync("vm1", "ping", "-c", "1", "-W", "2", "10.2.0.10")).ExitCode);
        string[] reset = await SpisAsync(lab);
        Assert.Empty(before.Intersect(reset));

        await File.WriteAllTextAsync(lab.File, (await File.ReadAllTextAsync(lab.File, TestContext.Current.CancellationToken))
            .Replace("addressPrefixes: [10.2.0.0/28]", "addressPrefixes: [10.2.0.0/24]", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        await AssertVerbAsync(lab, "Reloaded.", "reload");
        Assert.True(await Wait.ForAsync(async () => (await lab.ExecAsync("vm1", "ping", "-c", "1", "-W", "1", "10.2.0.200")).ExitCode == 0));
        Assert.Equal(reset, await SpisAsync(lab));
    }

    static async Task AssertVerbAsync(NetnsLab lab, string answer, params string[] arguments)
    {
        ToolResult result = await Tool.RunAsync(NetnsLab.Executable, [.. arguments, "--lab", lab.Name]);
        Assert.Equal((0, answer), (result.ExitCode, result.Output.Trim()));
    }

    /// <summary>Of the child SAs of both instances.</summary>
    static async Task<string[]> SpisAsync(NetnsLab lab)
    {
        ToolResult result = await Tool.RunAsync(NetnsLab.Executable, ["status", "--json", "--lab", lab.Name, "--node", "hub-gw"]);
        using var document = System.Text.Json.JsonDocument.Parse(result.Output);
        return [.. from tunnel in document.RootElement.GetProperty("tunnels").EnumerateArray()
                   from child in tunnel.GetProperty("childSas").EnumerateArray()
                   select child.GetProperty("spiIn").GetString()];
    }

    [Fact, Trait("Tier", "2")]
    public async Task ACaptureHasEveryOuterWireAndTheKeys()
    {
        Requirements.SkipUnlessNamespacesAndIperf();
        string folder = Directory.CreateTempSubdirectory(NetworkNamespace.Prefix).FullName;
        try
        {
            await using (NetnsLab lab = await NetnsLab.StartAsync("01-site-to-site", null, "--capture", folder))
                lab.AssertPassed();
            foreach (string wire in (string[])["branch", "hub-gw-0"])
            {
                ToolResult clear = await Tool.RunAsync("tshark", ["-r", Path.Combine(folder, $"{wire}.pcap"), "-Y", "icmp or tcp", "-T", "fields", "-e", "ip.proto"],
                    environment: new Dictionary<string, string> { ["WIRESHARK_CONFIG_DIR"] = Path.Combine(folder, "none") });
                Assert.True(clear.ExitCode == 0 && clear.Output.Length == 0, clear.ToString());
                ToolResult opened = await Tool.RunAsync("tshark", ["-o", "esp.enable_encryption_decode:TRUE", "-r", Path.Combine(folder, $"{wire}.pcap"), "-Y", "icmp.type == 8 or isakmp.notify.msgtype"],
                    environment: new Dictionary<string, string> { ["WIRESHARK_CONFIG_DIR"] = folder });
                Assert.True(opened.ExitCode == 0 && opened.Output.Contains("Echo (ping) request", StringComparison.Ordinal), opened.ToString());
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact, Trait("Tier", "2")]
    public async Task ALabStaysUntilItIsTakenDownAndLeavesNothing()
    {
        Requirements.SkipUnlessNamespacesAndIperf();
        await using NetnsLab lab = await NetnsLab.StartAsync("01-site-to-site");
        lab.AssertPassed();
        string[] namespaces = lab.Record.Namespaces;
        Assert.Equal(namespaces, LabNamespaces.Existing(namespaces));
        // A thread that were left in a node's namespace would open its next socket there.
        string own = ReadLink("/proc/self/ns/net");
        Assert.All(Directory.GetDirectories($"/proc/{lab.ProcessId}/task"), task => Assert.Equal(own, ReadLink($"{task}/ns/net")));
        Assert.Equal(7, (await lab.ExecAsync("pc1", "sh", "-c", "exit 7")).ExitCode);

        ToolResult second = await Tool.RunAsync(NetnsLab.Executable, ["lab", "run", lab.File, "--fabric", "netns"]);
        Assert.Equal(1, second.ExitCode);
        Assert.Equal($"A lab named {lab.Name} is on this machine already; take it away with: ipsec-endpoint lab down {lab.Name}", second.Error.Trim());
        Assert.Equal(namespaces, LabNamespaces.Existing(namespaces));

        ToolResult down = await lab.DownAsync(lab.File);
        Assert.True(down.ExitCode == 0, down.ToString());
        Assert.Equal(0, await lab.WaitForExitAsync());
        AssertGone(lab, namespaces);
    }

    [Fact, Trait("Tier", "2")]
    public async Task ALabThatWasKilledIsTakenAway()
    {
        Requirements.SkipUnlessNamespacesAndIperf();
        await using NetnsLab lab = await NetnsLab.StartAsync("13-behind-nat");
        string[] namespaces = lab.Record.Namespaces;
        await lab.KillAsync();
        Assert.Equal(namespaces, LabNamespaces.Existing(namespaces));
        ToolResult down = await lab.DownAsync(lab.Name);
        Assert.True(down.ExitCode == 0, down.ToString());
        AssertGone(lab, namespaces);
    }

    static async Task RunSampleAsync(string sample, string from, string to, string address)
    {
        Requirements.SkipUnlessNamespacesAndIperf();
        await using NetnsLab lab = await NetnsLab.StartAsync(sample);
        lab.AssertPassed();
        ToolResult ping = await lab.ExecAsync(from, "ping", "-n", "-c", "3", "-i", "0.2", "-W", "2", address);
        Assert.True(ping.ExitCode == 0, ping.ToString());
        await lab.AssertIperfAsync(from, to, address);
    }

    static void AssertGone(NetnsLab lab, string[] namespaces)
    {
        Assert.Empty(LabNamespaces.Existing(namespaces));
        Assert.Null(LabRecord.Find(lab.Name));
    }

    static string ReadLink(string path) => File.ResolveLinkTarget(path, returnFinalTarget: false)!.Name;
}
