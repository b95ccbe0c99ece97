using Ipsec.Interop.Tests.Harness;

namespace Ipsec.Interop.Tests;

/// <summary>Both sides are told to rekey at the same moment, several times.</summary>
public sealed class CollisionScenarios
{
    const int Rounds = 4;
    const int Pings = 60;

    [Theory, Trait("Tier", "1")]
    [InlineData("child", "child")]
    [InlineData("ike", "ike")]
    [InlineData("child", "ike")]
    public Task RekeysOfBothSidesThatMeetLeaveOneOfEachAndLoseNoPing(string ours, string theirs) => Scenario.RunAsync("rekey-collision", async scenario =>
    {
        await scenario.InitiateFromOursAsync();
        await scenario.AssertSasAgreeAsync();
        Assert.True(await Traffic.PingAsync(scenario.OurNamespace, scenario.OurInner, scenario.TheirInner));

        Task<int> answers = Traffic.CountAnswersAsync(scenario.OurNamespace, scenario.OurInner, scenario.TheirInner, Pings);
        for (int round = 0; round < Rounds; round++)
        {
            await Task.WhenAll(scenario.Ours.RekeyAsync(ours), theirs == "ike" ? scenario.Theirs.RekeyIkeAsync("peer")
                : scenario.Theirs.RekeyChildAsync("net"));
            await scenario.AssertSasAgreeAsync();
        }
        Assert.Equal(Pings, await answers);
        await scenario.AssertTrafficAsync();
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    });
}
