using Ipsec.Interop.Tests.Harness;

namespace Ipsec.Interop.Tests;

/// <summary>Every key exchange group, for the IKE SA and again for a child SA with perfect forward secrecy, in both roles.</summary>
public sealed class GroupScenarios
{
    [Theory, Trait("Tier", "2")]
    [InlineData(2, true, "MODP_1024")]
    [InlineData(2, false, "MODP_1024")]
    [InlineData(14, true, "MODP_2048")]
    [InlineData(14, false, "MODP_2048")]
    [InlineData(19, true, "ECP_256")]
    [InlineData(19, false, "ECP_256")]
    [InlineData(20, true, "ECP_384")]
    [InlineData(20, false, "ECP_384")]
    [InlineData(31, true, "CURVE_25519")]
    [InlineData(31, false, "CURVE_25519")]
    public Task AgreesOnKeysForBothKindsOfSa(int group, bool weInitiate, string name) => Scenario.RunAsync($"group-{group}", async scenario =>
    {
        await (weInitiate ? scenario.InitiateFromOursAsync() : scenario.InitiateFromTheirsAsync());
        SettledSas first = await scenario.AssertSasAgreeAsync();
        Assert.EndsWith("-" + name, first.Theirs.Algorithms, StringComparison.Ordinal);

        if (weInitiate)
            Assert.True((await scenario.Ours.RekeyAsync("child")).Ok);
        else
            await scenario.Theirs.RekeyChildAsync("net");
        Assert.True(await Wait.ForAsync(async () =>
            (await scenario.Ours.GetTunnelAsync()).ChildSas.All(child => child.SpiIn != first.OurChild.SpiIn)));
        SettledSas second = await scenario.AssertSasAgreeAsync();
        Assert.EndsWith("-" + name, second.TheirChild.Algorithms, StringComparison.Ordinal);

        await scenario.AssertTrafficAsync();
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    });
}
