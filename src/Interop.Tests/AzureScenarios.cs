using Ipsec.Interop.Tests.Harness;

namespace Ipsec.Interop.Tests;

/// <summary>strongSwan as the device of an emulated Azure gateway: what the gateway offers beyond its default policy.</summary>
public sealed class AzureScenarios
{
    const int Octets = 1_000_000;

    static readonly string[] Pairs =
    [
        "10.1.1.0/24 === 10.2.1.0/24", "10.1.1.0/24 === 10.2.2.0/24", "10.1.2.0/24 === 10.2.1.0/24", "10.1.2.0/24 === 10.2.2.0/24",
    ];

    static readonly string[] Union = ["10.1.1.0/24,10.1.2.0/24 === 10.2.1.0/24,10.2.2.0/24"];

    [Fact, Trait("Tier", "2")]
    public Task NatRulesTranslateEqualNetworksInBothDirections() => Scenario.RunAsync("azure-nat-rules", async scenario =>
    {
        (NetworkNamespace ours, NetworkNamespace theirs) = (scenario.OurNamespace, scenario.TheirNamespace);
        await ours.IpAsync("addr", "add", "10.0.1.4/32", "dev", "lo");
        await theirs.IpAsync("addr", "add", "10.0.1.10/32", "dev", "lo");
        SettledSas sas = await scenario.AssertSasAgreeAsync();
        // The tunnel has the network's outer face and the branch's real one.
        Assert.Equal("10.0.1.0/24 === 100.0.1.0/24", $"{sas.TheirChild.LocalSelectors} === {sas.TheirChild.RemoteSelectors}");
        Assert.Equal("100.0.1.0/24 === 10.0.1.0/24", $"{Assert.Single(sas.OurChild.LocalSelectors)} === {Assert.Single(sas.OurChild.RemoteSelectors)}");

        Assert.True(await Traffic.PingAsync(theirs, "10.0.1.10", "100.0.1.4"));
        Assert.True(await Traffic.PingAsync(ours, "10.0.1.4", "100.0.2.10"));
        await Traffic.TransferAsync(theirs, "10.0.1.10", ours, "100.0.1.4", Recording.Limit(Octets), receiver: "10.0.1.4");
        await Traffic.TransferAsync(ours, "10.0.1.4", theirs, "100.0.2.10", Recording.Limit(Octets), receiver: "10.0.1.10");
        // One to one: an address that nobody has does not lead to its neighbour.
        Assert.False(await Traffic.PingAsync(theirs, "10.0.1.10", "100.0.1.5", attempts: 1));
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    }, node: "hub-gw");

    [Theory, Trait("Tier", "2")]
    [InlineData(true)]
    [InlineData(false)]
    public Task EveryPairOfPolicyBasedSelectorsHasItsChildSa(bool weInitiate) => Scenario.RunAsync("azure-policy-pairs", async scenario =>
    {
        await AddPairAddressesAsync(scenario);
        if (weInitiate)
        {
            HostAnswer answer = await scenario.Ours.InitiateAsync("hub-to-branch");
            Assert.True(answer.Ok, answer.Message);
        }
        for (int number = 1; number <= Pairs.Length && !weInitiate; number++)
        {
            ToolResult result = await scenario.Theirs.InitiateAsync($"pair-{number}");
            Assert.True(result.ExitCode == 0, result.ToString());
        }
        await AssertPairsAsync(scenario, Pairs, carrying: []);

        await Traffic.AssertBothWaysAsync(scenario.OurNamespace, "10.1.1.4", scenario.TheirNamespace, "10.2.1.10", Recording.Limit(Octets));
        await Traffic.AssertBothWaysAsync(scenario.OurNamespace, "10.1.2.4", scenario.TheirNamespace, "10.2.2.10", Recording.Limit(Octets));
        await AssertPairsAsync(scenario, Pairs, carrying: [Pairs[0], Pairs[3]]);
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    }, node: "hub-gw");

