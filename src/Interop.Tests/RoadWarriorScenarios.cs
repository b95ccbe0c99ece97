using Ipsec.Interop.Tests.Harness;

namespace Ipsec.Interop.Tests;

/// <summary>Single hosts: certificates, addresses from a pool in both roles, behind a NAT and on the move.</summary>
public sealed class RoadWarriorScenarios
{
    const string Assigned = "10.3.0.1";

    [Fact, Trait("Tier", "2")]
    public Task WithACertificateWeAreGivenAnAddress() => Scenario.RunAsync("rw-cert", async scenario =>
    {
        await scenario.InitiateFromOursAsync();
        await AssertPingsAsync(scenario, await scenario.AssertSasAgreeAsync(), Assigned, scenario.TheirInner);
        await scenario.Theirs.RekeyIkeAsync("peer");
        HostAnswer rekeyed = await scenario.Ours.RekeyAsync("child");
        Assert.True(rekeyed.Ok, rekeyed.Message);
        await AssertPingsAsync(scenario, await scenario.AssertSasAgreeAsync(), Assigned, scenario.TheirInner);
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    });

    [Theory, Trait("Tier", "2")]
    [InlineData(true)]
    [InlineData(false)]
    public Task APostquantumKeyIsMixedInBesideCertificates(bool weInitiate) => Scenario.RunAsync("rw-cert-ppk", async scenario =>
    {
        await InitiateAsync(scenario, weInitiate);
        await scenario.AssertSasAgreeAsync();
        string log = scenario.Theirs.ReadLog();
        Assert.Contains("using PPK for PPK_ID 'lab'", log, StringComparison.Ordinal);
        Assert.Contains("ECDSA_WITH_SHA256_DER successful", log, StringComparison.Ordinal);
        Assert.True((await scenario.Ours.RekeyAsync("ike")).Ok);
        await scenario.AssertSasAgreeAsync();
        await scenario.AssertTrafficAsync(1_000_000);
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    });

    [Theory, Trait("Tier", "2")]
    [InlineData(true)]
    [InlineData(false)]
    public Task TwoHostsWithCertificatesCarryTraffic(bool weInitiate) => Scenario.RunAsync("host2host-cert", async scenario =>
    {
        await InitiateAsync(scenario, weInitiate);
        SettledSas sas = await scenario.AssertSasAgreeAsync();
        Assert.Equal(("10.1.0.1/32", "10.2.0.1/32"), (sas.TheirChild.RemoteSelectors, sas.TheirChild.LocalSelectors));
        await scenario.AssertTrafficAsync(1_000_000);
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    });

    [Theory, Trait("Tier", "2")]
    [InlineData(true)]
    [InlineData(false)]
    public Task AddressesAreIdentities(bool weInitiate) => Scenario.RunAsync("rw-psk-ipv4", async scenario =>
    {
        await InitiateAsync(scenario, weInitiate);
        SettledSas sas = await scenario.AssertSasAgreeAsync();
        Assert.True(sas.Ours.IkeSa is { LocalIdentity: "198.51.100.10", RemoteIdentity: "203.0.113.5" });
        await scenario.AssertTrafficAsync(1_000_000);
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    });

    [Fact, Trait("Tier", "2")]
    public Task BehindANatWithACertificate() => Scenario.RunAsync("nat-rw", async scenario =>
    {
        await scenario.InitiateFromOursAsync();
        SettledSas sas = await scenario.AssertSasAgreeAsync();
        Assert.True(sas.Ours.IkeSa!.LocalBehindNat);
        await scenario.AssertTrafficAsync(1_000_000);
        await scenario.Theirs.RekeyIkeAsync("peer");
        await scenario.AssertSasAgreeAsync();
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    }, behindNat: true);

    [Fact, Trait("Tier", "2")]
    public Task OverIpV6WeAreGivenAnIpV6Address() => Scenario.RunAsync("rw-psk-ikev2", async scenario =>
    {
        await scenario.InitiateFromOursAsync();
        await AssertPingsAsync(scenario, await scenario.AssertSasAgreeAsync(), "fd03::1", LabNetwork.TheirInnerV6);
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    });

