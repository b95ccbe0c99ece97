using Ipsec.EndpointHost.Configuration;
using Ipsec.EndpointHost.Demo;
using Ipsec.EndpointHost.Tests.Lab;
using Ipsec.Lab.Report;
using Ipsec.Lab.Run;
using Ipsec.Lab.Topology;

namespace Ipsec.EndpointHost.Tests.Demo;

public sealed class LabNarratorTests
{
    const int WidestLine = 150;

    [Fact]
    public void TellsTheNegotiationStepByStep()
    {
        string[] lines = Tell("site-to-site.yaml");
        AssertInOrder(lines,
            "hub-gw  Azure VPN gateway 198.51.100.10, networks 10.1.0.0/16, hosts vm1 10.1.1.4",
            "branch ──▶ hub-gw  IKE_SA_INIT      SA(1) KE(modp1024) Ni NATD NATD",
            "branch ◀── hub-gw  IKE_SA_INIT      SA KE(modp1024) Nr NATD NATD",
            "└ hub-gw: chose aes256-sha1-modp1024; no NAT",
            "branch ──▶ hub-gw  IKE_AUTH",
            "branch ◀── hub-gw  IKE_AUTH",
            "● IKE SA of hub-to-branch: aes256-sha1-modp1024",
            "● child SA of hub-to-branch: aes256gcm16, no PFS",
            "pc1 → vm1  64 octets  0.42 ms  through hub-to-branch, SPI ",
            "INFORMATIONAL    D(IKE)");
        Assert.Single(lines, line => line.Contains("● child SA"));
        Assert.All(lines, line => Assert.InRange(line.Length, 0, WidestLine));
    }

    [Fact]
    public void SaysWhyANegotiationFailsAndWhatToChange()
    {
        string[] lines = Tell("site-to-site-mismatch.yaml");
        AssertInOrder(lines,
            "branch ◀── hub-gw  IKE_SA_INIT      N(NO_PROPOSAL_CHOSEN)",
            "✗ hub-gw refuses IKE_SA_INIT: no-proposal-chosen",
            "pc1 → vm1  64 octets  no reply",
            "✗ hub-to-branch, no IKE SA: key exchange differs (known, from both configurations)",
            "branch offers                                             hub-gw accepts",
            "key exchange: modp1024 only",
            "→ on branch: proposals [aes256-sha1-modp1024]",
            "or on connection hub-to-branch: an ipsecPolicy with ikeEncryption AES256, ikeIntegrity SHA256, dhGroup DHGroup14",
            "Azure logs it as error 13868.",
            "2 of 2 expectations hold");
        Assert.All(lines, line => Assert.InRange(line.Length, 0, WidestLine));
    }

    [Theory]
    [InlineData("short", "short")]
    [InlineData("One clause (and a bracket)", "One clause (and a bracket)")]
    public void LeavesShortTextsAlone(string text, string expected) => Assert.Equal(expected, Clip.ToClause(text));

    [Fact]
    public void CutsLongTextsBehindAClause()
    {
        string tail = new('x', 200);
        Assert.Equal("No proposal is accepted …", Clip.ToClause($"No proposal is accepted ({tail})"));
        Assert.Equal("Nothing came …", Clip.ToClause($"Nothing came. {tail}"));
        Assert.Equal(new string('x', 150) + " …", Clip.ToClause(tail));
    }

    [Theory]
    [InlineData("", 5, "     ")]
    [InlineData("ab cd", 5, "ab cd")]
    [InlineData("ab cdefg", 5, "ab   |cdefg")]
    [InlineData("abcdefgh", 5, "abcde|fgh  ")]
    public void BreaksLinesIntoWholeRows(string text, int width, string rows) =>
        Assert.Equal(rows.Split('|'), Line.Of(text).ToRows(width).Select(row => string.Concat(row.Pieces.Select(piece => piece.Text))));

    static string[] Tell(string sample)
    {
        string path = Path.Combine(HostProcess.SamplesFolder, sample);
        TopologyModel model = NodeFile.LoadTopology(path);
        var screen = new LineBuffer();
        using var run = new LabRun(model, new LabOptions());
        var narrator = new LabNarrator(model, screen);
        run.Occurred += narrator.Tell;
        narrator.Begin("in memory, seed 0");
        run.Start();
        run.RunToEnd();
        LabReport report = run.CreateReport();
        LabSummary.WriteTunnels(screen, run, report);
        LabSummary.WriteExpectations(screen, report);
        run.ShutdownToEnd();
        return [.. screen.Lines.Select(line => line.Text)];
    }

    static void AssertInOrder(string[] lines, params string[] parts)
    {
        int next = 0;
        foreach (string part in parts)
        {
            int found = Array.FindIndex(lines, next, line => line.Contains(part));
            Assert.True(found >= 0, $"'{part}' is missing in\n{string.Join('\n', lines.Skip(next))}");
            next = found + 1;
        }
    }
}
