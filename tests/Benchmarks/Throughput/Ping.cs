using System.Globalization;
using System.Text.RegularExpressions;
using Ipsec.Interop.Tests.Harness;

namespace Ipsec.Benchmarks.Throughput;

/// <summary>Round trips of the kernel's own ping, from the left inner address to the right one.</summary>
sealed partial class Ping(Underlay underlay)
{
    const int WarmUpCount = 100;
    const int Count = 1000;

    // 5 ms apart.
    static readonly string[] Paced = ["-i", "0.005"];

    /// <summary>Until packets pass, and some more.</summary>
    /// <exception cref="InvalidOperationException">No packet passes.</exception>
    public async Task WarmUpAsync()
    {
        if (!await Wait.ForAsync(AnswersAsync))
            throw new InvalidOperationException("No packet passes the tunnel.");
        await MeasureAsync(WarmUpCount, Paced);
    }

    /// <summary>Microseconds, sorted.</summary>
    public Task<double[]> MeasureAsync() => MeasureAsync(Count, Paced);

    /// <summary>Each leaves when the one before is answered. Microseconds, sorted.</summary>
    public Task<double[]> MeasureBackToBackAsync() => MeasureAsync(Count, "-A");

    async Task<bool> AnswersAsync() =>
        (await underlay.Left.RunAsync(TimeSpan.FromSeconds(10), "ping", "-c", "1", "-W", "1", "-I", Underlay.LeftInner, Underlay.RightInner)).ExitCode == 0;

    async Task<double[]> MeasureAsync(int count, params string[] pace)
    {
        string output = await underlay.Left.RunCheckedAsync("ping",
            ["-c", count.ToString(CultureInfo.InvariantCulture), .. pace, "-I", Underlay.LeftInner, Underlay.RightInner]);
        double[] times = [.. RoundTrip().Matches(output).Select(match => Microseconds(match))];
        return [.. times.Concat(Enumerable.Repeat(Turn.Unanswered, Math.Max(0, count - times.Length))).Order()];
    }

    static double Microseconds(Match match) => Math.Min(Turn.Unanswered, 1000 * double.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture));

    [GeneratedRegex(@"time=([\d.]+) ms")]
    private static partial Regex RoundTrip();
}