    [Fact, Trait("Tier", "2")]
    public Task WeAreGivenAnAddressOfEachFamily() => Scenario.RunAsync("ip-two-pools-v4v6-peer", async scenario =>
    {
        await scenario.InitiateFromOursAsync();
        SettledSas sas = await scenario.AssertSasAgreeAsync();
        Assert.Equal([Assigned + "/32", "fd03::1/128"], sas.OurChild.LocalSelectors);
        await AssertPingsAsync(scenario, sas, Assigned, scenario.TheirInner);
        await AssertPingsAsync(scenario, sas, "fd03::1", LabNetwork.TheirInnerV6);
        Assert.True((await scenario.Ours.RekeyAsync("ike")).Ok);
        await scenario.Theirs.RekeyChildAsync("net");
        sas = await scenario.AssertRenewedAsync(sas);
        await AssertPingsAsync(scenario, sas, "fd03::1", LabNetwork.TheirInnerV6);
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    });

    [Fact, Trait("Tier", "2")]
    public Task ThePeerIsGivenTheOneAddressOfOurPoolAgainAndAgain() => Scenario.RunAsync("ip-pool", async scenario =>
    {
        for (int i = 0; i < 2; i++)
        {
            await scenario.InitiateFromTheirsAsync();
            SettledSas sas = await scenario.AssertSasAgreeAsync();
            Assert.Equal(["10.3.0.7/32"], sas.OurChild.RemoteSelectors);
            Assert.True(await Traffic.PingAsync(scenario.TheirNamespace, "10.3.0.7", scenario.OurInner));
            await scenario.Theirs.TerminateAsync("peer");
            await scenario.AssertNoSasAsync();
        }
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    });

    [Fact, Trait("Tier", "2")]
    public Task ReauthenticationKeepsTheAddressThatWeWereGiven() => Scenario.RunAsync("reauth-mbb-virtual-ip", async scenario =>
    {
        await scenario.InitiateFromOursAsync();
        SettledSas first = await scenario.AssertSasAgreeAsync();
        await AssertPingsAsync(scenario, first, Assigned, scenario.TheirInner);
        Task<int> answers = Traffic.CountAnswersAsync(scenario.OurNamespace, Assigned, scenario.TheirInner, count: 90);
        Assert.Equal(90, await answers);
        SettledSas renewed = await scenario.AssertSasAgreeAsync();
        Assert.NotEqual(first.Theirs.InitiatorSpi, renewed.Theirs.InitiatorSpi);
        await AssertPingsAsync(scenario, renewed, Assigned, scenario.TheirInner);
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    });

    [Fact, Trait("Tier", "2")]
    public Task TheAddressThatWeWereGivenMovesWithUsBehindANat() => Scenario.RunAsync("mobike-virtual-ip-nat", async scenario =>
    {
        await scenario.InitiateFromOursAsync();
        SettledSas before = await scenario.AssertSasAgreeAsync();
        await AssertPingsAsync(scenario, before, Assigned, scenario.TheirInner);
        await scenario.OurNamespace.RunCheckedAsync("sysctl", "-qw", "net.ipv4.conf.outer.promote_secondaries=1");
        await scenario.OurNamespace.IpAsync("addr", "add", "192.168.77.9/24", "dev", "outer");
        await scenario.OurNamespace.IpAsync("addr", "delete", "192.168.77.2/24", "dev", "outer");
        Assert.True(await Wait.ForAsync(() => scenario.Ours.Output.Contains("IKE SA moved", StringComparison.Ordinal)), "the IKE SA did not move");
        SettledSas after = await scenario.AssertSasAgreeAsync();
        Assert.Equal(before.Theirs.InitiatorSpi, after.Theirs.InitiatorSpi);
        await AssertPingsAsync(scenario, after, Assigned, scenario.TheirInner);
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    }, behindNat: true);

    static async Task InitiateAsync(Scenario scenario, bool weInitiate) =>
        await (weInitiate ? scenario.InitiateFromOursAsync() : scenario.InitiateFromTheirsAsync());

    static async Task AssertPingsAsync(Scenario scenario, SettledSas sas, string ours, string theirs)
    {
        Assert.Contains(sas.OurChild.LocalSelectors, selector => selector.Split('/')[0] == ours);
        Assert.True(await Traffic.PingAsync(scenario.OurNamespace, ours, theirs));
        Assert.True(await Traffic.PingAsync(scenario.TheirNamespace, theirs, ours));
    }
}
