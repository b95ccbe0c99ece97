using Ipsec.Interop.Tests.Harness;

namespace Ipsec.Interop.Tests;

/// <summary>Rekeys of both kinds, started by each side, under traffic.</summary>
public sealed class RekeyScenarios
{
    const int Pings = 30;

    [Theory, Trait("Tier", "1")]
    [InlineData(true)]
    [InlineData(false)]
    public Task AChildSaIsRekeyedWithForwardSecrecyAndNoPingIsLost(bool weRekey) => Scenario.RunAsync("pfs-child-rekey", async scenario =>
    {
        await scenario.InitiateFromOursAsync();
        SettledSas first = await scenario.AssertSasAgreeAsync();
        Assert.True(await Traffic.PingAsync(scenario.OurNamespace, scenario.OurInner, scenario.TheirInner));

        Task<int> answers = Traffic.CountAnswersAsync(scenario.OurNamespace, scenario.OurInner, scenario.TheirInner, Pings);
        await AssertPingsFlowAsync(scenario);
        if (weRekey)
            Assert.True((await scenario.Ours.RekeyAsync("child")).Ok);
        else
            await scenario.Theirs.RekeyChildAsync("net");
        Assert.Equal(Pings, await answers);

        SettledSas second = await scenario.AssertSasAgreeAsync();
        Assert.NotEqual(first.OurChild.SpiIn, second.OurChild.SpiIn);
        Assert.NotEqual(first.OurChild.SpiOut, second.OurChild.SpiOut);
        Assert.Equal(first.Theirs.InitiatorSpi, second.Theirs.InitiatorSpi);
        Assert.Equal("AES_GCM_16-256-ECP_256", second.TheirChild.Algorithms);
        await scenario.AssertTrafficAsync();
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    });

    [Theory, Trait("Tier", "1")]
    [InlineData(true)]
    [InlineData(false)]
    public Task AnIkeSaIsRekeyedAndItsChildMovesOver(bool weRekey) => Scenario.RunAsync("ike-rekey", async scenario =>
    {
        await scenario.InitiateFromTheirsAsync();
        SettledSas first = await scenario.AssertSasAgreeAsync();
        Assert.True(await Traffic.PingAsync(scenario.OurNamespace, scenario.OurInner, scenario.TheirInner));

        Task<int> answers = Traffic.CountAnswersAsync(scenario.TheirNamespace, scenario.TheirInner, scenario.OurInner, Pings);
        await AssertPingsFlowAsync(scenario);
        if (weRekey)
            Assert.True((await scenario.Ours.RekeyAsync("ike")).Ok);
        else
            await scenario.Theirs.RekeyIkeAsync("peer");
        Assert.Equal(Pings, await answers);

        SettledSas second = await scenario.AssertSasAgreeAsync();
        Assert.NotEqual(first.Theirs.InitiatorSpi, second.Theirs.InitiatorSpi);
        Assert.NotEqual(first.Theirs.ResponderSpi, second.Theirs.ResponderSpi);
        Assert.Equal(weRekey ? "initiator" : "responder", second.Ours.IkeSa!.Role);
        Assert.Equal(first.OurChild.SpiIn, second.OurChild.SpiIn);
        await scenario.AssertTrafficAsync();

        // The new IKE SA can be used for more.
        Assert.True((await scenario.Ours.RekeyAsync("child")).Ok);
        Assert.True((await scenario.Ours.RekeyAsync("ike")).Ok);
        await scenario.AssertSasAgreeAsync();
        Assert.True(await Traffic.PingAsync(scenario.TheirNamespace, scenario.TheirInner, scenario.OurInner));
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    });

    [Fact, Trait("Tier", "2")]
    public Task LifetimesOfSecondsOnBothSidesLoseNoPing() => Scenario.RunAsync("automatic-rekey", async scenario =>
    {
        await scenario.InitiateFromOursAsync();
        SettledSas first = await scenario.AssertSasAgreeAsync();
        Assert.True(await Traffic.PingAsync(scenario.OurNamespace, scenario.OurInner, scenario.TheirInner));
        Assert.Equal(125, await Traffic.CountAnswersAsync(scenario.OurNamespace, scenario.OurInner, scenario.TheirInner, 125));

        SettledSas last = await scenario.AssertSasAgreeAsync();
        Assert.NotEqual(first.Theirs.InitiatorSpi, last.Theirs.InitiatorSpi);
        Assert.NotEqual(first.OurChild.SpiIn, last.OurChild.SpiIn);
        await scenario.AssertTrafficAsync();
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    });

    /// <summary>Waits for the next few packets of the child SA.</summary>
    static async Task AssertPingsFlowAsync(Scenario scenario)
    {
        ulong before = Assert.Single((await scenario.Ours.GetTunnelAsync()).ChildSas).PacketsIn;
        Assert.True(await Wait.ForAsync(async () => Assert.Single((await scenario.Ours.GetTunnelAsync()).ChildSas).PacketsIn > before + 2), "no ping flows");
    }
}
