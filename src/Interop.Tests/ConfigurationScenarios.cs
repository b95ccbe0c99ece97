using Ipsec.Interop.Tests.Harness;

namespace Ipsec.Interop.Tests;

/// <summary>Virtual IPs in both roles, childless IKE SAs, and selectors with a protocol.</summary>
public sealed class ConfigurationScenarios
{
    [Fact, Trait("Tier", "1")]
    public Task TheAddressThatWeAreGivenIsOurs() => Scenario.RunAsync("config-payload", async scenario =>
    {
        await scenario.InitiateFromOursAsync();
        SettledSas sas = await scenario.AssertSasAgreeAsync();
        Assert.Equal(["10.3.0.1/32"], sas.OurChild.LocalSelectors);
        Assert.Equal("10.3.0.1/32", sas.TheirChild.RemoteSelectors);
        Assert.True(await Traffic.PingAsync(scenario.OurNamespace, "10.3.0.1", scenario.TheirInner));
        Assert.True(await Traffic.PingAsync(scenario.TheirNamespace, scenario.TheirInner, "10.3.0.1"));
        Assert.Contains("DNS 10.2.0.53", scenario.Ours.Output);

        Assert.True((await scenario.Ours.RekeyAsync("ike")).Ok);
        sas = await scenario.AssertSasAgreeAsync();
        Assert.Equal(["10.3.0.1/32"], sas.OurChild.LocalSelectors);
        Assert.True(await Traffic.PingAsync(scenario.OurNamespace, "10.3.0.1", scenario.TheirInner));
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();

        Assert.True((await scenario.Ours.TerminateAsync()).Ok);
        await scenario.AssertNoSasAsync();
        Assert.DoesNotContain("10.3.0.1", await scenario.OurNamespace.IpAsync("addr"));
    });

    [Fact, Trait("Tier", "2")]
    public Task StrongSwanIsGivenAnAddressOfEachFamilyAndTheSameOnesAgain() => Scenario.RunAsync("ip-two-pools-v4v6", async scenario =>
    {
        for (int i = 0; i < 2; i++)
        {
            await scenario.InitiateFromTheirsAsync();
            SettledSas sas = await scenario.AssertSasAgreeAsync();
            Assert.Equal(["10.3.0.1/32", "fd00:3::1/128"], sas.OurChild.RemoteSelectors);
            Assert.True(await Traffic.PingAsync(scenario.TheirNamespace, "10.3.0.1", scenario.OurInner));
            Assert.True((await scenario.Ours.TerminateAsync()).Ok);
            await scenario.AssertNoSasAsync();
        }
    });

    [Theory, Trait("Tier", "2")]
    [InlineData(true)]
    [InlineData(false)]
    public Task TheChildSaFollowsAChildlessIkeSa(bool weInitiate) => Scenario.RunAsync("net2net-childless", async scenario =>
    {
        await (weInitiate ? scenario.InitiateFromOursAsync() : scenario.InitiateFromTheirsAsync());
        SettledSas sas = await scenario.AssertSasAgreeAsync();
        // A child SA of IKE_AUTH has no group of its own.
        Assert.EndsWith("ecp256", sas.OurChild.Proposal);
        await scenario.AssertTrafficAsync(octets: 1_000_000);
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    });

    [Theory, Trait("Tier", "2")]
    [InlineData(true)]
    [InlineData(false)]
    public Task OnlyTheProtocolOfTheSelectorsPasses(bool weInitiate) => Scenario.RunAsync("protoport", async scenario =>
    {
        await (weInitiate ? scenario.InitiateFromOursAsync() : scenario.InitiateFromTheirsAsync());
        SettledSas sas = await scenario.AssertSasAgreeAsync();
        Assert.Equal(["10.1.0.0/24[1]"], sas.OurChild.LocalSelectors);
        Assert.True(await Traffic.PingAsync(scenario.OurNamespace, scenario.OurInner, scenario.TheirInner));
        Assert.True(await Traffic.PingAsync(scenario.TheirNamespace, scenario.TheirInner, scenario.OurInner));
        ulong before = (await scenario.AssertSasAgreeAsync()).OurChild.PacketsOut;
        await TryToConnectAsync(scenario, 5001);
        Assert.Equal(before, (await scenario.AssertSasAgreeAsync()).OurChild.PacketsOut);
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    });

