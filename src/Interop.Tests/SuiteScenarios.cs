using Ipsec.Interop.Tests.Harness;

namespace Ipsec.Interop.Tests;

/// <summary>Every suite in both roles: strongSwan's list names what was negotiated, both lists name the same SAs.</summary>
public sealed class SuiteScenarios
{
    const string FirstIke = "AES_GCM_16-256-PRF_HMAC_SHA2_384-CURVE_25519";

    [Theory, Trait("Tier", "1")]
    [InlineData("aes-gcm", true, FirstIke, "AES_GCM_16-256")]
    [InlineData("aes-gcm", false, FirstIke, "AES_GCM_16-256")]
    [InlineData("aes-cbc-sha256", true, "AES_CBC-256-HMAC_SHA2_256_128-PRF_HMAC_SHA2_256-MODP_2048", "AES_CBC-256-HMAC_SHA2_256_128")]
    [InlineData("triple-des-sha1", false, "3DES_CBC-HMAC_SHA1_96-PRF_HMAC_SHA1-MODP_1024", "3DES_CBC-HMAC_SHA1_96")]
    public Task TheSuitesThatMostDevicesUseCarryTraffic(string scenario, bool weInitiate, string ike, string esp) =>
        CarryTrafficAsync(scenario, weInitiate, ike, esp);

    [Theory, Trait("Tier", "2")]
    [InlineData("aes-gcm-128", true, "AES_GCM_16-128-PRF_HMAC_SHA2_256-ECP_256", "AES_GCM_16-128")]
    [InlineData("aes-gcm-128", false, "AES_GCM_16-128-PRF_HMAC_SHA2_256-ECP_256", "AES_GCM_16-128")]
    [InlineData("aes-cbc-sha256", false, "AES_CBC-256-HMAC_SHA2_256_128-PRF_HMAC_SHA2_256-MODP_2048", "AES_CBC-256-HMAC_SHA2_256_128")]
    [InlineData("triple-des-sha1", true, "3DES_CBC-HMAC_SHA1_96-PRF_HMAC_SHA1-MODP_1024", "3DES_CBC-HMAC_SHA1_96")]
    [InlineData("aes-cbc-sha1", true, "AES_CBC-128-HMAC_SHA1_96-PRF_HMAC_SHA1-MODP_1024", "AES_CBC-128-HMAC_SHA1_96")]
    [InlineData("aes-cbc-sha1", false, "AES_CBC-128-HMAC_SHA1_96-PRF_HMAC_SHA1-MODP_1024", "AES_CBC-128-HMAC_SHA1_96")]
    [InlineData("aes-cbc-sha384", true, "AES_CBC-192-HMAC_SHA2_384_192-PRF_HMAC_SHA2_384-ECP_384", "AES_CBC-192-HMAC_SHA2_384_192")]
    [InlineData("aes-cbc-sha384", false, "AES_CBC-192-HMAC_SHA2_384_192-PRF_HMAC_SHA2_384-ECP_384", "AES_CBC-192-HMAC_SHA2_384_192")]
    [InlineData("aes-cbc-sha512", true, "AES_CBC-256-HMAC_SHA2_512_256-PRF_HMAC_SHA2_512-MODP_2048", "AES_CBC-256-HMAC_SHA2_512_256")]
    [InlineData("aes-cbc-sha512", false, "AES_CBC-256-HMAC_SHA2_512_256-PRF_HMAC_SHA2_512-MODP_2048", "AES_CBC-256-HMAC_SHA2_512_256")]
    public Task EveryOtherSuiteCarriesTraffic(string scenario, bool weInitiate, string ike, string esp) =>
        CarryTrafficAsync(scenario, weInitiate, ike, esp);

    static Task CarryTrafficAsync(string name, bool weInitiate, string ike, string esp) => Scenario.RunAsync(name, async scenario =>
    {
        await (weInitiate ? scenario.InitiateFromOursAsync() : scenario.InitiateFromTheirsAsync());
        SettledSas sas = await scenario.AssertSasAgreeAsync();
        Assert.Equal(weInitiate ? "initiator" : "responder", sas.Ours.IkeSa!.Role);
        Assert.Equal(ike, sas.Theirs.Algorithms);
        Assert.Equal(esp, sas.TheirChild.Algorithms);
        Assert.Equal(["10.1.0.0/24"], sas.OurChild.LocalSelectors);
        Assert.Equal(["10.2.0.0/24"], sas.OurChild.RemoteSelectors);

        await scenario.AssertTrafficAsync();
        HostChildSa child = Assert.Single((await scenario.Ours.GetTunnelAsync()).ChildSas);
        Assert.True(child.PacketsIn > 5 && child.PacketsOut > 5);

        HostAnswer terminated = await scenario.Ours.TerminateAsync();
        Assert.True(terminated.Ok, terminated.Message);
        await scenario.AssertNoSasAsync();
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    });
}