    [Fact, Trait("Tier", "2")]
    public Task PairsThatOneWiderChildSaCoversAreNotDialled() => Scenario.RunAsync("azure-policy-union", async scenario =>
    {
        await AddPairAddressesAsync(scenario);
        ToolResult result = await scenario.Theirs.InitiateAsync("all");
        Assert.True(result.ExitCode == 0, result.ToString());
        await AssertPairsAsync(scenario, Union, carrying: []);
        await scenario.Theirs.RekeyChildAsync("all");
        await AssertPairsAsync(scenario, Union, carrying: []);
        await scenario.Theirs.RekeyIkeAsync("hub-to-branch");
        // Longer than the gateway waits for children that are missing.
        await Task.Delay(TimeSpan.FromSeconds(12), TestContext.Current.CancellationToken);
        await Traffic.AssertBothWaysAsync(scenario.OurNamespace, "10.1.2.4", scenario.TheirNamespace, "10.2.1.10", Recording.Limit(Octets));
        await AssertPairsAsync(scenario, Union, carrying: Union);

        await scenario.Theirs.TerminateChildAsync("all");
        await AssertPairsAsync(scenario, Pairs, carrying: []);
        await Traffic.AssertBothWaysAsync(scenario.OurNamespace, "10.1.2.4", scenario.TheirNamespace, "10.2.1.10", Recording.Limit(Octets));
        await AssertPairsAsync(scenario, Pairs, carrying: [Pairs[2]]);
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    }, node: "hub-gw");

    [Fact, Trait("Tier", "2")]
    public Task DeviceConfigWritesAChildForEachPairOfNetworks() => Scenario.RunAsync("device-config-pairs", async scenario =>
    {
        foreach (string address in (string[])["10.1.1.4", "10.1.2.4"])
            await scenario.OurNamespace.IpAsync("addr", "add", address + "/32", "dev", "lo");
        foreach (string address in (string[])["10.2.1.10", "10.2.2.10"])
            await scenario.TheirNamespace.IpAsync("addr", "add", address + "/32", "dev", "lo");
        string[] pairs =
        [
            "10.1.1.0/24 === 10.2.1.0/24", "10.1.1.0/24 === 10.2.2.0/24", "10.1.2.0/24 === 10.2.1.0/24", "10.1.2.0/24 === 10.2.2.0/24",
        ];
        // Nobody is told to initiate: the file says that the device dials.
        await AssertPairsAsync(scenario, pairs, carrying: []);
        await Traffic.AssertBothWaysAsync(scenario.OurNamespace, "10.1.1.4", scenario.TheirNamespace, "10.2.2.10", Recording.Limit(Octets));
        await AssertPairsAsync(scenario, pairs, carrying: [pairs[1]]);
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    }, node: "hub-gw");

    [Fact, Trait("Tier", "2")]
    public Task BothInstancesOfAnActiveActiveGatewayHaveATunnel() => Scenario.RunAsync("azure-active-active", async scenario =>
    {
        (NetworkNamespace ours, NetworkNamespace theirs) = (scenario.OurNamespace, scenario.TheirNamespace);
        NetworkNamespace second = await scenario.Network.AddSecondAsync("10.1.2.4");
        await ours.IpAsync("addr", "add", "10.1.1.4/32", "dev", "lo");
        string folder = Directory.CreateDirectory(Path.Combine(scenario.Network.Folder, "second")).FullName;
        string file = Path.Combine(AppContext.BaseDirectory, "Scenarios", scenario.Name, "ours.yaml");
        await using HostProcess instance = await HostProcess.StartAsync(second, folder, file, "hub-gw", "--instance", "1");
        foreach (string name in (string[])["first", "second"])
        {
            ToolResult result = await scenario.Theirs.InitiateAsync("net-" + name);
            Assert.True(result.ExitCode == 0, result.ToString());
        }
        await AssertAgreesAsync(scenario.Ours, scenario.Theirs, "first");
        await AssertAgreesAsync(instance, scenario.Theirs, "second");

        await Traffic.AssertBothWaysAsync(ours, "10.1.1.4", theirs, LabNetwork.TheirInner, Recording.Limit(Octets));
        await Traffic.AssertBothWaysAsync(second, "10.1.2.4", theirs, LabNetwork.TheirInner, Recording.Limit(Octets));
        // The one does not live on the other.
        await scenario.Ours.KillAsync();
        await Traffic.AssertBothWaysAsync(second, "10.1.2.4", theirs, LabNetwork.TheirInner, Recording.Limit(Octets));
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    }, node: "hub-gw");

