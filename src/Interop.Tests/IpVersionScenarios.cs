using Ipsec.Interop.Tests.Harness;

namespace Ipsec.Interop.Tests;

/// <summary>IPv6 behind either side, over IPv6 and over IPv4.</summary>
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
}