    [Theory, Trait("Tier", "2")]
    [InlineData(true)]
    [InlineData(false)]
    public Task OnlyTheRangeOfPortsPasses(bool weInitiate) => Scenario.RunAsync("protoport-range", async scenario =>
    {
        await (weInitiate ? scenario.InitiateFromOursAsync() : scenario.InitiateFromTheirsAsync());
        SettledSas sas = await scenario.AssertSasAgreeAsync();
        Assert.Equal(["10.1.0.0/24[6]"], sas.OurChild.LocalSelectors);
        Assert.Equal(["10.2.0.0/24[6/7000-7010]"], sas.OurChild.RemoteSelectors);
        await Traffic.TransferAsync(scenario.OurNamespace, scenario.OurInner, scenario.TheirNamespace, scenario.TheirInner, 1_000_000);
        ulong before = (await scenario.AssertSasAgreeAsync()).OurChild.PacketsOut;
        await TryToConnectAsync(scenario, 7011);
        Assert.False(await Traffic.PingAsync(scenario.OurNamespace, scenario.OurInner, scenario.TheirInner, attempts: 1));
        Assert.Equal(before, (await scenario.AssertSasAgreeAsync()).OurChild.PacketsOut);
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    });

    [Fact, Trait("Tier", "2")]
    public Task APacketOfTheRightProtocolBringsTheTunnelUp() => Scenario.RunAsync("protoport-trap", async scenario =>
    {
        await TryToConnectAsync(scenario, 5001);
        Assert.Empty(await scenario.Theirs.ListSasAsync());
        Assert.True(await Traffic.PingAsync(scenario.OurNamespace, scenario.OurInner, scenario.TheirInner));
        SettledSas sas = await scenario.AssertSasAgreeAsync();
        // Echo request, type 8 and code 0, is what asked for it.
        string log = scenario.Theirs.ReadLog();
        Assert.Contains("received: 10.1.0.1/32[icmp/8", log, StringComparison.Ordinal);
        Assert.Contains("received: 10.2.0.1/32[icmp/8", log, StringComparison.Ordinal);
        Assert.Equal(["10.1.0.0/24[1]"], sas.OurChild.LocalSelectors);
        Assert.Equal(["10.2.0.0/24[1]"], sas.OurChild.RemoteSelectors);
        Assert.True(await Traffic.PingAsync(scenario.TheirNamespace, scenario.TheirInner, scenario.OurInner));
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    });

    [Fact, Trait("Tier", "2")]
    public Task APeerThatOnlyInitiatesIsNotDialled() => Scenario.RunAsync("rw-initiator-only", async scenario =>
    {
        HostAnswer unanswered = await scenario.Ours.InitiateAsync();
        Assert.Contains(unanswered.Reasons, reason => reason.Code == "peer-not-responding");
        await scenario.InitiateFromTheirsAsync();
        await scenario.AssertSasAgreeAsync();
        await scenario.AssertTrafficAsync(1_000_000);
        Assert.True((await scenario.Ours.RekeyAsync("child")).Ok);
        await scenario.Theirs.RekeyIkeAsync("peer");
        await scenario.AssertSasAgreeAsync();
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    });

    [Theory, Trait("Tier", "2")]
    [InlineData(true)]
    [InlineData(false)]
    public Task EachOfTwoChildrenCarriesItsProtocol(bool weInitiate) => Scenario.RunAsync("protoport-dual", async scenario =>
    {
        await (weInitiate ? scenario.InitiateFromOursAsync() : scenario.InitiateFromTheirsAsync());
        if (!weInitiate)
            Assert.Equal(0, (await scenario.Theirs.InitiateAsync("tcp")).ExitCode);
        Assert.True(await Wait.ForAsync(async () => (await scenario.Ours.GetTunnelAsync()).ChildSas.Count == 2));
        Assert.Equal(2, Assert.Single(await scenario.Theirs.ListSasAsync()).Children.Count(child => child.IsInstalled));

        await scenario.AssertTrafficAsync(1_000_000);
        IReadOnlyList<HostChildSa> children = (await scenario.Ours.GetTunnelAsync()).ChildSas;
        HostChildSa icmp = Assert.Single(children, child => child.LocalSelectors is ["10.1.0.0/24[1]"]);
        HostChildSa tcp = Assert.Single(children, child => child.LocalSelectors is ["10.1.0.0/24[6]"]);
        Assert.InRange(icmp.PacketsOut, 1ul, 20ul);
        Assert.True(tcp.PacketsOut > 100 && tcp.PacketsIn > 100);
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    });

    /// <summary>A TCP connection to a port on the other side that comes to nothing.</summary>
    static Task TryToConnectAsync(Scenario scenario, int port) =>
        scenario.OurNamespace.RunAsync(TimeSpan.FromSeconds(10), "timeout", "2", "bash", "-c", $"exec 3<>/dev/tcp/{scenario.TheirInner}/{port}");
}
