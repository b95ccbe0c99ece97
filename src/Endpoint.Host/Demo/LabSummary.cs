using Ipsec.Azure.Diagnostics;
using Ipsec.Endpoint;
using Ipsec.Ike.Configuration;
using Ipsec.Lab.Diagnosis;
using Ipsec.Lab.Report;
using Ipsec.Lab.Run;

namespace Ipsec.EndpointHost.Demo;

/// <summary>What stands at the end of a run: tunnels with their counters, what failed and why, expectations.</summary>
static class LabSummary
{
    /// <summary>Columns of a line.</summary>
    const int Widest = 150;

    /// <summary>Columns of one side of a comparison.</summary>
    const int SideWidth = 56;

    public static void WriteTunnels(ILabScreen screen, LabRun run, LabReport report)
    {
        screen.Write(Line.Empty);
        foreach ((string node, EndpointStatus status) in run.Statuses)
        {
            foreach (TunnelStatus tunnel in status.Tunnels)
                WriteTunnel(screen, node, tunnel);
        }
        foreach (OfferComparison comparison in run.Comparisons)
            WriteComparison(screen, comparison);
        WriteReasons(screen, run, report);
    }

    static void WriteTunnel(ILabScreen screen, string node, TunnelStatus tunnel)
    {
        Tone tone = tunnel.State == TunnelState.Established ? Tone.Good : Tone.Bad;
        screen.Write(Line.Of(new Piece($"{node} ", Tone.Node), new Piece($"{tunnel.Connection} ", Tone.Plain),
            new Piece(tunnel.State.ToString().ToLowerInvariant(), tone),
            new Piece(tunnel.IkeSa is IkeSaStatus ike ? $"  IKE {ProposalText.Print(ike.Suite)}{Nat(ike)}" : "", Tone.Plain)));
        foreach (ChildSaStatus child in tunnel.ChildSas)
        {
            screen.Write(Line.Of($"  ESP {ProposalText.Print(child.Suite)}  SPI {child.InboundSpi:x8} in, {child.OutboundSpi:x8} out  "
                + $"packets {child.PacketsIn} in, {child.PacketsOut} out  octets {child.BytesIn} in, {child.BytesOut} out"));
        }
    }

    static string Nat(IkeSaStatus ike) => (ike.LocalBehindNat, ike.RemoteBehindNat) switch
    {
        (true, _) => ", behind a NAT",
        (_, true) => ", the peer is behind a NAT",
        _ => "",
    };

    static void WriteComparison(ILabScreen screen, OfferComparison comparison)
    {
        ProposalMismatch mismatch = comparison.Mismatch;
        screen.Write(Line.Empty);
        screen.Write(Line.Of(new Piece($"✗ {comparison.Connection}, no {comparison.Subject}: ", Tone.Bad), new Piece($"{mismatch.Attribute} differs ", Tone.Strong), new Piece("(known, from both configurations)", Tone.Quiet)));
        WriteSides(screen, $"{comparison.Initiator} offers", $"{comparison.Responder} accepts", Tone.Node);
        string[] left = [.. mismatch.Offered.SelectMany(proposal => Wrap(proposal, '-'))];
        string[] right = [.. mismatch.Accepted.SelectMany(proposal => Wrap(proposal, '-'))];
        for (int i = 0; i < Math.Max(left.Length, right.Length); i++)
            WriteSides(screen, left.ElementAtOrDefault(i) ?? "", right.ElementAtOrDefault(i) ?? "", Tone.Quiet);
        WriteSides(screen, $"{mismatch.Attribute}: {Words(mismatch.OfferedWords)}",
            $"{mismatch.Attribute}: {Words(mismatch.AcceptedWords)}{(mismatch.AcceptedWords.Length == 1 ? " only" : "")}", Tone.Warning);
        for (int i = 0; i < comparison.Changes.Length; i++)
            screen.Write(Line.Of(new Piece(i == 0 ? "  → " : "    or ", Tone.Good), new Piece(comparison.Changes[i], Tone.Strong)));
        if (AzureErrorNumbers.Find(OfferComparison.Code) is int number)
            screen.Write(Line.Of($"    Azure logs it as error {number}.", Tone.Quiet));
    }

    static void WriteReasons(ILabScreen screen, LabRun run, LabReport report)
    {
        foreach (TunnelReport tunnel in report.Tunnels)
        {
            // What stands side by side above need not be said in sentences again.
            bool isCompared = run.Comparisons.Any(comparison => comparison.Connection == tunnel.Connection);
            foreach (ReasonReport reason in tunnel.Reasons.Where(reason => !isCompared || reason.Code != OfferComparison.Code))
            {
                string error = reason.AzureError is int number ? $", Azure error {number}" : "";
                screen.Write(Line.Of(new Piece(tunnel.State == "established" ? "⚠ " : "✗ ", Tone.Warning), new Piece($"{tunnel.Name}: {reason.Text} ", Tone.Plain),
                    new Piece($"({reason.Certainty}{error})", Tone.Quiet)));
            }
        }
    }

    public static void WriteExpectations(ILabScreen screen, LabReport report)
    {
        int width = report.Expectations.Select(expectation => expectation.Description.Length).DefaultIfEmpty().Max();
        foreach (ExpectationResult expectation in report.Expectations)
        {
            string[] rows = [.. WrapWords(expectation.Detail, Math.Max(Widest - 4 - width, SideWidth))];
            screen.Write(Line.Of(new Piece(expectation.Passed ? "✓ " : "✗ ", expectation.Passed ? Tone.Good : Tone.Bad),
                new Piece(expectation.Description.PadRight(width), Tone.Plain), new Piece($"  {rows[0]}", Tone.Quiet)));
            foreach (string row in rows.Skip(1))
                screen.Write(Line.Of(new Piece($"{new string(' ', width + 4)}{row}", Tone.Quiet)));
        }
        int held = report.Expectations.Count(expectation => expectation.Passed);
        screen.Write(Line.Of($"{held} of {report.Expectations.Length} expectations hold", report.Passed ? Tone.Good : Tone.Bad));
    }

    static void WriteSides(ILabScreen screen, string left, string right, Tone tone) =>
        screen.Write(Line.Of(new Piece($"    {left.PadRight(SideWidth)}  {right}", tone)));

    static string Words(IReadOnlyCollection<string> words) => words.Count == 0 ? "none" : string.Join(", ", words);

    /// <summary>Breaks between words; at least one row.</summary>
    static IEnumerable<string> WrapWords(string text, int width)
    {
        while (text.Length > width)
        {
            int cut = text.LastIndexOf(' ', width);
            if (cut <= 0)
                break;
            yield return text[..cut];
            text = text[(cut + 1)..];
        }
        yield return text;
    }

    /// <summary>Breaks behind a separator, so that a long proposal stays within its side.</summary>
    static IEnumerable<string> Wrap(string text, char separator)
    {
        bool isFirst = true;
        while (text.Length > SideWidth)
        {
            int cut = text.LastIndexOf(separator, SideWidth - 3);
            if (cut <= 0)
                break;
            yield return (isFirst ? "" : "  ") + text[..(cut + 1)];
            text = text[(cut + 1)..];
            isFirst = false;
        }
        yield return (isFirst ? "" : "  ") + text;
    }
}
