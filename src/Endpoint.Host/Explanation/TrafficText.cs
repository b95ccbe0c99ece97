using System.Collections.Immutable;
using Ipsec.Azure.Diagnostics;
using Ipsec.Lab.Explanation;

namespace Ipsec.EndpointHost.Explanation;

/// <summary>Which traffic finds its way, for people: first what does, then where the rest ends.</summary>
static class TrafficText
{
    /// <summary>Lines of each of the two parts; the JSON document has all.</summary>
    const int MostLines = 40;

    public static void Write(TextWriter output, TrafficReport report)
    {
        if (report.Pairs.IsEmpty && report.Expectations.IsEmpty)
            return;
        output.WriteLine("traffic");
        Write(output, [.. Reaching(report.Pairs)]);
        Write(output, [.. report.Pairs.Where(pair => pair.Verdict != TrafficExplanation.Reaches).Select(Line)]);
        foreach (ReasonReport note in report.Notes)
            output.WriteLine($"    ⚠ {note.Text}");
        foreach (ForeseenExpectation expectation in report.Expectations.Where(expectation => !expectation.Passed))
            output.WriteLine($"    ✗ The file expects \"{expectation.Description}\", and that will not be so{(expectation.Reason is ReasonReport reason ? $": {reason.Text}" : ".")}");
        if (report.LeftOut > 0)
            output.WriteLine($"    … {report.LeftOut} more hosts and networks, of which nothing is said here.");
        output.WriteLine();
    }

    static void Write(TextWriter output, ImmutableArray<string> lines)
    {
        foreach (string line in lines.Take(MostLines))
            output.WriteLine($"    {line}");
        if (lines.Length > MostLines)
            output.WriteLine($"    … {lines.Length - MostLines} more; --json has all.");
    }

    /// <summary>Both directions in one line where they go the same way.</summary>
    static IEnumerable<string> Reaching(ImmutableArray<TrafficExplanation> pairs)
    {
        TrafficExplanation[] reaching = [.. pairs.Where(pair => pair.Verdict == TrafficExplanation.Reaches)];
        foreach ((int index, TrafficExplanation pair) in reaching.Index())
        {
            int opposite = Array.FindIndex(reaching, other => other.From == pair.To && other.To == pair.From && other.Way.SequenceEqual(pair.WayBack) && other.WayBack.SequenceEqual(pair.Way));
            if (opposite >= 0 && opposite < index)
                continue;
            string back = pair.WayBack.SequenceEqual(pair.Way.Reverse()) || !pair.OtherWays.IsEmpty ? "" : $", back through {Names(pair.WayBack)}";
            yield return $"✓ {pair.From} {(opposite >= 0 ? "<->" : "->")} {pair.To}{Hosts(pair)}: through {string.Join(" or ", pair.OtherWays.Prepend(Names(pair.Way)))}{back}";
        }
    }

    static string Line(TrafficExplanation pair) =>
        $"{(pair.Verdict == TrafficExplanation.Ends ? "✗" : "⚠")} {pair.From} -> {pair.To}{Hosts(pair)}: {(pair.Verdict == TrafficExplanation.Depends ? "for some flows: " : "")}{pair.Reason!.Text} ({pair.Reason.Code}, {pair.Reason.Certainty})";

    static string Hosts(TrafficExplanation pair) => pair.Hosts.IsEmpty ? "" : $" ({string.Join(", ", pair.Hosts)})";

    static string Names(ImmutableArray<string> way) => way.IsEmpty ? "nothing" : string.Join(", ", way);
}
