using System.Security.Cryptography;
using System.Text.Json;
using Ipsec.EndpointHost.Netns;
using Ipsec.Interop.Tests.Harness;
using Ipsec.Tests.Support.Certificates;

namespace Ipsec.Interop.Tests;

/// <summary>strongSwan as a node of labs on network namespaces.</summary>
public sealed class StrongSwanNodeScenarios
{
    [Fact, Trait("Tier", "1")]
    public Task StrongSwanPlaysTheDeviceOfTheFirstSample() => RunSampleAsync("01-site-to-site", "branch", "pc1", "vm1", "10.1.1.4");

    [Theory, Trait("Tier", "2")]
    [InlineData("02-multi-site", "zurich", "zurich1", "vm1", "10.1.1.4")]
    [InlineData("03-policy-based-device", "branch", "pc1", "app1", "10.1.1.4")]
    [InlineData("05-active-active", "branch", "pc1", "vm2", "10.1.1.5")]
    [InlineData("06-dual-redundancy", "right", "pc2", "vm1", "10.1.1.4")]
    [InlineData("12-overlapping-sites", "site1", "pc1", "vm1", "100.0.1.4")]
    [InlineData("13-behind-nat", "home", "pc1", "vm1", "10.1.1.4")]
    [InlineData("01-site-to-site", "hub-gw", "pc1", "vm1", "10.1.1.4")]
    public Task StrongSwanPlaysANodeOfASample(string sample, string node, string from, string to, string address) =>
        RunSampleAsync(sample, node, from, to, address);

    [Theory, Trait("Tier", "2")]
    [InlineData("01-site-to-site", "branch", "kind: restart, node: branch, for: 3s", "30s")]
    [InlineData("05-active-active", "branch", "kind: unplanned-failover, node: hub-gw, instance: 1", "60s")]
    [InlineData("04-active-standby", "hub-gw", "kind: planned-failover, node: hub-gw", "60s")]
    [InlineData("13-behind-nat", "home", "kind: nat-rebind, node: home", "60s")]
    public async Task NothingIsLostOutsideAFaultsRecovery(string sample, string node, string fault, string recovery)
    {
        Requirements.SkipUnlessNamespacesAndIperf();
        await using NetnsLab lab = await NetnsLab.StartAsync(sample, text => text
            .Replace("azure:\n", "azure:\n  emulation: { failover: { planned: 4s, unplanned: 6s, reboot: 5s } }\n", StringComparison.Ordinal)
            .Replace("expect:\n", $"faults:\n  - {{ at: 10s, {fault}, recovery: {recovery} }}\nexpect:\n", StringComparison.Ordinal), "--strongswan", node);
        lab.AssertPassed();
    }

