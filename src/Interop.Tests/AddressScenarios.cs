using Ipsec.Interop.Tests.Harness;

namespace Ipsec.Interop.Tests;

/// <summary>
/// Addresses that are not what they seem: NATs on either side and pretended ones, with virtual IPs and without; gateways that send their clients on.
/// </summary>
public sealed class AddressScenarios
{
    const string Assigned = "10.3.0.1";

    [Fact, Trait("Tier", "2")]
    public Task ASingleHostBehindANat() => Scenario.RunAsync("nat-rw-psk", async scenario =>
    {
        await scenario.InitiateFromOursAsync();
        SettledSas sas = await scenario.AssertSasAgreeAsync();
        Assert.Equal(["10.1.0.1/32"], sas.OurChild.LocalSelectors);
        Assert.Equal("10.1.0.1/32", sas.TheirChild.RemoteSelectors);
        Assert.True(sas.Ours.IkeSa!.LocalBehindNat);
        await scenario.AssertTrafficAsync(1_000_000);
        await scenario.Theirs.RekeyChildAsync("net");
        await scenario.AssertSasAgreeAsync();
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    }, behindNat: true);

    [Fact, Trait("Tier", "2")]
    public Task ThePeerDialsThroughANatOnEachSide() => Scenario.RunAsync("double-nat-net", async scenario =>
    {
        await scenario.Network.ForwardToTheirsAsync();
        await scenario.InitiateFromTheirsAsync();
        SettledSas sas = await scenario.AssertSasAgreeAsync();
        Assert.True(sas.Ours.IkeSa is { LocalBehindNat: true, RemoteBehindNat: true, Encapsulation: "udp" });
        await scenario.AssertTrafficAsync();
        Assert.True((await scenario.Ours.RekeyAsync("child")).Ok);
        await scenario.Theirs.RekeyIkeAsync("peer");
        await scenario.AssertSasAgreeAsync();
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    }, behindNat: true, exchanged: true);

    [Theory, Trait("Tier", "2")]
    [InlineData(true)]
    [InlineData(false)]
    public Task ThePeerPretendsToBeBehindANat(bool weInitiate) => Scenario.RunAsync("force-udp-encap", async scenario =>
    {
        await (weInitiate ? scenario.InitiateFromOursAsync() : scenario.InitiateFromTheirsAsync());
        SettledSas sas = await scenario.AssertSasAgreeAsync();
        Assert.True(sas.Ours.IkeSa is { RemoteBehindNat: true, Encapsulation: "udp" });
        await scenario.AssertTrafficAsync(1_000_000);
        Assert.Equal("", await scenario.Wire.ReadAsync("ip proto 50"));
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    });

    [Fact, Trait("Tier", "2")]
    public Task BehindANatWeAreGivenAnAddress() => Scenario.RunAsync("nat-virtual-ip", async scenario =>
    {
        await scenario.InitiateFromOursAsync();
        await AssertAssignedAsync(scenario);
        Assert.True((await scenario.Ours.RekeyAsync("child")).Ok);
        await scenario.Theirs.RekeyIkeAsync("peer");
        SettledSas sas = await AssertAssignedAsync(scenario);
        Assert.True(sas.Ours.IkeSa!.LocalBehindNat);
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    }, behindNat: true);

    [Fact, Trait("Tier", "2")]
    public Task TheAddressThatWeWereGivenMovesWithUs() => Scenario.RunAsync("mobike-virtual-ip", async scenario =>
    {
        await scenario.InitiateFromOursAsync();
        SettledSas before = await AssertAssignedAsync(scenario);
        await scenario.OurNamespace.RunCheckedAsync("sysctl", "-qw", "net.ipv4.conf.outer.promote_secondaries=1");
        await scenario.OurNamespace.IpAsync("addr", "add", "198.51.100.77/24", "dev", "outer");
        await scenario.OurNamespace.IpAsync("addr", "delete", "198.51.100.10/24", "dev", "outer");
        Assert.True(await Wait.ForAsync(() => scenario.Ours.Output.Contains("IKE SA moved", StringComparison.Ordinal)), "the IKE SA did not move");
        SettledSas after = await AssertAssignedAsync(scenario);
        // strongSwan cannot move an SA of its user-space ESP: it rekeys it.
        Assert.Equal(before.Theirs.InitiatorSpi, after.Theirs.InitiatorSpi);
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    });

    [Fact, Trait("Tier", "2")]
    public Task WeSendThePeerToAnotherAddressOfOurs() => Scenario.RunAsync("redirect-active", async scenario =>
    {
        await scenario.OurNamespace.IpAsync("addr", "add", "198.51.100.11/24", "dev", "outer");
        await scenario.InitiateFromTheirsAsync();
        SettledSas before = await scenario.AssertSasAgreeAsync();
        ToolResult refused = await scenario.Ours.RunVerbAsync("redirect", "peer", "not a name");
        Assert.Equal((1, "'not a name' is neither an address nor a DNS name."), (refused.ExitCode, refused.Error.Trim()));
        ToolResult result = await scenario.Ours.RunVerbAsync("redirect", "peer", "198.51.100.11");
        Assert.True(result.ExitCode == 0, result.ToString());
        await AssertRedirectedAsync(scenario, before, "198.51.100.11");
    });

    [Fact, Trait("Tier", "2")]
    public Task ThePeerSendsUsToAnotherAddressOfIts() => Scenario.RunAsync("redirect-active-peer", async scenario =>
    {
        await scenario.TheirNamespace.IpAsync("addr", "add", "203.0.113.6/24", "dev", "outer");
        await scenario.InitiateFromOursAsync();
        SettledSas before = await scenario.AssertSasAgreeAsync();
        await scenario.Theirs.RedirectAsync("peer", "203.0.113.6");
        await AssertRedirectedAsync(scenario, before, "203.0.113.6");
    });

    static async Task AssertRedirectedAsync(Scenario scenario, SettledSas before, string gateway)
    {
        SettledSas? after = null;
        Assert.True(await Wait.ForAsync(async () =>
        {
            after = SettledSas.TryMatch(await scenario.Ours.GetTunnelAsync(), await scenario.Theirs.ListSasAsync());
            return after is not null && after.Theirs.InitiatorSpi != before.Theirs.InitiatorSpi;
        }), "there is no other IKE SA");
        Assert.Contains(scenario.Theirs.ReadLog().Split('\n'), line => line.Contains("established between", StringComparison.Ordinal)
            && line.Contains(gateway, StringComparison.Ordinal));
        Assert.Equal(before.Theirs.IsInitiator, after!.Theirs.IsInitiator);
        await scenario.AssertTrafficAsync(1_000_000);
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    }

    static async Task<SettledSas> AssertAssignedAsync(Scenario scenario)
    {
        SettledSas sas = await scenario.AssertSasAgreeAsync();
        Assert.Equal([Assigned + "/32"], sas.OurChild.LocalSelectors);
        Assert.True(await Traffic.PingAsync(scenario.OurNamespace, Assigned, scenario.TheirInner));
        Assert.True(await Traffic.PingAsync(scenario.TheirNamespace, scenario.TheirInner, Assigned));
        return sas;
    }
}