    [Fact, Trait("Tier", "2")]
    public Task AGatewayInOneProcessFailsOverAndResetsWhileTrafficFlows() => Scenario.RunAsync("azure-instance-all", async scenario =>
    {
        (NetworkNamespace ours, NetworkNamespace theirs) = (scenario.OurNamespace, scenario.TheirNamespace);
        await AssertBothInstancesAgreeAsync(scenario);
        await Traffic.AssertBothWaysAsync(ours, "10.1.1.4", theirs, LabNetwork.TheirInner, Recording.Limit(Octets));
        const int Pings = 100;
        Task<int> answers = Traffic.CountAnswersAsync(ours, "10.1.1.4", LabNetwork.TheirInner, Pings);

        string[] before = await SpisAsync(scenario);
        await AssertVerbAsync(scenario, "failover", "--instance", "1", "--wait", "30");
        await AssertBothInstancesAgreeAsync(scenario);
        string[] between = await SpisAsync(scenario);
        Assert.Equal((true, false), (before[0] == between[0], before[1] == between[1]));

        await AssertVerbAsync(scenario, "reset-connection", "hub-to-branch");
        await AssertBothInstancesAgreeAsync(scenario);
        string[] after = await SpisAsync(scenario);
        Assert.Equal((false, false), (between[0] == after[0], between[1] == after[1]));

        await AssertVerbAsync(scenario, "reset", "--gateway-vip", "198.51.100.10", "--wait", "30");
        await AssertBothInstancesAgreeAsync(scenario);
        Assert.Equal(after[1], (await SpisAsync(scenario))[1]);

        // A ping in the moment in which its tunnel goes may be lost, not those of a failover's whole length.
        Assert.InRange(await answers, Pings - 10, Pings);
        await Traffic.AssertBothWaysAsync(ours, "10.1.1.4", theirs, LabNetwork.TheirInner, Recording.Limit(Octets));
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    }, node: "hub-gw", arguments: ["--instance", "all"], prepare: async scenario =>
    {
        await scenario.OurNamespace.IpAsync("addr", "add", "198.51.100.11/24", "dev", "outer");
        await scenario.OurNamespace.IpAsync("addr", "add", "10.1.1.4/32", "dev", "lo");
    });

    [Fact, Trait("Tier", "2")]
    public Task NothingLeavesInClearWhileNoMachineServesTheAddress() => Scenario.RunAsync("azure-standby-failover", async scenario =>
    {
        SettledSas before = await scenario.AssertSasAgreeAsync();
        Task<int> answers = Traffic.CountAnswersAsync(scenario.OurNamespace, "10.1.1.4", LabNetwork.TheirInner, 30);
        await AssertVerbAsync(scenario, "failover", "--kind", "unplanned", "--wait", "30");

        SettledSas after = await scenario.AssertRenewedAsync(before);
        Assert.NotEqual(before.Ours.IkeSa!.SpiInitiator, after.Ours.IkeSa!.SpiInitiator);
        Assert.InRange(await answers, 1, 29);
        await Traffic.AssertBothWaysAsync(scenario.OurNamespace, "10.1.1.4", scenario.TheirNamespace, LabNetwork.TheirInner, Recording.Limit(Octets));
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    }, node: "hub-gw", prepare: scenario => scenario.OurNamespace.IpAsync("addr", "add", "10.1.1.4/32", "dev", "lo"));

