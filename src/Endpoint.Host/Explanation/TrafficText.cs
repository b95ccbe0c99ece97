using System.Collections.Immutable;
using Ipsec.Azure.Diagnostics;
using Ipsec.Lab.Explanation;

namespace Ipsec.EndpointHost.Explanation;

/// <summary>Which traffic finds its way, for people: first what does, then where the rest ends.</summary>
static class TrafficText
{
    /// <summary>Lines of each of the two parts; where there would be more, networks that fare alike from one network share a line.</summary>
    const int MostLines = 40;

    /// <summary>Networks that a shared line names.</summary>
    const int MostNamed = 3;

    public static void Write(TextWriter output, TrafficReport report)
    {
        if (report.Pairs.IsEmpty && report.Expectations.IsEmpty)
            return;
        output.WriteLine("traffic");
        Way[] ways = [.. Ways(report.Pairs)];
        Write(output, ways, way => way.Pair.From, Line,
            alike => $"✓ {Shared(alike[0].Pair, alike.Length, "<->", alike.Select(way => way.Pair.To))}: there and back");
        TrafficExplanation[] ends = [.. report.Pairs.Where(pair => pair.Verdict != TrafficExplanation.Reaches)];
        Write(output, ends, pair => (pair.From, pair.Verdict, pair.EndsOnTheWayBack, pair.Reason!.Code), Line,
            alike => $"{Mark(alike[0])} {Shared(alike[0], alike.Length, "->", alike.Select(pair => pair.To))}: {Text(alike[0])}");
        foreach (ReasonReport note in report.Notes)
            output.WriteLine($"    ⚠ {note.Text}");
        foreach (ForeseenExpectation expectation in report.Expectations.Where(expectation => !expectation.Passed))
            output.WriteLine($"    ✗ The file expects \"{expectation.Description}\", and that will not be so{Because(expectation.Reason)}");
        if (report.LeftOut > 0)
            output.WriteLine($"    … {report.LeftOut} more hosts and networks, of which nothing is said here.");
        output.WriteLine();
    }

    static void Write<T, TKey>(TextWriter output, T[] items, Func<T, TKey> key, Func<T, string> line, Func<T[], string> shared)
    {
        string[] lines = items.Length <= MostLines
            ? [.. items.Select(line)]
            : [.. items.GroupBy(key).Select(group => group.ToArray()).SelectMany(alike => alike.Length <= MostNamed ? alike.Select(line) : [shared(alike)])];
        foreach (string one in lines.Take(MostLines))
            output.WriteLine($"    {one}");
        if (lines.Length > MostLines)
            output.WriteLine($"    … {lines.Length - MostLines} more; --json has all.");
    }

    /// <summary>Both directions once where they go the same way.</summary>
    static IEnumerable<Way> Ways(ImmutableArray<TrafficExplanation> pairs)
    {
        TrafficExplanation[] reaching = [.. pairs.Where(pair => pair.Verdict == TrafficExplanation.Reaches)];
        foreach ((int index, TrafficExplanation pair) in reaching.Index())
        {
            int opposite = Array.FindIndex(reaching, other => other.From == pair.To && other.To == pair.From
                && other.Way.SequenceEqual(pair.WayBack) && other.WayBack.SequenceEqual(pair.Way));
            if (opposite < 0 || opposite > index)
                yield return new Way(pair, opposite >= 0);
        }
    }

    static string Line(Way way)
    {
        TrafficExplanation pair = way.Pair;
        string back = pair.WayBack.SequenceEqual(pair.Way.Reverse()) || !pair.OtherWays.IsEmpty ? "" : $", back through {Names(pair.WayBack)}";
        string ways = string.Join(" or ", pair.OtherWays.Prepend(Names(pair.Way)));
        return $"✓ {pair.From} {(way.IsBothWays ? "<->" : "->")} {pair.To}{Hosts(pair)}: through {ways}{back}";
    }

    static string Line(TrafficExplanation pair) => $"{Mark(pair)} {pair.From} -> {pair.To}{Hosts(pair)}: {Text(pair)}";

    static string Text(TrafficExplanation pair) =>
        $"{(pair.Verdict == TrafficExplanation.Depends ? "for some flows: " : "")}{pair.Reason!.Text} ({pair.Reason.Code}, {pair.Reason.Certainty})";

    static string Because(ReasonReport? reason) => reason is null ? "." : $": {reason.Text}";

    static string Mark(TrafficExplanation pair) => pair.Verdict == TrafficExplanation.Ends ? "✗" : "⚠";

    static string Shared(TrafficExplanation first, int count, string arrow, IEnumerable<string> networks) =>
        $"{first.From} {arrow} {count} networks ({string.Join(", ", networks.Take(MostNamed))}, …)";

    static string Hosts(TrafficExplanation pair) => pair.Hosts.IsEmpty ? "" : $" ({string.Join(", ", pair.Hosts)})";

    static string Names(ImmutableArray<string> way) => way.IsEmpty ? "nothing" : string.Join(", ", way);

    /// <summary>A pair that reaches each other.</summary>
    sealed record Way(TrafficExplanation Pair, bool IsBothWays);
}
