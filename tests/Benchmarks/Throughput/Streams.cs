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
    const int LongerThanAnyMeasurement = 3600; // s

    /// <summary>The server needs a moment until it listens.</summary>
    const int Attempts = 20;

    static readonly TimeSpan ServerStart = TimeSpan.FromMilliseconds(100);

    /// <summary>Until a stream fills the tunnel.</summary>
    static readonly TimeSpan SlowStart = TimeSpan.FromSeconds(1);

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

    /// <summary>Measures something while one stream fills the tunnel.</summary>
    public async Task<T> BesideAsync<T>(Func<Task<T>> measure)
    {
        await using BackgroundProcess server = StartServer();
        for (int attempt = 1; ; attempt++)
        {
            await Task.Delay(ServerStart);
            await using BackgroundProcess client = underlay.Left.Start("iperf3", Arguments(LongerThanAnyMeasurement));
            await Task.Delay(SlowStart);
            if (client.HasExited && attempt < Attempts)
                continue;
            T result = await measure();
            return client.HasExited ? throw new InvalidOperationException($"The stream ended before the measurement beside it.\n{client.Output}") : result;
        }
    }

    async Task<JsonElement> RunAsync(int seconds, params string[] arguments)
    {
        await using BackgroundProcess server = StartServer();
        ToolResult result = new("", 1, "", "");
        for (int attempt = 0; attempt < Attempts && result.ExitCode != 0; attempt++)
        {
            await Task.Delay(ServerStart);
            result = await underlay.Left.RunAsync(TimeSpan.FromSeconds(60 + seconds), "iperf3", [.. Arguments(seconds), .. arguments]);
        }
        using JsonDocument document = JsonDocument.Parse(result.Output);
        return document.RootElement.TryGetProperty("end", out JsonElement end) && end.EnumerateObject().Any() ? document.RootElement.Clone()
            : throw new InvalidOperationException(result.ToString());
    }

    BackgroundProcess StartServer() => underlay.Right.Start("iperf3", ["-s", "-1", "-B", Underlay.RightInner]);

    static string[] Arguments(int seconds) =>
        ["-c", Underlay.RightInner, "-B", Underlay.LeftInner, "--json", "-t", seconds.ToString(CultureInfo.InvariantCulture)];

    static double Gigabits(JsonElement sum) => sum.GetProperty("bits_per_second").GetDouble() / BitsPerGigabit;
}
