using Ipsec.Interop.Tests.Harness;

namespace Ipsec.Interop.Tests;

/// <summary>Multiple key exchanges with ML-KEM (RFC 9370) against strongSwan 6, from a newer Debian in a folder.</summary>
[Trait("Group", "newer peer")]
public sealed class NewerPeerScenarios
{
    [Theory, Trait("Tier", "2")]
    [InlineData("mlkem768", true, "KE1_ML_KEM_768")]
    [InlineData("mlkem768", false, "KE1_ML_KEM_768")]
    [InlineData("mlkem512", true, "KE1_ML_KEM_512")]
    [InlineData("mlkem512", false, "KE1_ML_KEM_512")]
    [InlineData("mlkem1024", true, "KE1_ML_KEM_1024")]
    [InlineData("mlkem1024", false, "KE1_ML_KEM_1024")]
    [InlineData("multi-ke", true, "KE1_ML_KEM_768/KE2_ECP_384/KE4_MODP_2048")]
    [InlineData("multi-ke", false, "KE1_ML_KEM_768/KE2_ECP_384/KE4_MODP_2048")]
    [InlineData("ke-optional", true, "KE1_ML_KEM_768")]
    [InlineData("ke-optional", false, "KE1_ML_KEM_768")]
    [InlineData("rw-cert-multi-ke", true, "KE1_ML_KEM_768/KE2_ECP_384")]
    [InlineData("rw-cert-multi-ke", false, "KE1_ML_KEM_768/KE2_ECP_384")]
    public async Task AdditionalKeyExchangesProtectTheIkeSaAndEveryRekey(string name, bool weInitiate, string methods)
    {
        string root = await NewerPeer.PrepareAsync();
        await Scenario.RunAsync(name, async scenario =>
        {
            await (weInitiate ? scenario.InitiateFromOursAsync() : scenario.InitiateFromTheirsAsync());
            SettledSas first = await scenario.AssertSasAgreeAsync();
            Assert.Contains("/" + methods, scenario.Theirs.ReadLog());
            await scenario.AssertTrafficAsync(1_000_000);

            Assert.True((await scenario.Ours.RekeyAsync("ike")).Ok);
            SettledSas second = await scenario.AssertSasAgreeAsync();
            Assert.NotEqual(first.Theirs.InitiatorSpi, second.Theirs.InitiatorSpi);
            await scenario.Theirs.RekeyIkeAsync("peer");
            SettledSas third = await scenario.AssertSasAgreeAsync();
            Assert.NotEqual(second.Theirs.InitiatorSpi, third.Theirs.InitiatorSpi);

            Assert.True((await scenario.Ours.RekeyAsync("child")).Ok);
            SettledSas fourth = await scenario.AssertSasAgreeAsync();
            Assert.NotEqual(third.OurChild.SpiIn, fourth.OurChild.SpiIn);
            await scenario.Theirs.RekeyChildAsync("net");
            SettledSas fifth = await scenario.AssertSasAgreeAsync();
            Assert.NotEqual(fourth.OurChild.SpiIn, fifth.OurChild.SpiIn);
            Assert.Contains("IKE_FOLLOWUP_KE", scenario.Theirs.ReadLog());
            await scenario.AssertTrafficAsync(1_000_000);
            await scenario.Wire.AssertOnlyProtectedTrafficAsync();
        }, newerRoot: root);
    }

    [Fact, Trait("Tier", "2")]
    public async Task ThePeersFirstPacketBringsTheTunnelUp()
    {
        string root = await NewerPeer.PrepareAsync();
        await Scenario.RunAsync("net2net-trap", async scenario =>
        {
            Assert.Empty(await scenario.Theirs.ListSasAsync());
            Assert.True(await Traffic.PingAsync(scenario.TheirNamespace, scenario.TheirInner, scenario.OurInner));
            SettledSas sas = await scenario.AssertSasAgreeAsync();
            Assert.Equal("responder", sas.Ours.IkeSa!.Role);
            Assert.Equal(["10.2.0.0/24"], sas.OurChild.RemoteSelectors);
            await scenario.AssertTrafficAsync(1_000_000);
            await scenario.Wire.AssertOnlyProtectedTrafficAsync();
        }, newerRoot: root);
    }
}
