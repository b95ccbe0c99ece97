using Ipsec.Interop.Tests.Harness;

namespace Ipsec.Interop.Tests;

/// <summary>
/// What strongSwan's user-space ESP refuses, negotiated to the end with a kernel that takes every SA: both lists of SAs agree, no packet is judged.
/// </summary>
public sealed class ControlPlaneScenarios
{
    const string OurAddress = "198.51.100.10/32";
    const string TheirAddress = "203.0.113.5/32";

    [Theory, Trait("Tier", "1")]
    [InlineData(true)]
    [InlineData(false)]
    public Task TransportModeIsAgreedAndKeptByEveryRekey(bool weInitiate) => RunAsync("host2host-transport", weInitiate, sas =>
    {
        Assert.Equal("TRANSPORT", sas.TheirChild.Mode);
        AssertSelectors(sas, OurAddress, TheirAddress);
        Assert.Equal((OurAddress, TheirAddress), (sas.TheirChild.RemoteSelectors, sas.TheirChild.LocalSelectors));
    });

    [Theory, Trait("Tier", "2")]
    [InlineData(true)]
    [InlineData(false)]
    public Task TransportModeIsAgreedOverIpV6(bool weInitiate) => RunAsync("transport-ikev2", weInitiate, sas =>
    {
        Assert.Equal("TRANSPORT", sas.TheirChild.Mode);
        AssertSelectors(sas, "2001:db8:1::10/128", "2001:db8:2::5/128");
    });

    [Fact, Trait("Tier", "2")]
    public Task TransportModeIsAgreedThroughANat() => RunAsync("host2host-transport-nat", weInitiate: true, sas =>
    {
        Assert.True(sas.Ours.IkeSa!.LocalBehindNat);
        Assert.Equal("TRANSPORT", sas.TheirChild.Mode);
        AssertSelectors(sas, "192.168.77.2/32", TheirAddress);
        // Each side puts the address that it sees in the place of the one that it is told (RFC 7296 §2.23.1).
        Assert.Equal(("203.0.113.1/32", TheirAddress), (sas.TheirChild.RemoteSelectors, sas.TheirChild.LocalSelectors));
    }, behindNat: true);

    [Fact, Trait("Tier", "2")]
    public Task APeerThatWillNotHaveTransportModeGetsNoTunnelInstead() => Scenario.RunAsync("host2host-transport-refused", async scenario =>
    {
        HostAnswer answer = await scenario.Ours.InitiateAsync();
        Assert.False(answer.Ok);
        Assert.Contains(answer.Reasons, reason => reason.Text.Contains("transport", StringComparison.OrdinalIgnoreCase));
        Assert.Empty((await scenario.Ours.GetTunnelAsync()).ChildSas);
    }, controlPlane: true);

    [Theory, Trait("Tier", "2")]
    [InlineData(true)]
    [InlineData(false)]
    public Task ExtendedSequenceNumbersAreChosenWhereWeRequireThem(bool weInitiate) => RunAsync("net2net-esn", weInitiate, sas =>
    {
        Assert.True(sas.TheirChild.HasExtendedSequenceNumbers);
        Assert.EndsWith("-esn", sas.OurChild.Proposal, StringComparison.Ordinal);
    });

    [Theory, Trait("Tier", "2")]
    [InlineData(true)]
    [InlineData(false)]
    public Task GmacIsAgreed(bool weInitiate) =>
        RunAsync("esp-alg-aes-gmac", weInitiate, sas => Assert.Equal("NULL_AES_GMAC-256", sas.TheirChild.Algorithms));

    [Fact, Trait("Tier", "2")]
    public Task ThePeersTrapBringsTheTunnelUp() => Scenario.RunAsync("trap-any", async scenario =>
    {
        Assert.Empty(await scenario.Theirs.ListSasAsync());
        // The kernel has no SA for the packet itself: it only asks for one.
        await Traffic.PingAsync(scenario.TheirNamespace, scenario.TheirInner, scenario.OurInner, attempts: 1);
        SettledSas sas = await scenario.AssertSasAgreeAsync();
        Assert.Equal("responder", sas.Ours.IkeSa!.Role);
        AssertSelectors(sas, "10.1.0.0/24", "10.2.0.0/24");
        Assert.Contains("creating acquire job for policy 10.2.0.1/32[icmp/8]", scenario.Theirs.ReadLog(), StringComparison.Ordinal);
        // We took the tunnel down: the trap is still there.
        Assert.True((await scenario.Ours.TerminateAsync()).Ok);
        await scenario.AssertNoSasAsync();
        Assert.True(await Wait.ForAsync(async () =>
        {
            await Traffic.PingAsync(scenario.TheirNamespace, scenario.TheirInner, scenario.OurInner, attempts: 1);
            return (await scenario.Ours.GetTunnelAsync()).IsEstablished;
        }));
        await scenario.AssertSasAgreeAsync();
    }, controlPlane: true);

    static void AssertSelectors(SettledSas sas, string local, string remote) =>
        Assert.Equal((local, remote), (Assert.Single(sas.OurChild.LocalSelectors), Assert.Single(sas.OurChild.RemoteSelectors)));

    /// <summary>Initiates, and rekeys both kinds of SA from each side; everything must hold after each step.</summary>
    static Task RunAsync(string name, bool weInitiate, Action<SettledSas> holds, bool behindNat = false) => Scenario.RunAsync(name, async scenario =>
    {
        await (weInitiate ? scenario.InitiateFromOursAsync() : scenario.InitiateFromTheirsAsync());
        SettledSas first = await scenario.AssertSasAgreeAsync();
        Assert.Equal(weInitiate ? "initiator" : "responder", first.Ours.IkeSa!.Role);
        holds(first);

        Assert.True((await scenario.Ours.RekeyAsync("child")).Ok);
        SettledSas second = await scenario.AssertRenewedAsync(first);
        holds(second);
        await scenario.Theirs.RekeyIkeAsync("peer");
        await scenario.AssertSasAgreeAsync();
        await scenario.Theirs.RekeyChildAsync("net");
        holds(await scenario.AssertRenewedAsync(second));

        Assert.True((await scenario.Ours.TerminateAsync()).Ok);
        await scenario.AssertNoSasAsync();
    }, behindNat: behindNat, controlPlane: true);
}