    /// <summary>Each instance and strongSwan list the same SAs of the tunnel between them, and nothing else.</summary>
    static async Task AssertBothInstancesAgreeAsync(Scenario scenario)
    {
        string seen = "";
        Assert.True(await Wait.ForAsync(async () =>
        {
            IReadOnlyList<HostTunnel> ours = (await scenario.Ours.GetStatusAsync()).Tunnels;
            IReadOnlyList<StrongSwanIkeSa> theirs = await scenario.Theirs.ListSasAsync();
            seen = $"ours: {string.Join("; ", ours)}\ntheirs: {string.Join("; ", theirs)}";
            return ours.Count == 2 && SettledSas.TryMatch(ours[0], [.. theirs.Where(sa => sa.Name == "first")]) is not null
                && SettledSas.TryMatch(ours[1], [.. theirs.Where(sa => sa.Name == "second")]) is not null;
        }), $"the SAs of the instances do not agree\n{seen}");
    }

    static async Task<string[]> SpisAsync(Scenario scenario) => [.. (await scenario.Ours.GetStatusAsync()).Tunnels.Select(tunnel => tunnel.IkeSa!.SpiInitiator)];

    static async Task AssertVerbAsync(Scenario scenario, params string[] arguments)
    {
        ToolResult result = await scenario.Ours.RunVerbAsync(arguments);
        Assert.True(result.ExitCode == 0, result.ToString());
    }

    static async Task AddPairAddressesAsync(Scenario scenario)
    {
        foreach (string address in (string[])["10.1.1.4", "10.1.2.4"])
            await scenario.OurNamespace.IpAsync("addr", "add", address + "/32", "dev", "lo");
        foreach (string address in (string[])["10.2.1.10", "10.2.2.10"])
            await scenario.TheirNamespace.IpAsync("addr", "add", address + "/32", "dev", "lo");
    }

    static async Task AssertAgreesAsync(HostProcess ours, StrongSwanPeer theirs, string connection) => Assert.True(
        await Wait.ForAsync(async () => SettledSas.TryMatch(await ours.GetTunnelAsync(),
            [.. (await theirs.ListSasAsync()).Where(sa => sa.Name == connection)]) is not null),
        $"the SAs of {connection} do not agree");

    /// <summary>Both sides list the same child SAs, one for each pair, under one IKE SA, and just some of them have carried packets.</summary>
    static async Task AssertPairsAsync(Scenario scenario, string[] pairs, string[] carrying)
    {
        string seen = "";
        bool agree = await Wait.ForAsync(async () =>
        {
            HostTunnel ours = await scenario.Ours.GetTunnelAsync();
            IReadOnlyList<StrongSwanIkeSa> theirs = await scenario.Theirs.ListSasAsync();
            string[] listed = [.. ours.ChildSas.Select(child => Line(string.Join(',', child.LocalSelectors), string.Join(',', child.RemoteSelectors),
                child.SpiIn, child.SpiOut, child.PacketsIn > 0, child.PacketsOut > 0))];
            string[] mirrored = [.. theirs.Where(sa => sa.IsEstablished).SelectMany(sa => sa.Children).Where(child => child.IsInstalled).Select(child =>
                Line(child.RemoteSelectors.Replace(' ', ','), child.LocalSelectors.Replace(' ', ','), $"{child.SpiOut:x8}", $"{child.SpiIn:x8}",
                    child.PacketsOut > 0, child.PacketsIn > 0))];
            seen = $"ours: {string.Join("; ", listed)}\ntheirs: {string.Join("; ", mirrored)}";
            string[] expected = [.. pairs.Select(pair => $"{pair} {carrying.Contains(pair)} {carrying.Contains(pair)}")];
            return theirs.Count == 1 && listed.Order(StringComparer.Ordinal).SequenceEqual(mirrored.Order(StringComparer.Ordinal))
                && listed.Select(WithoutSpis).Order(StringComparer.Ordinal).SequenceEqual(expected.Order(StringComparer.Ordinal));
        });
        Assert.True(agree, $"the child SAs do not agree\n{seen}");
    }

    static string Line(string local, string remote, string spiIn, string spiOut, bool hasReceived, bool hasSent) =>
        $"{local} === {remote} {hasReceived} {hasSent} {spiIn} {spiOut}";

    static string WithoutSpis(string line) => string.Join(' ', line.Split(' ')[..5]);
}
