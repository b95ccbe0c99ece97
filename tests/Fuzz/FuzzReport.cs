using System.Globalization;
using System.Numerics;
using Ipsec.Ike.Wire;

namespace Ipsec.Fuzz;

/// <summary>What a run did and what it found.</summary>
sealed class FuzzReport
{
    const int FaultsKept = 50;

    readonly SortedDictionary<Stage, long> _byStage = [];
    readonly SortedDictionary<string, long> _byExchange = new(StringComparer.Ordinal);
    readonly SortedDictionary<string, long> _outcomes = new(StringComparer.Ordinal);
    readonly SortedDictionary<string, long> _byState = new(StringComparer.Ordinal);
    readonly long[] _byTime = new long[64];
    readonly HashSet<string> _seen = [];

    public long Messages { get; private set; }
    public long Cases { get; set; }
    public int Handshakes { get; set; }
    public TimeSpan Elapsed { get; set; }

    /// <summary>Of the process, in the same time.</summary>
    public TimeSpan Processor { get; set; }

    public TimeSpan Longest { get; private set; }
    public long MostAllocated { get; private set; }
    public List<string> Faults { get; } = [];

    /// <summary>Combinations of stage, message, answer and what became of the IKE SA that were reached.</summary>
    public HashSet<string> Features { get; } = [];

    /// <summary>Each by a message; those made on the way into a stage are not counted.</summary>
    public long IkeSas { get; set; }
    public long ChildSas { get; set; }

    /// <param name="state">Of the IKE SA after the message.</param>
    public void Count(Stage stage, ExchangeType exchange, bool isRequest, string outcome, string state, TimeSpan time, long allocated)
    {
        Messages++;
        Add(_byState, $"{stage} -> {state}");
        Add(_byStage, stage);
        Add(_byExchange, $"{(Enum.IsDefined(exchange) ? exchange.ToString() : "other")} {(isRequest ? "request" : "response")}");
        Add(_outcomes, outcome);
        _byTime[BitOperations.Log2((ulong)Math.Max(1, time.TotalMicroseconds))]++;
        if (time > Longest)
            Longest = time;
        MostAllocated = Math.Max(MostAllocated, allocated);
    }

    /// <summary>Once for each kind.</summary>
    public void AddFault(string kind, string text)
    {
        if (_seen.Add(kind) && Faults.Count < FaultsKept)
            Faults.Add(text);
    }

    public IEnumerable<string> Lines()
    {
        foreach ((Stage stage, long count) in _byStage)
            yield return $"  stage    {count,12:N0}  {stage}";
        foreach ((string exchange, long count) in _byExchange)
            yield return $"  message  {count,12:N0}  {exchange}";
        foreach ((string state, long count) in _byState)
            yield return $"  state    {count,12:N0}  {state}";
        foreach ((string outcome, long count) in _outcomes)
            yield return $"  outcome  {count,12:N0}  {outcome}";
        yield return $"  made     {IkeSas,12:N0}  IKE SAs";
        yield return $"  made     {ChildSas,12:N0}  child SAs";
        for (int i = 0; i < _byTime.Length; i++)
        {
            if (_byTime[i] > 0)
                yield return $"  time     {_byTime[i],12:N0}  {1L << i} to {2L << i} µs";
        }
        yield return string.Create(CultureInfo.InvariantCulture,
            $"{Messages:N0} messages in {Cases:N0} cases, {Handshakes} fresh handshakes, {Elapsed.TotalSeconds:F0} s ")
            + string.Create(CultureInfo.InvariantCulture,
                $"({Messages / Elapsed.TotalSeconds:N0}/s; processor {Processor.TotalSeconds:F0} s, {Messages / Processor.TotalSeconds:N0}/s), ")
            + string.Create(CultureInfo.InvariantCulture,
                $"{Features.Count:N0} features, longest {Longest.TotalMilliseconds:F1} ms, most allocated {MostAllocated:N0} octets, {Faults.Count} faults");
    }

    static void Add<TKey>(SortedDictionary<TKey, long> counts, TKey key) where TKey : notnull => counts[key] = counts.GetValueOrDefault(key) + 1;
}
