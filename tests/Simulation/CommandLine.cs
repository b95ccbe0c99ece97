using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Ipsec.Simulation.Bugs;

namespace Ipsec.Simulation;

/// <summary>What was asked for.</summary>
sealed record CommandLine
{
    public SimulationOptions Simulation { get; init; } = new();

    /// <summary>First and last seed of a sum over several runs; null is one run.</summary>
    public (ulong First, ulong Last)? Seeds { get; init; }

    public int Processes { get; init; } = Environment.ProcessorCount;

    const string Usage = """
        usage: dotnet run -c Release --project tests/Simulation -- [options]
          --seed N           the run; the same seed is the same run (1)
          --tunnel-hours N   virtual hours of all tunnels together (400)
          --tunnels N        how many tunnels (200)
          --only CELL        that cell alone: the same as it does among the others
          --verbose          print what happens
          --bug NAME         plant LostDelete, WrongTieBreak or ReusedSequenceNumber in the spokes
          --endpoints N      instead: that many endpoints, hubs with 19 spokes, without faults
          --hours N          for so many virtual hours (24)
          --seeds A-B        runs all these seeds, in several processes, and adds them up
          --processes N      how many of them, or cells of one run, at a time (one per processor)
        """;

    public static bool TryParse(string[] arguments, [NotNullWhen(true)] out CommandLine? line, [NotNullWhen(false)] out string? error)
    {
        line = new CommandLine();
        for (int i = 0; i < arguments.Length; i++)
        {
            string name = arguments[i];
            if (name == "--verbose")
            {
                line = line with { Simulation = line.Simulation with { Trace = Console.WriteLine } };
                continue;
            }
            string? value = ++i < arguments.Length ? arguments[i] : null;
            if (value is null || Apply(line, name, value) is not CommandLine next)
            {
                line = null;
                error = name is "--help" ? Usage : $"'{name}{(value is null ? "" : $" {value}")}' is no option.\n{Usage}";
                return false;
            }
            line = next;
        }
        error = null;
        return true;
    }

    static CommandLine? Apply(CommandLine line, string name, string value)
    {
        SimulationOptions simulation = line.Simulation;
        switch (name)
        {
            case "--seed" when ulong.TryParse(value, CultureInfo.InvariantCulture, out ulong seed):
                return line with { Simulation = simulation with { Seed = seed } };
            case "--tunnel-hours" when double.TryParse(value, CultureInfo.InvariantCulture, out double hours) && hours > 0:
                return line with { Simulation = simulation with { TunnelHours = hours } };
            case "--tunnels" when TryCount(value, out int tunnels):
                return line with { Simulation = simulation with { Tunnels = tunnels } };
            case "--only" when int.TryParse(value, CultureInfo.InvariantCulture, out int cell):
                return line with { Simulation = simulation with { OnlyCell = cell } };
            case "--bug" when Enum.TryParse(value, ignoreCase: true, out PlantedBug bug):
                return line with { Simulation = simulation with { Bug = bug } };
            case "--endpoints" when TryCount(value, out int endpoints) && endpoints > 1:
                TimeSpan duration = simulation.Undisturbed?.Duration ?? TimeSpan.FromHours(24);
                return line with { Simulation = simulation with { Undisturbed = new UndisturbedOptions(endpoints, duration) } };
            case "--hours" when simulation.Undisturbed is not null && double.TryParse(value, CultureInfo.InvariantCulture, out double length) && length > 0:
                return line with { Simulation = simulation with { Undisturbed = simulation.Undisturbed with { Duration = TimeSpan.FromHours(length) } } };
            case "--processes" when TryCount(value, out int processes):
                return line with { Processes = processes };
            case "--seeds" when value.Split('-') is [string first, string last] && ulong.TryParse(first, CultureInfo.InvariantCulture, out ulong from)
                && ulong.TryParse(last, CultureInfo.InvariantCulture, out ulong to) && from <= to:
                return line with { Seeds = (from, to) };
            default:
                return null;
        }
    }

    static bool TryCount(string value, out int count) => int.TryParse(value, CultureInfo.InvariantCulture, out count) && count > 0;
}
