using System.Globalization;
using System.Text.Json;
using Ipsec.EndpointHost.Processes;
using Ipsec.Interop.Tests.Harness;

namespace Ipsec.Benchmarks.Throughput;

/// <summary>What arrived of one TCP stream.</summary>
/// <param name="Packets">As many as its octets fill.</param>
readonly record struct StreamResult(double GigabitsPerSecond, double Octets, double Packets);

/// <summary>TCP streams of iperf3 between the two inner addresses.</summary>
sealed class Streams(Underlay underlay)
{
    const double BitsPerGigabit = 1e9;

    public async Task<StreamResult> OneAsync(int seconds)
    {
        JsonElement result = await RunAsync(seconds);
        JsonElement received = result.GetProperty("end").GetProperty("sum_received");
        double octets = received.GetProperty("bytes").GetDouble();
        return new StreamResult(Gigabits(received), octets, octets / result.GetProperty("start").GetProperty("tcp_mss_default").GetDouble());
    }

    /// <summary>Gbit/s that arrive, both ways together.</summary>
    public async Task<double> FourEachWayAsync(int seconds)
    {
        JsonElement end = (await RunAsync(seconds, "-P", "4", "--bidir")).GetProperty("end");
        return Gigabits(end.GetProperty("sum_received")) + Gigabits(end.GetProperty("sum_received_bidir_reverse"));
    }

    async Task<JsonElement> RunAsync(int seconds, params string[] arguments)
    {
        await using BackgroundProcess server = underlay.Right.Start("iperf3", ["-s", "-1", "-B", Underlay.RightInner]);
        ToolResult result = new("", 1, "", "");
        // The server needs a moment until it listens.
        for (int attempt = 0; attempt < 20 && result.ExitCode != 0; attempt++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100));
            result = await underlay.Left.RunAsync(TimeSpan.FromSeconds(60 + seconds), "iperf3",
                ["-c", Underlay.RightInner, "-B", Underlay.LeftInner, "--json", "-t", seconds.ToString(CultureInfo.InvariantCulture), .. arguments]);
        }
        using JsonDocument document = JsonDocument.Parse(result.Output);
        return document.RootElement.TryGetProperty("end", out JsonElement end) && end.EnumerateObject().Any() ? document.RootElement.Clone()
            : throw new InvalidOperationException(result.ToString());
    }

    static double Gigabits(JsonElement sum) => sum.GetProperty("bits_per_second").GetDouble() / BitsPerGigabit;
}
