using Ipsec.Interop.Tests.Harness;

namespace Ipsec.Interop.Tests;

/// <summary>IPv6 behind either side, over IPv6 and over IPv4; IPv4 over IPv6.</summary>
public sealed class IpVersionScenarios
{
    [Theory, Trait("Tier", "2")]
    [InlineData("ipv6", true)]
    [InlineData("ipv6", false)]
    [InlineData("ipv6-inside", true)]
    [InlineData("ipv6-inside", false)]
    public Task CarriesIpV6(string name, bool weInitiate) => Scenario.RunAsync(name, async scenario =>
    {
        await (weInitiate ? scenario.InitiateFromOursAsync() : scenario.InitiateFromTheirsAsync());
        SettledSas sas = await scenario.AssertSasAgreeAsync();
        Assert.Equal(["fd01::/64"], sas.OurChild.LocalSelectors);
        Assert.Equal("fd02::/64", sas.TheirChild.LocalSelectors);
        await Traffic.AssertBothWaysAsync(scenario.OurNamespace, LabNetwork.OurInnerV6, scenario.TheirNamespace, LabNetwork.TheirInnerV6,
            Recording.Limit(20_000_000));
        Assert.True((await scenario.Ours.RekeyAsync("child")).Ok);
        await scenario.AssertSasAgreeAsync();
        Assert.True(await Traffic.PingAsync(scenario.TheirNamespace, LabNetwork.TheirInnerV6, LabNetwork.OurInnerV6));
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    });

    [Theory, Trait("Tier", "2")]
    [InlineData(true)]
    [InlineData(false)]
    public Task CarriesIpV4OverIpV6(bool weInitiate) => Scenario.RunAsync("net2net-ip4-in-ip6-ikev2", async scenario =>
    {
        await (weInitiate ? scenario.InitiateFromOursAsync() : scenario.InitiateFromTheirsAsync());
        SettledSas sas = await scenario.AssertSasAgreeAsync();
        Assert.Equal(["10.1.0.0/24"], sas.OurChild.LocalSelectors);
        await scenario.AssertTrafficAsync(1_000_000);
        await scenario.Theirs.RekeyChildAsync("net");
        await scenario.AssertRenewedAsync(sas);
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    });
}
