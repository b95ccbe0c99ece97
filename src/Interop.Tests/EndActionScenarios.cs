using Ipsec.Interop.Tests.Harness;

namespace Ipsec.Interop.Tests;

/// <summary>
/// Who brings the tunnel up, and what we do when strongSwan closes it, dies, or nobody uses it: startAction, closeAction, dpdAction and inactivity.
/// </summary>
public sealed class EndActionScenarios
{
    // Five a second, where four seconds without traffic end a tunnel.
    const int PingsBeyondTheTimeout = 40;

    [Fact, Trait("Tier", "1")]
    public Task ATunnelThatThePeerClosedIsTrappedAndAPingBringsItBack() => Scenario.RunAsync("close-trap", async scenario =>
    {
        await AssertUpAsync(scenario);
        await scenario.Theirs.TerminateAsync("peer");
        await AssertDownAsync(scenario);
        await AssertAPingBringsItBackAsync(scenario);
    });

    [Fact, Trait("Tier", "2")]
    public Task ATunnelWhosePeerDiedIsTrappedAndAPingBringsItBack() => Scenario.RunAsync("dpd-trap", async scenario =>
    {
        await AssertUpAsync(scenario);
        await scenario.Theirs.KillAsync();
        await AssertDownAsync(scenario);
        await scenario.Theirs.StartDaemonAsync();
        await AssertAPingBringsItBackAsync(scenario);
    });

    [Fact, Trait("Tier", "2")]
    public Task ATunnelWhosePeerDiedIsForgotten() => Scenario.RunAsync("dpd-clear", async scenario =>
    {
        await AssertUpAsync(scenario);
        await scenario.Theirs.KillAsync();
        await AssertDownAsync(scenario);
        await scenario.Theirs.StartDaemonAsync();
        Assert.False(await Traffic.PingAsync(scenario.OurNamespace, scenario.OurInner, scenario.TheirInner, attempts: 3));
        Assert.False((await scenario.Ours.GetTunnelAsync()).IsEstablished);
        // The peer may still bring it up.
        await scenario.InitiateFromTheirsAsync();
        await scenario.AssertTrafficAsync();
    });

    [Theory, Trait("Tier", "2")]
    [InlineData("inactivity-timeout")]
    [InlineData("inactivity-timeout-peer")]
    public Task ATunnelThatNobodyUsesIsClosedAndAPingBringsItBack(string name) => Scenario.RunAsync(name, async scenario =>
    {
        await scenario.InitiateFromOursAsync();
        await AssertUpAsync(scenario);
        SettledSas before = await scenario.AssertSasAgreeAsync();
        Assert.Equal(PingsBeyondTheTimeout, await Traffic.CountAnswersAsync(scenario.OurNamespace, scenario.OurInner, scenario.TheirInner,
            PingsBeyondTheTimeout));
        Assert.Equal(before.OurChild.SpiIn, (await scenario.AssertSasAgreeAsync()).OurChild.SpiIn);

        Assert.True(await Wait.ForAsync(async () => await scenario.Ours.GetTunnelAsync() is { ChildSas.Count: 0 }));
        await AssertAPingBringsItBackAsync(scenario);
    });

    [Fact, Trait("Tier", "2")]
    public Task WithATrapOnEitherSideOurFirstPacketBringsTheTunnelUp() => Scenario.RunAsync("net2net-route", async scenario =>
    {
        Assert.False((await scenario.Ours.GetTunnelAsync()).IsEstablished);
        Assert.Empty(await scenario.Theirs.ListSasAsync());
        Assert.True(await Wait.ForAsync(() => Traffic.PingAsync(scenario.OurNamespace, scenario.OurInner, scenario.TheirInner, attempts: 1)));
        await scenario.AssertSasAgreeAsync();
        await scenario.AssertTrafficAsync(1_000_000);
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    });

    [Fact, Trait("Tier", "2")]
    public Task ThePeerNoticesOurDeathAndDialsUntilWeAreBack() => Scenario.RunAsync("dpd-restart-peer", async scenario =>
    {
        await AssertUpAsync(scenario);
        SettledSas before = await scenario.AssertSasAgreeAsync();
        await scenario.Ours.KillAsync();
        Assert.True(await Wait.ForAsync(() => scenario.Theirs.ReadLog().Contains("giving up after", StringComparison.Ordinal)), "our death was not noticed");
        await scenario.Ours.StartAgainAsync();
        await AssertUpAsync(scenario);
        SettledSas after = await scenario.AssertSasAgreeAsync();
        Assert.NotEqual(before.Theirs.InitiatorSpi, after.Theirs.InitiatorSpi);
        Assert.Equal("responder", after.Ours.IkeSa!.Role);
        await scenario.AssertTrafficAsync(1_000_000);
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    });

    [Fact, Trait("Tier", "2")]
    public Task TwoThatBothStartAndBothStartAgainComeToRest() => Scenario.RunAsync("start-action-start", async scenario =>
    {
        await AssertUpAsync(scenario);
        await AssertAtRestAsync(scenario);
        await scenario.Theirs.TerminateAsync("peer");
        await AssertUpAsync(scenario);
        await AssertAtRestAsync(scenario);
        await scenario.AssertTrafficAsync(1_000_000);
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    });

    /// <summary>Longer than any pause before another attempt, the SAs stay the same.</summary>
    static async Task AssertAtRestAsync(Scenario scenario)
    {
        SettledSas before = await scenario.AssertSasAgreeAsync();
        await Task.Delay(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
        SettledSas after = await scenario.AssertSasAgreeAsync();
        Assert.Equal((before.OurChild.SpiIn, before.OurChild.SpiOut), (after.OurChild.SpiIn, after.OurChild.SpiOut));
    }

    static async Task AssertUpAsync(Scenario scenario)
    {
        Assert.True(await Wait.ForAsync(async () => (await scenario.Ours.GetTunnelAsync()).IsEstablished));
        await scenario.AssertSasAgreeAsync();
        Assert.True(await Traffic.PingAsync(scenario.OurNamespace, scenario.OurInner, scenario.TheirInner));
    }

    static async Task AssertDownAsync(Scenario scenario) =>
        Assert.True(await Wait.ForAsync(async () => await scenario.Ours.GetTunnelAsync() is { IsEstablished: false, ChildSas.Count: 0 }));

    static async Task AssertAPingBringsItBackAsync(Scenario scenario)
    {
        // Longer than the pause before another attempt would be.
        await Task.Delay(TimeSpan.FromSeconds(3), TestContext.Current.CancellationToken);
        Assert.Empty((await scenario.Ours.GetTunnelAsync()).ChildSas);
        Assert.True(await Wait.ForAsync(() => Traffic.PingAsync(scenario.OurNamespace, scenario.OurInner, scenario.TheirInner, attempts: 1)));
        await scenario.AssertSasAgreeAsync();
        await scenario.AssertTrafficAsync();
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    }
}
