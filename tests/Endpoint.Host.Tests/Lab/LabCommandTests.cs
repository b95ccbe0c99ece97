using System.Text.Json;

namespace Ipsec.EndpointHost.Tests.Lab;

public sealed class LabCommandTests
{
    static readonly string SiteToSite = Path.Combine(HostProcess.SamplesFolder, "site-to-site.yaml");

    [Fact]
    public async Task PrintsOneJsonDocumentAndNothingElse()
    {
        (int exitCode, string output, string error) = await HostProcess.RunAsync("lab", "run", SiteToSite, "--json", "--for", "5s");
        Assert.Equal((0, ""), (exitCode, HostProcess.WithoutWarnings(error)));
        using JsonDocument document = JsonDocument.Parse(output);
        Assert.True(document.RootElement.GetProperty("passed").GetBoolean());
    }

    [Fact]
    public async Task EndsWithOneWhereAnExpectationDoesNotHold()
    {
        using var folder = new TemporaryFolder();
        string file = Path.Combine(folder.Path, "lab.yaml");
        string text = await File.ReadAllTextAsync(SiteToSite, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(file, text + "  - no ping pc1 -> vm1\n", TestContext.Current.CancellationToken);
        (int exitCode, string output, _) = await HostProcess.RunAsync("lab", "run", file);
        Assert.Equal(1, exitCode);
        Assert.Contains("✗ no ping pc1 -> vm1", output);
        Assert.Contains("3 of 4 expectations hold", output);
    }

    [Fact]
    public async Task WithoutAVerbShowsTheSampleAndEndsByItself()
    {
        (int exitCode, string output, string error) = await HostProcess.RunAsync();
        Assert.Equal((0, ""), (exitCode, error));
        Assert.Contains("branch ──▶ hub-gw  IKE_SA_INIT      SA(1) KE(modp1024) Ni NATD NATD", output);
        Assert.Contains("chose aes256-sha1-modp1024", output);
        Assert.Contains("pc1 → vm1  64 octets  0.42 ms  through hub-to-branch, SPI ", output);
        Assert.Contains("INFORMATIONAL    D(IKE)", output);
        Assert.EndsWith("3 of 3 expectations hold\n", output);
        Assert.DoesNotContain('\e', output);
    }

    [Fact]
    public async Task QuietLeavesOutWhatHappensOnTheWay()
    {
        (int exitCode, string output, _) = await HostProcess.RunAsync("lab", "run", SiteToSite, "--quiet", "--for", "1h30m");
        Assert.Equal(0, exitCode);
        Assert.DoesNotContain("IKE_SA_INIT", output);
        Assert.DoesNotContain("pc1 → vm1", output);
        Assert.Contains("hub-gw hub-to-branch established", output);
        Assert.Contains("✓ ping pc1 -> vm1             270 of 270 answered", output);
        Assert.EndsWith("3 of 3 expectations hold\n", output);
    }

    [Fact]
    public async Task RefusesToCallADrawingWhatItIsNot()
    {
        (int exitCode, string output, string error) = await HostProcess.RunAsync("lab", "graph", SiteToSite, "--output", "lab.png");
        Assert.Equal((1, ""), (exitCode, output));
        Assert.Equal("lab graph writes SVG, or with --format mermaid text, and no PNG; name --output something like lab.svg.\n", error);
    }

    [Fact]
    public async Task PacesLabTimeByTheClockOnDemand()
    {
        long start = TimeProvider.System.GetTimestamp();
        (int exitCode, _, _) = await HostProcess.RunAsync("lab", "run", SiteToSite, "--for", "10s", "--time-scale", "10");
        Assert.Equal(0, exitCode);
        Assert.InRange(TimeProvider.System.GetElapsedTime(start), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30));
    }

    [Theory]
    [InlineData("--for takes a time above zero", "--for", "never")]
    [InlineData("--ping-interval takes a time above zero", "--for", "1h", "--ping-interval", "0s")]
    [InlineData("--ping-interval goes with --for", "--ping-interval", "1s")]
    [InlineData("--for takes a time above zero", "--for", "0s")]
    [InlineData("--time-scale takes a number above 0", "--time-scale", "-1")]
    [InlineData("--fabric takes memory or netns, not 'docker'.", "--fabric", "docker")]
    public async Task RefusesABadOptionInOneSentence(string expected, params string[] options)
    {
        (int exitCode, string output, string error) = await HostProcess.RunAsync(["lab", "run", SiteToSite, .. options]);
        Assert.Equal((1, ""), (exitCode, output));
        Assert.Contains(expected, error);
        Assert.Single(error.TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public async Task NamesAMissingFileAndAnUnusableCaptureFolder()
    {
        (int exitCode, string output, string error) = await HostProcess.RunAsync("lab", "run", "/no/such/file.yaml");
        Assert.Equal((1, "", "/no/such/file.yaml: cannot be read: it does not exist.\n"), (exitCode, output, error));
        (exitCode, _, error) = await HostProcess.RunAsync("lab", "run", SiteToSite, "--capture", "/dev/null/captures");
        Assert.Equal(1, exitCode);
        Assert.StartsWith("The capture folder /dev/null/captures cannot be written: ", HostProcess.WithoutWarnings(error));
    }
}
