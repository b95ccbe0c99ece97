using System.Text.Json;
using Ipsec.EndpointHost.CommandLine;
using Ipsec.Tests.Support;

namespace Ipsec.EndpointHost.Tests.DeviceConfig;

/// <summary><c>device-config</c> as users run it: what stands on standard output, what on standard error, and what is refused.</summary>
public sealed class DeviceConfigCommandTests : IDisposable
{
    readonly string _file = Path.Combine(Path.GetTempPath(), $"{Path.GetRandomFileName()}.yaml");

    public void Dispose() => File.Delete(_file);

    [Fact]
    public async Task TableHasValuesDeviceWordsAndNumberedDocumentsButNoKey()
    {
        (string output, string error) = await RunAsync("fortigate");

        Assert.Contains("branch: Fortinet FortiGate, profile fortigate", output);
        Assert.Matches(@"IKE lifetime +10,800 s, rekey at 9,720 s +set keylife 10800", output);
        Assert.Contains("IKE proposal: [1]", output);
        Assert.Contains("[1] Azure VPN configuration samples, FortiGate 5.4, show full-configuration, https://", output);
        Assert.DoesNotContain("Gh7s0pQ2xV9k", output);
        Assert.Equal("", error);
        Assert.Contains("Gh7s0pQ2xV9k", (await RunAsync("fortigate", "--show-secrets")).Output);
    }

    [Fact]
    public async Task SwanctlHasTheKeyAndSaysSoOnStandardError()
    {
        (string output, string error) = await RunAsync("azure-sample", "--node", "branch", "--connection", "hub-to-branch", "--format", "swanctl");

        Assert.Contains("secret = Gh7s0pQ2xV9k", output);
        Assert.Equal("The swanctl.conf holds pre-shared keys in clear: keep it where only root reads it.", error.Trim());
    }

    [Fact]
    public async Task JsonIsOneDocument()
    {
        (string output, _) = await RunAsync("juniper-srx", "--format", "json");

        using JsonDocument document = JsonDocument.Parse(output);
        Assert.Equal("juniper-srx", document.RootElement.GetProperty("profile").GetString());
        Assert.Contains(document.RootElement.GetProperty("connections")[0].GetProperty("settings").EnumerateArray(),
            row => row.GetProperty("setting").GetString() == "ESP proposal"
                && row.GetProperty("url").GetString()!.StartsWith("https://", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("cisco-asa")]
    [InlineData("strongswan")]
    public async Task SettingsThatDoNotMeetTheGatewayAreWarnedAbout(string profile)
    {
        (_, string error) = await RunAsync(profile);

        Assert.StartsWith("hub-to-branch does not come up: The IKE SA fails on ", error);
        Assert.Single(error.Trim().Split('\n'));
    }

    [Theory]
    [InlineData("--node hub-gw", "hub-gw is an Azure gateway and has no device to configure; the sites of FILE are branch.")]
    [InlineData("--node nobody", "FILE has no site 'nobody'; its sites are branch.")]
    [InlineData("--connection none", "branch has no connection 'none'; it has hub-to-branch.")]
    public async Task WhatIsNotThereIsOneSentence(string arguments, string sentence)
    {
        UserErrorException error = await Assert.ThrowsAsync<UserErrorException>(() => RunAsync("fortigate", arguments.Split(' ')));

        Assert.Equal(sentence.Replace("FILE", _file), error.Message);
    }

    async Task<(string Output, string Error)> RunAsync(string profile, params string[] arguments)
    {
        await File.WriteAllTextAsync(_file, DeviceTopology.Text(profile), TestContext.Current.CancellationToken);
        using StringWriter output = new();
        using StringWriter error = new();
        Assert.Equal(0, await EndpointCommandLine.InvokeAsync(["device-config", _file, .. arguments], output, error));
        return (output.ToString(), error.ToString());
    }
}
