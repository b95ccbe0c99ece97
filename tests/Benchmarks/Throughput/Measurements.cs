using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Ipsec.EndpointHost.Processes;
using Ipsec.Interop.Tests.Harness;

namespace Ipsec.Benchmarks.Throughput;

/// <summary>What the kernel's own tools see through a tunnel: ping and iperf3, from the left end to the right one.</summary>
sealed partial class Measurements(Underlay underlay, int seconds)
{
    const double BitsPerGigabit = 1e9;
    const double TolerableLoss = 1;
    const int SweepSeconds = 2;

    /// <summary>Offered datagrams per second; the steps are small enough to tell 3 from 4.</summary>
    static readonly int[] Rates = [5_000, 10_000, 15_000, 20_000, 30_000, 40_000, 50_000, 65_000, 80_000, 100_000, 125_000, 150_000, 180_000, 220_000, 270_000, 330_000];

    /// <exception cref="InvalidOperationException">No packet passes.</exception>
    public async Task WaitForTrafficAsync()
    {
        if (!await Wait.ForAsync(async () => (await underlay.Left.RunAsync(TimeSpan.FromSeconds(10), "ping", "-c", "1", "-W", "1", "-I", Underlay.LeftInner, Underlay.RightInner)).ExitCode == 0))
            throw new InvalidOperationException("No packet passes the tunnel.");
    }

    /// <summary>Round trips in microseconds, sorted.</summary>
    public async Task<double[]> PingAsync(int count)
    {
        string output = await underlay.Left.RunCheckedAsync("ping", "-c", count.ToString(CultureInfo.InvariantCulture), "-i", "0.005", "-I", Underlay.LeftInner, Underlay.RightInner);
        return [.. RoundTrip().Matches(output).Select(match => 1000 * double.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture)).Order()];
    }

    /// <summary>Gbit/s that arrive of one stream.</summary>
    public async Task<double> StreamAsync() => Gigabits((await IperfAsync("-t", Text(seconds))).GetProperty("sum_received"));

    /// <summary>Gbit/s that arrive of four streams each way, both ways together.</summary>
    public async Task<double> StreamsBothWaysAsync()
    {
        JsonElement end = await IperfAsync("-t", Text(seconds), "-P", "4", "--bidir");
        return Gigabits(end.GetProperty("sum_received")) + Gigabits(end.GetProperty("sum_received_bidir_reverse"));
    }

    /// <summary>Round trips in microseconds, sorted, beside one stream.</summary>
    public async Task<double[]> PingUnderLoadAsync()
    {
        Task<double> stream = StreamAsync();
        await Task.Delay(TimeSpan.FromSeconds(1));
        double[] roundTrips = await PingAsync(Math.Max(1, seconds - 2) * 150);
        await stream;
        return roundTrips;
    }

    /// <summary>Datagrams per second at the best rate of which at most one in a hundred is lost.</summary>
    public async Task<double> DatagramsAsync(int length)
    {
        double best = 0;
        int failures = 0;
        foreach (int rate in Rates)
        {
            JsonElement sum = (await IperfAsync("-u", "-l", Text(length), "-b", Text((long)rate * length * 8), "-t", Text(SweepSeconds))).GetProperty("sum");
            double lost = sum.GetProperty("lost_percent").GetDouble();
            double delivered = (sum.GetProperty("packets").GetDouble() - sum.GetProperty("lost_packets").GetDouble()) / sum.GetProperty("seconds").GetDouble();
            bool isGood = lost <= TolerableLoss && delivered > best;
            best = isGood ? delivered : best;
            failures = isGood ? 0 : failures + 1;
            if (failures == 2)
                break;
        }
        return best;
    }

    async Task<JsonElement> IperfAsync(params string[] arguments)
    {
        await using BackgroundProcess server = underlay.Right.Start("iperf3", ["-s", "-1", "-B", Underlay.RightInner]);
        ToolResult result = new("", 1, "", "");
        // The server needs a moment until it listens.
        for (int attempt = 0; attempt < 20 && result.ExitCode != 0; attempt++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100));
            result = await underlay.Left.RunAsync(TimeSpan.FromSeconds(60 + seconds), "iperf3", ["-c", Underlay.RightInner, "-B", Underlay.LeftInner, "--json", .. arguments]);
        }
        using JsonDocument document = JsonDocument.Parse(result.Output);
        return document.RootElement.TryGetProperty("end", out JsonElement end) && end.EnumerateObject().Any() ? end.Clone() : throw new InvalidOperationException(result.ToString());
    }

    static double Gigabits(JsonElement sum) => sum.GetProperty("bits_per_second").GetDouble() / BitsPerGigabit;

    static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"time=([\d.]+) ms")]
    private static partial Regex RoundTrip();
}
