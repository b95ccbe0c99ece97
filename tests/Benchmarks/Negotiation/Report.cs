using System.Globalization;
using System.Text.Json;

namespace Ipsec.Benchmarks.Negotiation;

/// <summary>One line of a report: what was measured, and figures by name with their unit.</summary>
sealed record Row(string Subject, params (string Name, double Value)[] Figures);

/// <summary>A table for people, or JSON for programs. Rows appear as they are measured in the table.</summary>
sealed class Report(string name, bool asJson)
{
    readonly List<Row> _rows = [];
    readonly List<string> _notes = [];

    public void Add(Row row)
    {
        _rows.Add(row);
        if (asJson)
            return;
        Console.WriteLine(row.Subject);
        foreach ((string figure, double value) in row.Figures)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {figure,-48} {value,12:0.###}"));
    }

    public void Note(string text) => _notes.Add(text);

    public void Print()
    {
        if (!asJson)
        {
            _notes.ForEach(Console.WriteLine);
            return;
        }
        var document = new
        {
            benchmark = name,
            processors = Environment.ProcessorCount,
            rows = _rows.Select(row => new { subject = row.Subject, figures = row.Figures.ToDictionary(one => one.Name, one => one.Value) }),
            notes = _notes,
        };
        Console.WriteLine(JsonSerializer.Serialize(document, Indented));
    }

    static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };
}
