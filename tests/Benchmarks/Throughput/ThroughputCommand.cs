using System.Globalization;
using System.Text.Json;

namespace Ipsec.Benchmarks.Throughput;

/// <summary>
/// Our host at both ends of a tunnel beside other user-space tunnels, on the same two namespaces, in turns: what is told is the median of the rounds.
/// </summary>
sealed class ThroughputCommand
{
    const string Ours = "ours";
    const string LibIpsec = "strongSwan kernel-libipsec";
    const string WireGuard = "wireguard-go";
    const string Bare = "bare wire";
    const string Gcm = "aes256gcm16";
    const string Cbc = "aes256-sha256";

    static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    readonly SortedDictionary<(int Order, string Subject, string Figure), List<double>> _figures = [];
    readonly bool _asJson;
    readonly int _seconds;

    ThroughputCommand(int seconds, bool asJson) => (_seconds, _asJson) = (seconds, asJson);

    /// <summary>0, or 1 with a sentence where it cannot be measured.</summary>
    public static async Task<int> RunAsync(int rounds, int seconds, bool asJson)
    {
        if (!Environment.IsPrivilegedProcess || LibIpsecTunnel.Obstacle is not null)
        {
            Console.Error.WriteLine(LibIpsecTunnel.Obstacle ?? "Network namespaces need root.");
            return 1;
        }
        var command = new ThroughputCommand(seconds, asJson);
        for (int round = 1; round <= rounds; round++)
            await command.RunRoundAsync(round);
        command.Print();
        return 0;
    }

    async Task RunRoundAsync(int round)
    {
        await MeasureAsync(round, 0, new Contender(Bare, BareWire.StartAsync), Gcm);
        await MeasureAsync(round, 1, new Contender(Ours, underlay => HostTunnel.StartAsync(underlay, Gcm)), Gcm);
        await MeasureAsync(round, 2, new Contender(LibIpsec, underlay => LibIpsecTunnel.StartAsync(underlay, Gcm)), Gcm);
        if (WireGuardTunnel.Obstacle is null)
            await MeasureAsync(round, 3, new Contender(WireGuard, WireGuardTunnel.StartAsync), "ChaCha20-Poly1305");
        await MeasureAsync(round, 4, new Contender(Ours, underlay => HostTunnel.StartAsync(underlay, Cbc)), Cbc);
        await MeasureAsync(round, 5, new Contender(LibIpsec, underlay => LibIpsecTunnel.StartAsync(underlay, Cbc)), Cbc);
    }

    async Task MeasureAsync(int round, int order, Contender contender, string suite)
    {
        string subject = contender.Name == Bare ? Bare : $"{contender.Name}, {suite}";
        Console.Error.WriteLine($"round {round}: {subject}");
        await using Underlay underlay = await Underlay.CreateAsync();
        await using ITunnelUnderTest tunnel = await contender.Start(underlay);
        var measurements = new Measurements(underlay, _seconds);
        await measurements.WaitForTrafficAsync();
        await measurements.PingAsync(50);
        double[] roundTrips = await measurements.PingAsync(200);
        Add("ping, median µs", roundTrips[roundTrips.Length / 2]);
        Add("TCP, one stream, Gbit/s", await measurements.StreamAsync());
        if (suite == Cbc)
            return;
        Add("TCP, four streams each way, Gbit/s", await measurements.StreamsBothWaysAsync());
        double[] loaded = await measurements.PingUnderLoadAsync();
        Add("ping beside a stream, p99 µs", loaded[(int)(loaded.Length * 0.99)]);
        if (contender.Name == Bare)
            return;
        Add("UDP 64 B, packets/s with at most 1 % loss", await measurements.DatagramsAsync(64));
        Add("UDP 1400 B, packets/s with at most 1 % loss", await measurements.DatagramsAsync(1400));

        void Add(string figure, double value)
        {
            if (!_figures.TryGetValue((order, subject, figure), out List<double>? values))
                _figures[(order, subject, figure)] = values = [];
            values.Add(value);
        }
    }

    void Print()
    {
        var rows = _figures.GroupBy(pair => (pair.Key.Order, pair.Key.Subject)).Select(row => new
        {
            subject = row.Key.Subject,
            figures = row.ToDictionary(pair => pair.Key.Figure, pair => Median(pair.Value)),
        }).ToArray();
        SortedDictionary<string, double?> ratios = new(StringComparer.Ordinal)
        {
            ["tcpVsLibipsec"] = Ratio("TCP, one stream, Gbit/s", 1, 2),
            ["tcpVsWireguardGo"] = Ratio("TCP, one stream, Gbit/s", 1, 3),
            ["pps64VsLibipsec"] = Ratio("UDP 64 B, packets/s with at most 1 % loss", 1, 2),
            ["cbcVsLibipsec"] = Ratio("TCP, one stream, Gbit/s", 4, 5),
            ["rttAddedMedianMicroseconds"] = Added(1),
            ["rttAddedVsLibipsec"] = Added(1) / Added(2),
        };
        if (_asJson)
        {
            Console.WriteLine(JsonSerializer.Serialize(new { processors = Environment.ProcessorCount, rows, ratios }, Indented));
            return;
        }
        foreach (var row in rows)
        {
            Console.WriteLine(row.subject);
            foreach ((string figure, double value) in row.figures)
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {figure,-48} {value,12:0.##}"));
        }
        Console.WriteLine("ratios");
        foreach ((string name, double? value) in ratios)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {name,-48} {(value is double known ? known.ToString("0.##", CultureInfo.InvariantCulture) : "not measured"),12}"));
    }

    /// <summary>Of two rows of the same run.</summary>
    double? Ratio(string figure, int row, int other) => Find(row, figure) / Find(other, figure);

    /// <summary>Microseconds that a tunnel adds to the wire's own.</summary>
    double? Added(int row) => Find(row, "ping, median µs") - Find(0, "ping, median µs");

    double? Find(int order, string figure) =>
        _figures.FirstOrDefault(pair => pair.Key.Order == order && pair.Key.Figure == figure).Value is List<double> values ? Median(values) : null;

    static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
