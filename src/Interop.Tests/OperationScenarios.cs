using System.Text.Json;
using Ipsec.Interop.Tests.Harness;

namespace Ipsec.Interop.Tests;

/// <summary>Our side as its users run it: as an Azure gateway, by names, by traffic, from the command line.</summary>
public sealed class OperationScenarios
{
    [Fact, Trait("Tier", "1")]
    public Task AnAzureGatewayWithTheDefaultPolicyAnswersADevice() => Scenario.RunAsync("azure-gateway", async scenario =>
    {
        await scenario.InitiateFromTheirsAsync();
        SettledSas sas = await scenario.AssertSasAgreeAsync();
        Assert.Equal("AES_CBC-256-HMAC_SHA1_96-PRF_HMAC_SHA1-MODP_1024", sas.Theirs.Algorithms);
        Assert.Equal("AES_CBC-256-HMAC_SHA2_256_128", sas.TheirChild.Algorithms);
        await scenario.AssertTrafficAsync();
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    }, node: "hub-gw");

    [Theory, Trait("Tier", "1")]
    [InlineData("device-config", "10.2.0.0/24 === 10.1.0.0/16", "AES_GCM_16-256")]
    [InlineData("device-config-route-based", "0.0.0.0/0 === 0.0.0.0/0", "AES_CBC-256-HMAC_SHA1_96")]
    public Task StrongSwanRunsWithWhatDeviceConfigWrites(string name, string selectors, string suite) => Scenario.RunAsync(name, async scenario =>
    {
        // Nobody is told to initiate: the file says that the device dials.
        SettledSas sas = await scenario.AssertSasAgreeAsync();
        Assert.Equal("AES_CBC-256-HMAC_SHA1_96-PRF_HMAC_SHA1-MODP_1024", sas.Theirs.Algorithms);
        Assert.Equal((suite, selectors), (sas.TheirChild.Algorithms, $"{sas.TheirChild.LocalSelectors} === {sas.TheirChild.RemoteSelectors}"));
        await scenario.AssertTrafficAsync();
        await scenario.Theirs.RekeyChildAsync("hub-to-branch");
        bool isNew = await Wait.ForAsync(async () => (await scenario.AssertSasAgreeAsync()).TheirChild.SpiIn != sas.TheirChild.SpiIn);
        Assert.True(isNew, "the child SA is still the first one");
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    }, node: "hub-gw");

    [Theory, Trait("Tier", "2")]
    [InlineData(true)]
    [InlineData(false)]
    public Task BothSidesAreKnownByNames(bool weInitiate) => Scenario.RunAsync("identities", async scenario =>
    {
        await (weInitiate ? scenario.InitiateFromOursAsync() : scenario.InitiateFromTheirsAsync());
        SettledSas sas = await scenario.AssertSasAgreeAsync();
        Assert.Equal("gateway@ours.example", sas.Ours.IkeSa!.LocalIdentity);
        Assert.Equal("theirs.example", sas.Ours.IkeSa.RemoteIdentity);
        await scenario.AssertTrafficAsync(1_000_000);
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    });

    [Fact, Trait("Tier", "2")]
    public Task TheFirstPacketBringsTheTunnelUp() => Scenario.RunAsync("traffic-triggered", async scenario =>
    {
        Assert.Empty(await scenario.Theirs.ListSasAsync());
        Assert.True(await Traffic.PingAsync(scenario.OurNamespace, scenario.OurInner, scenario.TheirInner));
        await scenario.AssertSasAgreeAsync();
        await scenario.AssertTrafficAsync(1_000_000);
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    });

    [Fact, Trait("Tier", "2")]
    public Task TheVerbsOfTheCommandLineSteerARunningHost() => Scenario.RunAsync("control-verbs", async scenario =>
    {
        await RunVerbAsync(scenario, "initiate", "peer");
        SettledSas first = await scenario.AssertSasAgreeAsync();
        using (JsonDocument status = JsonDocument.Parse(await RunVerbAsync(scenario, "status", "--json")))
        {
            JsonElement tunnel = status.RootElement.GetProperty("tunnels")[0];
            Assert.Equal("established", tunnel.GetProperty("state").GetString());
            Assert.Equal(first.OurChild.SpiIn, tunnel.GetProperty("childSas")[0].GetProperty("spiIn").GetString());
        }
        Assert.Contains("peer", await RunVerbAsync(scenario, "status"), StringComparison.Ordinal);

        await RunVerbAsync(scenario, "rekey", "child", "peer");
        SettledSas second = await scenario.AssertSasAgreeAsync();
        Assert.NotEqual(first.OurChild.SpiIn, second.OurChild.SpiIn);
        await RunVerbAsync(scenario, "rekey", "ike", "peer");
        SettledSas third = await scenario.AssertSasAgreeAsync();
        Assert.NotEqual(second.Theirs.InitiatorSpi, third.Theirs.InitiatorSpi);
        await scenario.AssertTrafficAsync(1_000_000);

        await RunVerbAsync(scenario, "terminate", "peer");
        await scenario.AssertNoSasAsync();
        ToolResult unknown = await scenario.Ours.RunVerbAsync("initiate", "nobody");
        Assert.Equal(1, unknown.ExitCode);
        Assert.Contains("nobody", unknown.Error, StringComparison.Ordinal);
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    });

    static async Task<string> RunVerbAsync(Scenario scenario, params string[] arguments)
    {
        ToolResult result = await scenario.Ours.RunVerbAsync(arguments);
        Assert.True(result.ExitCode == 0, result.ToString());
        return result.Output;
    }
}