    [Fact, Trait("Tier", "2")]
    public async Task TheFileNamesItAndItsLogTellsWhatItRefuses()
    {
        Requirements.SkipUnlessNamespacesAndIperf();
        // strongSwan's own default offer has no group that Azure's default policy accepts.
        await using NetnsLab lab = await NetnsLab.StartAsync("01-site-to-site", text => text[..text.IndexOf("expect:\n", StringComparison.Ordinal)]
            .Replace("device: { profile: azure-sample,", "device: { kind: strongswan, profile: strongswan,", StringComparison.Ordinal)
            + "expect:\n  - tunnel hub-to-branch fails no-proposal-chosen\n  - no ping pc1 -> vm1\n");
        lab.AssertPassed();
        string log = Path.Combine(lab.Record.OutputFolder, "branch.log");
        Assert.Contains("NO_PROPOSAL_CHOSEN", await File.ReadAllTextAsync(log, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        // Its pre-shared key is for nobody else.
        string settings = Assert.Single(Directory.GetFiles(lab.Record.OutputFolder, "swanctl.conf", SearchOption.AllDirectories));
        Assert.Equal("600", (await Tool.RunCheckedAsync("stat", "-c", "%a", settings)).Trim());
    }

    [Theory, Trait("Tier", "2")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ItHasTheCertificatesAndRawKeysOfItsDevice(bool hasCertificates)
    {
        Requirements.SkipUnlessNamespacesAndIperf();
        DateTimeOffset now = DateTimeOffset.UtcNow;
        CertificateOptions leaf = new() { NotBefore = now.AddDays(-1), NotAfter = now.AddDays(30) };
        TestCertificate root = TestCertificate.Root("CN=Root", leaf with { IsAuthority = true });
        TestCertificate[] own = [.. ((string[])["left", "right"]).Select(name => root.Issue($"C=CH, O=Lab Test, CN={name}", leaf))];
        string Device(int index) => hasCertificates
            ? $"certificate: {Quoted(own[index].Pem)}, privateKey: {Quoted(own[index].KeyPem)}, certificateAuthorities: {Quoted(root.Pem)}"
            : $"localAuthentication: publicKey, privateKey: {Quoted(own[index].KeyPem)}, localIdentity: side{index}.example, remoteIdentity: side{1 - index}.example, "
                + $"remotePublicKeys: {Quoted(PemEncoding.WriteString("PUBLIC KEY", own[1 - index].Key.PublicKey.Encoding))}";
        await using NetnsLab lab = await NetnsLab.StartAsync("01-site-to-site", text => $$"""
            {{text.Split('\n').First(line => line.StartsWith("name:", StringComparison.Ordinal))}}
            sites:
              left:
                networks: [10.1.0.0/24]
                device: { address: 198.51.100.10, connections: [{ name: between, peer: right }], {{Device(0)}} }
              right:
                networks: [10.2.0.0/24]
                device: { kind: strongswan, address: 203.0.113.5, connections: [{ name: between, peer: left }], {{Device(1)}} }
            hosts: { a: { in: left, address: 10.1.0.10 }, b: { in: right, address: 10.2.0.10 } }
            expect: [tunnel between is up, ping a -> b, fetch b -> a]
            """);
        lab.AssertPassed();
    }

    [Fact, Trait("Tier", "2")]
    public async Task ALabThatWasKilledIsTakenAwayWithItsCharon()
    {
        Requirements.SkipUnlessNamespacesAndIperf();
        await using NetnsLab lab = await NetnsLab.StartAsync("01-site-to-site", null, "--strongswan", "branch");
        lab.AssertPassed();
        LabRecord record = lab.Record;
        string space = record.Nodes["branch"];
        string[] ids = (await Tool.RunCheckedAsync("ip", "netns", "pids", space)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains(ids, id => File.ReadAllText($"/proc/{id}/cmdline").StartsWith("/usr/lib/ipsec/charon", StringComparison.Ordinal));
        await lab.KillAsync();
        ToolResult down = await lab.DownAsync(lab.Name);
        Assert.True(down.ExitCode == 0, down.ToString());
        Assert.Empty(LabNamespaces.Existing(record.Namespaces));
        Assert.True(await Wait.ForAsync(() => ids.All(id => !Directory.Exists($"/proc/{id}"))));
        Assert.False(Directory.Exists(record.OutputFolder));
    }

    [Fact, Trait("Tier", "2")]
    public async Task OtherFabricsRefuseItInOneSentence()
    {
        string file = Path.Combine(AppContext.BaseDirectory, "Topologies", "01-site-to-site.yaml");
        ToolResult option = await Tool.RunAsync(NetnsLab.Executable, ["lab", "run", file, "--strongswan", "branch"]);
        Assert.Equal((1, "--strongswan goes with --fabric netns."), (option.ExitCode, option.Error.Trim()));
        ToolResult unknown = await Tool.RunAsync(NetnsLab.Executable, ["lab", "run", file, "--fabric", "netns", "--strongswan", "office"]);
        string sentence = unknown.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1];
        Assert.Equal((1, "--strongswan names the node office; the nodes of 01-site-to-site are hub-gw, branch."), (unknown.ExitCode, sentence));
    }

    static async Task RunSampleAsync(string sample, string node, string from, string to, string address)
    {
        Requirements.SkipUnlessNamespacesAndIperf();
        await using NetnsLab lab = await NetnsLab.StartAsync(sample, null, "--strongswan", node);
        lab.AssertPassed();
        ToolResult ping = await lab.ExecAsync(from, "ping", "-n", "-c", "3", "-i", "0.2", "-W", "2", address);
        Assert.True(ping.ExitCode == 0, ping.ToString());
        await lab.AssertIperfAsync(from, to, address);
        // Both sides of each tunnel of the node list the same child SAs.
        JsonElement[] tunnels = [.. lab.Report.GetProperty("tunnels").EnumerateArray()];
        JsonElement[] its = [.. tunnels.Where(tunnel => tunnel.GetProperty("node").GetString() == node)];
        Assert.NotEmpty(its);
        HashSet<string> others = [.. tunnels.Except(its).SelectMany(tunnel => Spis(tunnel, "spiOut", "spiIn"))];
        Assert.All(its, tunnel => Assert.All(Spis(tunnel, "spiIn", "spiOut"), spis => Assert.Contains(spis, others)));
        Assert.All(its, tunnel => Assert.NotEmpty(Spis(tunnel, "spiIn", "spiOut")));
    }

    static string Quoted(string pem) => JsonSerializer.Serialize(pem);

    static IEnumerable<string> Spis(JsonElement tunnel, string first, string second) =>
        tunnel.GetProperty("childSas").EnumerateArray().Select(child => $"{child.GetProperty(first).GetString()} {child.GetProperty(second).GetString()}");
}
