using Ipsec.Interop.Tests.Harness;

namespace Ipsec.Interop.Tests;

/// <summary>IKE fragmentation (RFC 7383) over both IP versions, in both roles, with sizes small enough for every message.</summary>
public sealed class FragmentationScenarios
{
    [Theory, Trait("Tier", "1")]
    [InlineData("frags-ipv4", true)]
    [InlineData("frags-ipv4", false)]
    [InlineData("frags-ipv6", true)]
    [InlineData("frags-ipv6", false)]
    public Task MessagesTravelInFragmentsBothWays(string name, bool weInitiate) => Scenario.RunAsync(name, async scenario =>
    {
        await (weInitiate ? scenario.InitiateFromOursAsync() : scenario.InitiateFromTheirsAsync());
        await scenario.AssertSasAgreeAsync();
        string log = scenario.Theirs.ReadLog();
        Assert.Contains("splitting IKE message", log);
        Assert.Contains("received fragment #1 of ", log);

        // Rekeys from either side carry more than one fragment, too.
        Assert.True((await scenario.Ours.RekeyAsync("ike")).Ok);
        await scenario.AssertSasAgreeAsync();
        await scenario.Theirs.RekeyChildAsync("net");
        await scenario.AssertSasAgreeAsync();
        Assert.True((await scenario.Ours.RekeyAsync("child")).Ok);
        await scenario.AssertSasAgreeAsync();
        (string ours, string theirs) = name == "frags-ipv6" ? (LabNetwork.OurInnerV6, LabNetwork.TheirInnerV6) : (scenario.OurInner, scenario.TheirInner);
        await Traffic.AssertBothWaysAsync(scenario.OurNamespace, ours, scenario.TheirNamespace, theirs, Recording.Limit(1_000_000));
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    });
}
