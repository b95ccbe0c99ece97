using Ipsec.Interop.Tests.Harness;

namespace Ipsec.Interop.Tests;

/// <summary>What stands between the two sides: a NAT, on either side, and a router that loses packets.</summary>
public sealed class NetworkScenarios
{
    [Fact, Trait("Tier", "2")]
    public Task BehindANatWeReachThePeer() => Scenario.RunAsync("nat", async scenario =>
    {
        await scenario.InitiateFromOursAsync();
        SettledSas sas = await scenario.AssertSasAgreeAsync();
        Assert.True(sas.Ours.IkeSa!.LocalBehindNat);
        Assert.Equal("udp", sas.Ours.IkeSa.Encapsulation);
        await scenario.AssertTrafficAsync();
        await RekeyBothWaysAsync(scenario);
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    }, behindNat: true);

    [Fact, Trait("Tier", "2")]
    public Task APeerBehindANatReachesUs() => Scenario.RunAsync("nat-peer", async scenario =>
    {
        await scenario.InitiateFromTheirsAsync();
        SettledSas sas = await scenario.AssertSasAgreeAsync();
        Assert.True(sas.Ours.IkeSa!.RemoteBehindNat);
        await scenario.AssertTrafficAsync();
        await RekeyBothWaysAsync(scenario);
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    }, behindNat: true, exchanged: true);

    [Theory, Trait("Tier", "2")]
    [InlineData(true)]
    [InlineData(false)]
    public Task OnePacketInFiveIsLost(bool weInitiate) => Scenario.RunAsync("loss", async scenario =>
    {
        await (weInitiate ? scenario.InitiateFromOursAsync() : scenario.InitiateFromTheirsAsync());
        await scenario.AssertSasAgreeAsync();
        Assert.True((await scenario.Ours.RekeyAsync("child")).Ok);
        Assert.True((await scenario.Ours.RekeyAsync("ike")).Ok);
        await scenario.AssertSasAgreeAsync();
        Assert.True(await Traffic.PingAsync(scenario.OurNamespace, scenario.OurInner, scenario.TheirInner));
        await Traffic.TransferAsync(scenario.OurNamespace, scenario.OurInner, scenario.TheirNamespace, scenario.TheirInner, 1_000_000);
        await Traffic.TransferAsync(scenario.TheirNamespace, scenario.TheirInner, scenario.OurNamespace, scenario.OurInner, 1_000_000);
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    }, lossPercent: 20);

    static async Task RekeyBothWaysAsync(Scenario scenario)
    {
        Assert.True((await scenario.Ours.RekeyAsync("child")).Ok);
        await scenario.Theirs.RekeyIkeAsync("peer");
        await scenario.AssertSasAgreeAsync();
        Assert.True(await Traffic.PingAsync(scenario.OurNamespace, scenario.OurInner, scenario.TheirInner));
        Assert.True(await Traffic.PingAsync(scenario.TheirNamespace, scenario.TheirInner, scenario.OurInner));
    }
}
