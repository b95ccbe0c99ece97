using Ipsec.Azure.Diagnostics;
using Ipsec.Lab.Report;
using Ipsec.Lab.Run;
using Ipsec.Lab.Tests.Support;
using Ipsec.Lab.Tests.Topology;
using Ipsec.Lab.Topology;

namespace Ipsec.Lab.Tests.Run;

public sealed class SampleTests
{
    static readonly TopologyModel SiteToSite = Labs.Sample("site-to-site.yaml");

    public static TheoryData<string> All => [.. Directory.EnumerateFiles(Path.Combine(Samples.Root, "samples"), "*.yaml")
        .Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(All))]
    public void EverySamplePassesWhateverTheSeed(string sample)
    {
        TopologyModel model = Labs.Sample(sample);
        Assert.NotEmpty(model.Expectations);
        for (ulong seed = 0; seed < 3; seed++)
            Labs.AssertPassed(Labs.RunToEnd(model, new LabOptions { Seed = seed }));
    }

    [Fact]
    public void SiteToSitePasses()
    {
        LabReport report = Labs.RunToEnd(SiteToSite);
        Labs.AssertPassed(report);
        Assert.Equal(["hub-gw/hub-to-branch", "branch/hub-to-branch"], report.Tunnels.Select(tunnel => tunnel.Name));
        Assert.All(report.Tunnels, tunnel =>
        {
            Assert.Equal(("established", "aes256-sha1-modp1024", 2), (tunnel.State, tunnel.IkeProposal, tunnel.IkeVersion));
            ChildSaReport child = Assert.Single(tunnel.ChildSas);
            Assert.Equal(("aes256gcm16", 6ul, 6ul), (child.Proposal, child.PacketsIn, child.PacketsOut));
        });
        Assert.Equal(report.Tunnels[0].ChildSas[0].SpiIn, report.Tunnels[1].ChildSas[0].SpiOut);
        Assert.Equal(["10.2.0.0/24"], report.Tunnels[1].ChildSas[0].LocalSelectors);
    }

    [Fact]
    public void TheMismatchPassesItsExpectationAndSaysWhy()
    {
        LabReport report = Labs.RunToEnd(Labs.Sample("site-to-site-mismatch.yaml"));
        Labs.AssertPassed(report);
        Assert.All(report.Tunnels, tunnel =>
        {
            Assert.NotEqual("established", tunnel.State);
            Assert.All(tunnel.Reasons, reason => Assert.Equal(("no-proposal-chosen", "known", 13868), (reason.Code, reason.Certainty, reason.AzureError)));
            ReasonReport first = tunnel.Reasons[0];
            // Both offers, the attribute that differs, and what either side could change.
            Assert.Contains("key exchange", first.Text);
            Assert.Contains("hub-gw accepts modp1024 only", first.Text);
            Assert.Contains("on branch: proposals [aes256-sha1-modp1024]", first.Text);
            Assert.Contains("on connection hub-to-branch: an ipsecPolicy with ikeEncryption AES256, ikeIntegrity SHA256, dhGroup DHGroup14", first.Text);
        });
    }

    [Fact]
    public void TheSameSeedGivesTheSameReportAndTheSameOctets()
    {
        (string report, MemoryRecorder recorder) = Record(seed: 7);
        (string again, MemoryRecorder recordedAgain) = Record(seed: 7);
        Assert.Equal(report, again);
        Assert.Equal(["branch", "hub-gw"], recorder.Wires);
        foreach (string wire in recorder.Wires)
            Assert.Equal(recorder.PcapOf(wire), recordedAgain.PcapOf(wire));

        (_, MemoryRecorder other) = Record(seed: 8);
        Assert.NotEqual(recorder.PcapOf("branch"), other.PcapOf("branch"));
    }

    [Fact]
    public void KeysReachTheRecorderOnlyAndFromBothEnds()
    {
        (_, MemoryRecorder recorder) = Record(seed: 1);
        Assert.Equal((2, 2), (recorder.IkeKeysSeen, recorder.EspKeysSeen));
    }

    [Fact]
    public void ADurationRepeatsThePingsUntilItsEnd()
    {
        LabReport report = Labs.RunToEnd(SiteToSite, new LabOptions { Duration = TimeSpan.FromMinutes(10.5) });
        Labs.AssertPassed(report);
        Assert.StartsWith("33 of 33 answered", report.Expectations[1].Detail);
    }

    [Fact]
    public void AnExpectationThatIsNotDecidedInTimeFails()
    {
        LabReport report = Labs.RunToEnd(SiteToSite, new LabOptions { Duration = TimeSpan.FromMicroseconds(100) });
        Assert.False(report.Passed);
        Assert.All(report.Expectations, expectation => Assert.False(expectation.Passed));
    }

    static (string Report, MemoryRecorder Recorder) Record(ulong seed)
    {
        var recorder = new MemoryRecorder();
        LabReport report = Labs.RunToEnd(SiteToSite, new LabOptions { Seed = seed, Recorder = recorder });
        return (LabReportJson.Write(report), recorder);
    }
}
