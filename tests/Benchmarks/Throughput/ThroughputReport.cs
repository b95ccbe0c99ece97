using System.Globalization;
using System.Text.Json;

namespace Ipsec.Benchmarks.Throughput;

/// <summary>The figures of all rounds: what is told is their median, and ratios of those.</summary>
sealed class ThroughputReport
{
    const int LabelWidth = 50;

    static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    readonly List<Row> _rows = [];

    public void Add(Contender contender, Figure figure, double value)
    {
        List<(Figure Figure, List<double> Values)> figures = RowOf(contender).Figures;
        if (figures.Find(one => one.Figure == figure).Values is not List<double> values)
            figures.Add((figure, values = []));
        values.Add(value);
    }

    /// <summary>A sentence below its figures.</summary>
    public void Note(Contender contender, string text)
    {
        if (!RowOf(contender).Notes.Contains(text))
            RowOf(contender).Notes.Add(text);
    }

    public void Print(bool asJson)
    {
        Dictionary<string, double?> ratios = Ratios();
        if (asJson)
        {
            var rows = _rows.Select(row => new
            {
                contender = row.Contender.Name,
                subject = row.Contender.Subject,
                figures = row.Figures.ToDictionary(one => one.Figure.Key, one => Median(one.Values)),
                notes = row.Notes,
            });
            Console.WriteLine(JsonSerializer.Serialize(new { processors = Environment.ProcessorCount, rows, ratios }, Indented));
            return;
        }
        foreach (Row row in _rows)
        {
            Console.WriteLine(row.Contender.Subject);
            foreach ((Figure figure, List<double> values) in row.Figures)
                PrintLine(figure.Label, Text(Median(values)));
            foreach (string note in row.Notes)
                Console.WriteLine($"  ({note})");
        }
        Console.WriteLine("ratios");
        foreach ((string name, double? value) in ratios)
            PrintLine(name, value is double known ? Text(known) : "not measured");
    }

    Dictionary<string, double?> Ratios()
    {
        return new Dictionary<string, double?>
        {
            ["tcpVsLibipsec"] = Find(Contender.Ours, Figure.Stream) / Find(Contender.LibIpsec, Figure.Stream),
            ["tcpVsWireguardGo"] = Find(Contender.Ours, Figure.Stream) / Find(Contender.WireGuard, Figure.Stream),
            ["pps64VsLibipsec"] = Find(Contender.Ours, Figure.SmallDatagrams) / Find(Contender.LibIpsec, Figure.SmallDatagrams),
            ["pps64VsWireguardGo"] = Find(Contender.Ours, Figure.SmallDatagrams) / Find(Contender.WireGuard, Figure.SmallDatagrams),
            ["cbcVsLibipsec"] = Find(Contender.OursCbc, Figure.Stream) / Find(Contender.LibIpsecCbc, Figure.Stream),
            ["rttAddedMedianMicroseconds"] = Added(Contender.Ours, Figure.PingMedian),
            ["rttAddedVsLibipsec"] = Added(Contender.Ours, Figure.PingMedian) / Added(Contender.LibIpsec, Figure.PingMedian),
            ["rttBackToBackAddedVsLibipsec"] = Added(Contender.Ours, Figure.FastPingMedian) / Added(Contender.LibIpsec, Figure.FastPingMedian),
            ["rttBackToBackAddedVsLibipsecBusyPolling"] = Added(Contender.OursBusy, Figure.FastPingMedian) / Added(Contender.LibIpsec, Figure.FastPingMedian),
            ["rttUnderLoadP99Microseconds"] = Find(Contender.Ours, Figure.LoadedPingP99),
            ["ikeMedianMicroseconds"] = Find(Contender.Ours, Figure.IkeMedian),
            ["ikeUnderLoadP99Microseconds"] = Find(Contender.Ours, Figure.LoadedIkeP99),
            ["ikeUnderLoadP99VsLibipsec"] = Find(Contender.Ours, Figure.LoadedIkeP99) / Find(Contender.LibIpsec, Figure.LoadedIkeP99),
        };
    }

    /// <summary>Microseconds that a tunnel adds to the wire's own round trip.</summary>
    double? Added(Contender contender, Figure ping) => Find(contender, ping) - Find(Contender.Bare, ping);

    double? Find(Contender contender, Figure figure) =>
        _rows.Find(row => row.Contender == contender)?.Figures.Find(one => one.Figure == figure).Values is List<double> values ? Median(values) : null;

    Row RowOf(Contender contender)
    {
        if (_rows.Find(row => row.Contender == contender) is Row known)
            return known;
        var row = new Row(contender, [], []);
        _rows.Add(row);
        return row;
    }

    static void PrintLine(string label, string value) => Console.WriteLine($"  {label.PadRight(LabelWidth)} {value,12}");

    static string Text(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    sealed record Row(Contender Contender, List<(Figure Figure, List<double> Values)> Figures, List<string> Notes);
}
