using Ipsec.Interop.Tests.Harness;

namespace Ipsec.Interop.Tests;

/// <summary>Traffic selectors: what is negotiated from two different wishes, and what then passes.</summary>
public sealed class SelectorScenarios
{
    [Theory, Trait("Tier", "2")]
    [InlineData("narrowed-selectors", true)]
    [InlineData("narrowed-selectors", false)]
    [InlineData("narrowed-by-us", true)]
    [InlineData("narrowed-by-us", false)]
    public Task TheNarrowerWishDecidesAndNothingElsePasses(string name, bool weInitiate) => Scenario.RunAsync(name, async scenario =>
    {
        await (weInitiate ? scenario.InitiateFromOursAsync() : scenario.InitiateFromTheirsAsync());
        SettledSas sas = await scenario.AssertSasAgreeAsync();
        Assert.Equal(["10.1.0.0/24"], sas.OurChild.LocalSelectors);
        Assert.Equal(["10.2.0.0/24"], sas.OurChild.RemoteSelectors);
        Assert.Equal("10.2.0.0/24", sas.TheirChild.LocalSelectors);
        Assert.Equal("10.1.0.0/24", sas.TheirChild.RemoteSelectors);
        await scenario.AssertTrafficAsync();

        await scenario.OurNamespace.IpAsync("addr", "add", "10.1.9.1/32", "dev", "lo");
        await scenario.TheirNamespace.IpAsync("addr", "add", "10.2.9.1/32", "dev", "lo");
        // What we know to be behind the tunnel and may not send into it stays here; what we were never told of is not the tunnel's.
        if (name == "narrowed-selectors")
            Assert.False(await Traffic.PingAsync(scenario.OurNamespace, scenario.OurInner, "10.2.9.1", attempts: 1));
        Assert.False(await Traffic.PingAsync(scenario.OurNamespace, "10.1.9.1", scenario.TheirInner, attempts: 1));
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    });

    [Theory, Trait("Tier", "2")]
    [InlineData(true)]
    [InlineData(false)]
    public Task AnyToAnyCarriesEverythingExceptItself(bool weInitiate) => Scenario.RunAsync("any-to-any", async scenario =>
    {
        await (weInitiate ? scenario.InitiateFromOursAsync() : scenario.InitiateFromTheirsAsync());
        SettledSas sas = await scenario.AssertSasAgreeAsync();
        Assert.Equal(["0.0.0.0/0"], sas.OurChild.LocalSelectors);
        Assert.Equal(["0.0.0.0/0"], sas.OurChild.RemoteSelectors);
        await scenario.AssertTrafficAsync();

        await scenario.TheirNamespace.IpAsync("addr", "add", "172.16.5.1/32", "dev", "lo");
        Assert.True(await Traffic.PingAsync(scenario.OurNamespace, scenario.OurInner, "172.16.5.1"));
        Assert.True((await scenario.Ours.RekeyAsync("ike")).Ok);
        await scenario.AssertSasAgreeAsync();
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    });
}
