using System.Collections.Immutable;
using Ipsec.Ike.Outputs;
using Ipsec.Net;

namespace Ipsec.Azure.Diagnostics;

/// <summary>The log lines of one instance of a gateway: the newest <see cref="Capacity"/> of each category.</summary>
sealed class DiagnosticLog(string gateway)
{
    public const int Capacity = 1024;

    readonly SortedDictionary<DiagnosticCategory, Queue<DiagnosticLogEntry>> _entries = [];

    /// <summary>Every line, as it is written.</summary>
    public event Action<DiagnosticLogEntry>? Written;

    /// <summary>Oldest first.</summary>
    public ImmutableArray<DiagnosticLogEntry> Of(DiagnosticCategory category) =>
        _entries.TryGetValue(category, out Queue<DiagnosticLogEntry>? entries) ? [.. entries] : [];

    public void Write(DiagnosticCategory category, string operation, DiagnosticLevel level, string message, string machine, Instant now,
        string? tunnel = null, string? remote = null, ImmutableArray<Reason> reasons = default, int? azureError = null)
    {
        if (!_entries.TryGetValue(category, out Queue<DiagnosticLogEntry>? entries))
            _entries.Add(category, entries = new Queue<DiagnosticLogEntry>());
        if (entries.Count == Capacity)
            entries.Dequeue();
        ImmutableArray<ReasonReport> reports = reasons.IsDefaultOrEmpty ? [] : [.. reasons.Select(ReasonReport.Of)];
        int? error = azureError ?? reports.Select(reason => reason.AzureError).FirstOrDefault(number => number is not null);
        var entry = new DiagnosticLogEntry(now.Utc, category, operation, level, message, gateway, remote, machine, tunnel, error, reports);
        entries.Enqueue(entry);
        Written?.Invoke(entry);
    }
}
