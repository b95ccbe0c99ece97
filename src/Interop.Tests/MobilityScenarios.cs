using Ipsec.Interop.Tests.Harness;

namespace Ipsec.Interop.Tests;

/// <summary>Addresses that change under a tunnel, with MOBIKE (RFC 4555) and without; NATs; peers known by name or by identity only.</summary>
public sealed class MobilityScenarios
{
    [Fact, Trait("Tier", "1")]
    public Task WeMoveAndThePeerFollows() => Scenario.RunAsync("mobike", async scenario =>
    {
        await scenario.InitiateFromOursAsync();
        SettledSas before = await scenario.AssertSasAgreeAsync();
        await ReplaceAddressAsync(scenario.OurNamespace, "198.51.100.10", "198.51.100.77");
        await AssertMovedAsync(scenario, "198.51.100.77");
        SettledSas after = await scenario.AssertSasAgreeAsync();
        Assert.Equal(before.Theirs.InitiatorSpi, after.Theirs.InitiatorSpi);
        Assert.Contains("198.51.100.77", scenario.Theirs.ReadLog(), StringComparison.Ordinal);
        await scenario.AssertTrafficAsync();
        // What was moved is rekeyed like anything else, from either side.
        await scenario.Theirs.RekeyIkeAsync("peer");
        await scenario.AssertSasAgreeAsync();
        Assert.True((await scenario.Ours.RekeyAsync("child")).Ok);
        await scenario.AssertSasAgreeAsync();
        Assert.True(await Traffic.PingAsync(scenario.TheirNamespace, scenario.TheirInner, scenario.OurInner));
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    });

    [Fact, Trait("Tier", "1")]
    public Task ThePeerMovesAndWeFollowOnceItAnswersThere() => Scenario.RunAsync("mobike-peer", async scenario =>
    {
        await scenario.InitiateFromTheirsAsync();
        SettledSas before = await scenario.AssertSasAgreeAsync();
        await ReplaceAddressAsync(scenario.TheirNamespace, "203.0.113.5", "203.0.113.66");
        await AssertMovedAsync(scenario, "203.0.113.66");
        SettledSas after = await scenario.AssertSasAgreeAsync();
        Assert.Equal(before.Theirs.InitiatorSpi, after.Theirs.InitiatorSpi);
        await scenario.AssertTrafficAsync();
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    });

    [Fact, Trait("Tier", "2")]
    public Task WeMoveAsResponderAndThePeerFollows() => Scenario.RunAsync("mobike-responder", async scenario =>
    {
        await scenario.InitiateFromTheirsAsync();
        SettledSas before = await scenario.AssertSasAgreeAsync();
        await ReplaceAddressAsync(scenario.OurNamespace, "198.51.100.10", "198.51.100.77");
        await AssertMovedAsync(scenario, "198.51.100.77");
        Assert.True(await Wait.ForAsync(() => Traffic.PingAsync(scenario.TheirNamespace, scenario.TheirInner, scenario.OurInner, attempts: 1)));
        SettledSas after = await scenario.AssertSasAgreeAsync();
        Assert.Equal(before.Theirs.InitiatorSpi, after.Theirs.InitiatorSpi);
        await scenario.AssertTrafficAsync();
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    });

    [Fact, Trait("Tier", "2")]
    public Task TheNatForgetsItsMapping() => Scenario.RunAsync("mobike-nat-mapping", async scenario =>
    {
        await scenario.Network.Router.RunCheckedAsync("sysctl", "-qw", "net.netfilter.nf_conntrack_udp_timeout=2",
            "net.netfilter.nf_conntrack_udp_timeout_stream=2");
        await scenario.InitiateFromOursAsync();
        SettledSas before = await scenario.AssertSasAgreeAsync();
        // Idle for longer than the mapping lives; the next liveness check leaves from another port.
        Assert.True(await Wait.ForAsync(() => scenario.Theirs.ReadLog().Contains("UPD_SA_ADDR", StringComparison.Ordinal)), "no update was sent");
        Assert.True(await Traffic.PingAsync(scenario.OurNamespace, scenario.OurInner, scenario.TheirInner));
        Assert.True(await Traffic.PingAsync(scenario.TheirNamespace, scenario.TheirInner, scenario.OurInner));
        SettledSas after = await scenario.AssertSasAgreeAsync();
        Assert.Equal(before.Theirs.InitiatorSpi, after.Theirs.InitiatorSpi);
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    }, behindNat: true);

    [Fact, Trait("Tier", "2")]
    public Task ANatOnEachSide() => Scenario.RunAsync("double-nat", async scenario =>
    {
        await scenario.Network.ForwardToTheirsAsync();
        await scenario.InitiateFromOursAsync();
        SettledSas sas = await scenario.AssertSasAgreeAsync();
        Assert.True(sas.Ours.IkeSa is { LocalBehindNat: true, RemoteBehindNat: true });
        await scenario.AssertTrafficAsync();
        Assert.True((await scenario.Ours.RekeyAsync("ike")).Ok);
        await scenario.AssertSasAgreeAsync();
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    }, behindNat: true);

    [Fact, Trait("Tier", "2")]
    public Task APeerComesBackFromAnotherAddress() => Scenario.RunAsync("dynamic-initiator", async scenario =>
    {
        HostAnswer refused = await scenario.Ours.InitiateAsync();
        Assert.False(refused.Ok);
        await scenario.InitiateFromTheirsAsync();
        SettledSas before = await scenario.AssertSasAgreeAsync();
        await scenario.Theirs.KillAsync();
        await ReplaceAddressAsync(scenario.TheirNamespace, "203.0.113.5", "203.0.113.66");
        await scenario.Theirs.StartDaemonAsync();
        await scenario.InitiateFromTheirsAsync();
        SettledSas after = await scenario.AssertSasAgreeAsync();
        Assert.NotEqual(before.Theirs.InitiatorSpi, after.Theirs.InitiatorSpi);
        await scenario.AssertTrafficAsync();
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    });

    [Fact, Trait("Tier", "2")]
    public Task ThePeerIsDialledByItsName() => Scenario.RunAsync("peer-name", async scenario =>
    {
        await scenario.InitiateFromOursAsync();
        await scenario.AssertSasAgreeAsync();
        await scenario.AssertTrafficAsync();
        // Somebody deletes the TUN under us: it is made anew with its routes.
        await scenario.OurNamespace.IpAsync("link", "delete", "ipsec0");
        Assert.True(await Wait.ForAsync(() => scenario.Ours.Output.Contains("is there again", StringComparison.Ordinal)), "the TUN is not back");
        await scenario.AssertTrafficAsync();
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    });

    /// <summary>The new address is there before the old one goes, in the same network.</summary>
    static async Task ReplaceAddressAsync(NetworkNamespace site, string old, string replacement)
    {
        await site.RunCheckedAsync("sysctl", "-qw", "net.ipv4.conf.outer.promote_secondaries=1");
        await site.IpAsync("addr", "add", replacement + "/24", "dev", "outer");
        await site.IpAsync("addr", "delete", old + "/24", "dev", "outer");
    }

    /// <summary>Our log says so: the IKE SA goes on over that address.</summary>
    static async Task AssertMovedAsync(Scenario scenario, string address) => Assert.True(
        await Wait.ForAsync(() => scenario.Ours.Output.Split('\n').Any(line =>
            line.Contains("IKE SA moved", StringComparison.Ordinal) && line.Contains(address, StringComparison.Ordinal))),
        $"the IKE SA did not move to {address}");
}
