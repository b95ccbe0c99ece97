using Ipsec.Interop.Tests.Harness;

namespace Ipsec.Interop.Tests;

/// <summary>What we do when strongSwan closes the tunnel, or dies: closeAction and dpdAction.</summary>
public sealed class EndActionScenarios
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

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
        Assert.False(await Traffic.PingAsync(scenario.OurNamespace, scenario.OurInner, scenario.TheirInner, seconds: 3));
        Assert.False((await scenario.Ours.GetTunnelAsync()).IsEstablished);
        // The peer may still bring it up.
        await scenario.InitiateFromTheirsAsync();
        await scenario.AssertTrafficAsync();
    });

    static async Task AssertUpAsync(Scenario scenario)
    {
        Assert.True(await Wait.ForAsync(Patience, async () => (await scenario.Ours.GetTunnelAsync()).IsEstablished));
        await scenario.AssertSasAgreeAsync();
        Assert.True(await Traffic.PingAsync(scenario.OurNamespace, scenario.OurInner, scenario.TheirInner));
    }

    static async Task AssertDownAsync(Scenario scenario) =>
        Assert.True(await Wait.ForAsync(Patience, async () => await scenario.Ours.GetTunnelAsync() is { IsEstablished: false, ChildSas.Count: 0 }));

    static async Task AssertAPingBringsItBackAsync(Scenario scenario)
    {
        // Longer than the pause before another attempt would be.
        await Task.Delay(TimeSpan.FromSeconds(3), TestContext.Current.CancellationToken);
        Assert.False((await scenario.Ours.GetTunnelAsync()).IsEstablished);
        Assert.True(await Wait.ForAsync(Patience, () => Traffic.PingAsync(scenario.OurNamespace, scenario.OurInner, scenario.TheirInner, seconds: 1)));
        await scenario.AssertSasAgreeAsync();
        await scenario.AssertTrafficAsync();
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    }
}
