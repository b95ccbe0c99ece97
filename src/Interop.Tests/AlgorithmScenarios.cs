using System.Text.RegularExpressions;
using Ipsec.Interop.Tests.Harness;

namespace Ipsec.Interop.Tests;

/// <summary>
/// The algorithms of IANA's lists against strongSwan, several suites per daemon: for each line of <c>suites.txt</c> both sides are told
/// the one proposal, one of them initiates, SAs and traffic are checked, a child SA with a group is rekeyed, and everything is taken down.
/// </summary>
public sealed partial class AlgorithmScenarios
{
    const int Octets = 200_000;

    [Theory, Trait("Tier", "1")]
    [InlineData("alg-aes-ccm")]
    [InlineData("alg-chacha20poly1305")]
    public Task ModernSuitesCarryTraffic(string scenario) => RunSuitesAsync(scenario);

    [Theory, Trait("Tier", "2")]
    [InlineData("alg-aes-gcm")]
    [InlineData("alg-aes-ctr")]
    [InlineData("alg-aes-xcbc")]
    [InlineData("alg-aes-cmac")]
    [InlineData("alg-camellia")]
    [InlineData("alg-3des-md5")]
    [InlineData("alg-des")]
    [InlineData("alg-ecp-low")]
    [InlineData("alg-ecp-high")]
    [InlineData("alg-ecp-brainpool-low")]
    [InlineData("alg-ecp-brainpool-high")]
    [InlineData("alg-modp-low")]
    [InlineData("alg-modp-high")]
    [InlineData("alg-modp-subgroup")]
    [InlineData("alg-curve448")]
    public Task EveryOtherSuiteCarriesTraffic(string scenario) => RunSuitesAsync(scenario);

    [Fact, Trait("Tier", "2")]
    public Task EspWithoutEncryptionCarriesTraffic() => RunSuitesAsync("esp-alg-null", isReadable: true);

    static Task RunSuitesAsync(string name, bool isReadable = false) => Scenario.RunAsync(name, async scenario =>
    {
        bool weInitiate = true;
        foreach (string line in await File.ReadAllLinesAsync(Path.Combine(AppContext.BaseDirectory, "Scenarios", name, "suites.txt")))
        {
            if (line.Split(' ') is not [string ike, string esp, string theirIke, string theirEsp])
                throw new InvalidOperationException($"{name}/suites.txt: '{line}' is not two proposals and two names.");
            await scenario.Ours.ReloadAsync(text => OurEsp().Replace(OurIke().Replace(text, $"          proposals: [{ike}]"), $"espProposals: [{esp}]"));
            await scenario.Theirs.ReloadAsync(text => TheirEsp().Replace(TheirIke().Replace(text, $"    proposals = {ike}"), $"esp_proposals = {esp}"));
            await RunSuiteAsync(scenario, weInitiate, esp, theirIke, theirEsp);
            weInitiate = !weInitiate;
        }
        if (!isReadable)
            await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    });

    static async Task RunSuiteAsync(Scenario scenario, bool weInitiate, string esp, string theirIke, string theirEsp)
    {
        await (weInitiate ? scenario.InitiateFromOursAsync() : scenario.InitiateFromTheirsAsync());
        SettledSas sas = await scenario.AssertSasAgreeAsync();
        Assert.Equal(weInitiate ? "initiator" : "responder", sas.Ours.IkeSa!.Role);
        Assert.Equal(theirIke, sas.Theirs.Algorithms);
        if (Group().IsMatch(esp))
        {
            string first = sas.OurChild.SpiIn;
            Assert.True((await scenario.Ours.RekeyAsync("child")).Ok);
            Assert.True(await Wait.ForAsync(async () =>
                (await scenario.Ours.GetTunnelAsync()).ChildSas.All(child => child.SpiIn != first)));
            sas = await scenario.AssertSasAgreeAsync();
        }
        Assert.Equal(theirEsp, sas.TheirChild.Algorithms);
        await scenario.AssertTrafficAsync(Octets);

        HostAnswer terminated = await scenario.Ours.TerminateAsync();
        Assert.True(terminated.Ok, terminated.Message);
        await scenario.AssertNoSasAsync();
    }

    [GeneratedRegex(@"^ +proposals: \[.*\]", RegexOptions.Multiline)]
    private static partial Regex OurIke();

    [GeneratedRegex(@"espProposals: \[.*\]")]
    private static partial Regex OurEsp();

    [GeneratedRegex(@"^ +proposals = .*", RegexOptions.Multiline)]
    private static partial Regex TheirIke();

    [GeneratedRegex("esp_proposals = .*")]
    private static partial Regex TheirEsp();

    [GeneratedRegex("modp|ecp|curve")]
    private static partial Regex Group();
}
