using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Ipsec.Benchmarks.Throughput;

/// <summary>What <c>tunnel</c> was told.</summary>
sealed record ThroughputOptions
{
    const int MostRounds = 1000;
    const int MostSeconds = 3600;

    static readonly ImmutableArray<Measurement> All = [.. Enum.GetValues<Measurement>()];

    public static readonly string Usage =
        $"""
        usage: tunnel [--rounds N] [--seconds N] [--only CONTENDER,…] [--figures FIGURE,…] [--run OPTIONS] [--json]
          --rounds    rounds, in each of which every contender has its turn; the median of the rounds is told (3)
          --seconds   of each TCP stream (5)
          --only      {string.Join(", ", Contender.All.Select(NameOf))} (all)
          --figures   {string.Join(", ", All.Select(NameOf))} (all)
          --run       further options of 'run' for our host, as one word: --run '--queues 1 --busy-poll 50'
          --json      JSON instead of a table
        """;

    public int Rounds { get; private init; } = 3;

    public int Seconds { get; private init; } = 5;

    public ImmutableArray<Contender> Contenders { get; private init; } = Contender.All;

    public ImmutableArray<Measurement> Measurements { get; private init; } = All;

    /// <summary>Of <c>run</c>, for our host.</summary>
    public string[] HostOptions { get; private init; } = [];

    public bool AsJson { get; private init; }

    public static bool TryParse(ReadOnlySpan<string> arguments, [NotNullWhen(true)] out ThroughputOptions? options)
    {
        options = new ThroughputOptions();
        for (; options is not null && !arguments.IsEmpty; arguments = arguments[(arguments[0] == "--json" || arguments.Length == 1 ? 1 : 2)..])
        {
            string? value = arguments.Length > 1 ? arguments[1] : null;
            options = arguments[0] switch
            {
                "--json" => options with { AsJson = true },
                "--rounds" when TryNumber(value, MostRounds, out int rounds) => options with { Rounds = rounds },
                "--seconds" when TryNumber(value, MostSeconds, out int seconds) => options with { Seconds = seconds },
                "--run" when value is not null => options with { HostOptions = value.Split(' ', StringSplitOptions.RemoveEmptyEntries) },
                "--only" when TryList(value, Contender.All, NameOf, out ImmutableArray<Contender> some) => options with { Contenders = some },
                "--figures" when TryList(value, All, NameOf, out ImmutableArray<Measurement> some) => options with { Measurements = some },
                _ => null,
            };
        }
        return options is not null;
    }

    static string NameOf(Contender contender) => contender.Name;

    static string NameOf(Measurement measurement) => measurement.ToString().ToLowerInvariant();

    static bool TryNumber(string? text, int most, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number > 0 && number <= most;

    /// <summary>In the order of all of them.</summary>
    static bool TryList<T>(string? text, IEnumerable<T> all, Func<T, string> name, out ImmutableArray<T> chosen)
    {
        string[] names = text?.Split(',') ?? [];
        chosen = [.. all.Where(one => names.Contains(name(one)))];
        return chosen.Length > 0 && chosen.Length == names.Distinct().Count();
    }
}
