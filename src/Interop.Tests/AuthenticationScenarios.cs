using Ipsec.Interop.Tests.Harness;

namespace Ipsec.Interop.Tests;

/// <summary>Identities of every type, post-quantum preshared keys and reauthentication, with pre-shared keys.</summary>
public sealed class AuthenticationScenarios
{
    static async Task InitiateAsync(Scenario scenario, bool weInitiate) =>
        await (weInitiate ? scenario.InitiateFromOursAsync() : scenario.InitiateFromTheirsAsync());

    [Theory, Trait("Tier", "2")]
    [InlineData(true)]
    [InlineData(false)]
    public Task KeyIdsAndDistinguishedNamesAreIdentities(bool weInitiate) => Scenario.RunAsync("identity-key-id", async scenario =>
    {
        await InitiateAsync(scenario, weInitiate);
        SettledSas sas = await scenario.AssertSasAgreeAsync();
        Assert.Equal("C=CH, O=Lab, CN=theirs", sas.Ours.IkeSa!.RemoteIdentity);
        await scenario.AssertTrafficAsync(1_000_000);
    });

    [Fact, Trait("Tier", "2")]
    public Task RoadWarriorNeedNotAskForAnIdentity() => Scenario.RunAsync("rw-psk-no-idr", async scenario =>
    {
        await scenario.InitiateFromOursAsync();
        SettledSas sas = await scenario.AssertSasAgreeAsync();
        Assert.Equal("moon.theirs.example", sas.Ours.IkeSa!.RemoteIdentity);
        await scenario.AssertTrafficAsync(1_000_000);
    });

    [Fact, Trait("Tier", "1")]
    public Task RoadWarriorIsTakenByItsDomain() => Scenario.RunAsync("rw-psk-fqdn", async scenario =>
    {
        await scenario.InitiateFromTheirsAsync();
        SettledSas sas = await scenario.AssertSasAgreeAsync();
        Assert.Equal("carol.theirs.example", sas.Ours.IkeSa!.RemoteIdentity);
        await scenario.AssertTrafficAsync(1_000_000);
    });

    [Theory, Trait("Tier", "1")]
    [InlineData(true)]
    [InlineData(false)]
    public Task PostquantumKeyIsMixedIn(bool weInitiate) => Scenario.RunAsync("ppk", async scenario =>
    {
        await InitiateAsync(scenario, weInitiate);
        await scenario.AssertSasAgreeAsync();
        Assert.Contains("using PPK for PPK_ID 'lab'", scenario.Theirs.ReadLog());
        // SK_d' serves the rekeys as well.
        Assert.True((await scenario.Ours.RekeyAsync("ike")).Ok);
        await scenario.AssertSasAgreeAsync();
        Assert.True((await scenario.Ours.RekeyAsync("child")).Ok);
        await scenario.AssertSasAgreeAsync();
        await scenario.AssertTrafficAsync(1_000_000);
    });

    [Theory, Trait("Tier", "2")]
    [InlineData(true)]
    [InlineData(false)]
    public Task PostquantumKeyThatOnlyOneSideKnowsIsDoneWithout(bool weInitiate) =>
        Scenario.RunAsync(weInitiate ? "ppk-optional" : "ppk-unknown", async scenario =>
    {
        await InitiateAsync(scenario, weInitiate);
        await scenario.AssertSasAgreeAsync();
        Assert.Contains("N(NO_PPK)", scenario.Theirs.ReadLog());
        await scenario.AssertTrafficAsync(1_000_000);
    });

    [Theory, Trait("Tier", "2")]
    [InlineData(true)]
    [InlineData(false)]
    public Task AuthenticationIsRenewedInTime(bool weInitiate) => Scenario.RunAsync("reauthentication", async scenario =>
    {
        await InitiateAsync(scenario, weInitiate);
        SettledSas first = await scenario.AssertSasAgreeAsync();
        // Make before break: as initiator not one ping is lost meanwhile. charon 5.9 breaks before it makes.
        int answers = await Traffic.CountAnswersAsync(scenario.OurNamespace, scenario.OurInner, scenario.TheirInner, count: 110);
        if (weInitiate)
            Assert.Equal(110, answers);
        else
            Assert.Contains("received AUTH_LIFETIME of 15s", scenario.Theirs.ReadLog());
        SettledSas renewed = await scenario.AssertSasAgreeAsync();
        Assert.NotEqual(first.Ours.IkeSa!.SpiInitiator, renewed.Ours.IkeSa!.SpiInitiator);
        await scenario.AssertTrafficAsync(1_000_000);
    });
}
