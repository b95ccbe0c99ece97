using Ipsec.Interop.Tests.Harness;

namespace Ipsec.Interop.Tests;

/// <summary>One side ends without a word and comes back.</summary>
public sealed class RecoveryScenarios
{
    [Fact, Trait("Tier", "2")]
    public Task ADeadPeerIsNoticedAndTheTunnelComesBackWithIt() => Scenario.RunAsync("dead-peer", async scenario =>
    {
        Assert.True(await Wait.ForAsync(async () => (await scenario.Ours.GetTunnelAsync()).IsEstablished));
        SettledSas first = await scenario.AssertSasAgreeAsync();
        Assert.True(await Traffic.PingAsync(scenario.OurNamespace, scenario.OurInner, scenario.TheirInner));

        await scenario.Theirs.KillAsync();
        Assert.True(await Wait.ForAsync(async () => await scenario.Ours.GetTunnelAsync() is { IsEstablished: false, ChildSas.Count: 0 }),
            "the dead peer was not noticed");
        Assert.False(await Traffic.PingAsync(scenario.OurNamespace, scenario.OurInner, scenario.TheirInner, attempts: 1));

        await scenario.Theirs.StartDaemonAsync();
        Assert.True(await Wait.ForAsync(async () => (await scenario.Ours.GetTunnelAsync()).IsEstablished));
        SettledSas second = await scenario.AssertSasAgreeAsync();
        Assert.NotEqual(first.Theirs.InitiatorSpi, second.Theirs.InitiatorSpi);
        await scenario.AssertTrafficAsync();
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    });

    [Fact, Trait("Tier", "2")]
    public Task OurRestartReplacesTheSasThatThePeerStillHolds() => Scenario.RunAsync("restart", async scenario =>
    {
        Assert.True(await Wait.ForAsync(async () => (await scenario.Ours.GetTunnelAsync()).IsEstablished));
        SettledSas first = await scenario.AssertSasAgreeAsync();
        Assert.True(await Traffic.PingAsync(scenario.OurNamespace, scenario.OurInner, scenario.TheirInner));

        await scenario.Ours.KillAsync();
        Assert.True(Assert.Single(await scenario.Theirs.ListSasAsync()).IsEstablished);
        await scenario.Ours.StartAgainAsync();
        Assert.True(await Wait.ForAsync(async () => (await scenario.Ours.GetTunnelAsync()).IsEstablished));
        SettledSas second = await scenario.AssertSasAgreeAsync();
        Assert.NotEqual(first.Theirs.InitiatorSpi, second.Theirs.InitiatorSpi);
        await scenario.AssertTrafficAsync();

        // A graceful stop leaves nothing behind: no SA at the peer, no route and no TUN here.
        Assert.True(await scenario.Ours.StopAsync(), scenario.Ours.Output);
        Assert.True(await Wait.ForAsync(async () => (await scenario.Theirs.ListSasAsync()).Count == 0));
        Assert.DoesNotContain("10.2.0.0", await scenario.OurNamespace.IpAsync("route", "show", "table", "all"), StringComparison.Ordinal);
        Assert.DoesNotContain("ipsec0", await scenario.OurNamespace.IpAsync("link", "show"), StringComparison.Ordinal);
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    });
}
