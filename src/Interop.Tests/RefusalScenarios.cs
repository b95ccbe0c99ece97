using Ipsec.Interop.Tests.Harness;

namespace Ipsec.Interop.Tests;

/// <summary>Negotiations that must fail, with the cause named and nothing left.</summary>
public sealed class RefusalScenarios
{
    [Theory, Trait("Tier", "1")]
    [InlineData(true)]
    [InlineData(false)]
    public Task DifferentKeysFailAuthentication(bool weInitiate) => Scenario.RunAsync("wrong-psk", async scenario =>
    {
        string code = await FailAsync(scenario, weInitiate, "AUTHENTICATION_FAILED");
        Assert.Equal("authentication-failed", code);
        await AssertNothingPassesAsync(scenario);
    });

    [Theory, Trait("Tier", "2")]
    [InlineData(true)]
    [InlineData(false)]
    public Task IkeProposalsWithNothingInCommonAreRefused(bool weInitiate) => Scenario.RunAsync("no-common-proposal", async scenario =>
    {
        string code = await FailAsync(scenario, weInitiate, "NO_PROPOSAL_CHOSEN");
        Assert.Equal("no-proposal-chosen", code);
        await AssertNothingPassesAsync(scenario);
    });

    [Theory, Trait("Tier", "2")]
    [InlineData(true)]
    [InlineData(false)]
    public Task EspProposalsWithNothingInCommonAreRefused(bool weInitiate) => Scenario.RunAsync("no-common-child-proposal", async scenario =>
    {
        if (weInitiate)
        {
            HostAnswer answer = await scenario.Ours.InitiateAsync();
            Assert.False(answer.Ok);
            Assert.Contains(answer.Reasons, reason => reason.Code == "no-proposal-chosen");
        }
        else
        {
            ToolResult result = await scenario.Theirs.InitiateAsync("net");
            Assert.NotEqual(0, result.ExitCode);
            Assert.Contains("NO_PROPOSAL_CHOSEN", result.Output, StringComparison.Ordinal);
        }
        Assert.Empty((await scenario.Ours.GetTunnelAsync()).ChildSas);
        Assert.Empty((await scenario.Theirs.ListSasAsync()).SelectMany(sa => sa.Children));
        Assert.False(await Traffic.PingAsync(scenario.OurNamespace, scenario.OurInner, scenario.TheirInner, attempts: 1));
        await scenario.Wire.AssertNoTrafficAsync();
    });

    /// <summary>Initiates from one side, which must be refused; returns the first reason that our side names.</summary>
    static async Task<string> FailAsync(Scenario scenario, bool weInitiate, string notify)
    {
        if (weInitiate)
        {
            HostAnswer answer = await scenario.Ours.InitiateAsync();
            Assert.False(answer.Ok);
            Assert.NotEmpty(answer.Reasons);
            return answer.Reasons[0].Code;
        }
        ToolResult result = await scenario.Theirs.InitiateAsync("net");
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains(notify, result.Output, StringComparison.Ordinal);
        HostTunnel tunnel = await scenario.Ours.GetTunnelAsync();
        Assert.NotEmpty(tunnel.Reasons);
        return tunnel.Reasons[0].Code;
    }

    static async Task AssertNothingPassesAsync(Scenario scenario)
    {
        await scenario.AssertNoSasAsync();
        Assert.False(await Traffic.PingAsync(scenario.OurNamespace, scenario.OurInner, scenario.TheirInner, attempts: 1));
        await scenario.Wire.AssertNoTrafficAsync();
    }
}
