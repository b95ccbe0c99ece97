using Ipsec.Simulation.Bugs;

namespace Ipsec.Simulation;

/// <summary>What to simulate.</summary>
sealed record SimulationOptions
{
    public ulong Seed { get; init; } = 1;

    /// <summary>Hours of all tunnels together.</summary>
    public double TunnelHours { get; init; } = 400;

    public int Tunnels { get; init; } = 200;

    /// <summary>That many endpoints in an ordinary network without faults, for so long; null is the simulation with faults.</summary>
    public UndisturbedOptions? Undisturbed { get; init; }

    /// <summary>Only this cell; null runs all of them.</summary>
    public int? OnlyCell { get; init; }

    public PlantedBug Bug { get; init; }

    /// <summary>How many cells run at a time; what they do does not depend on it.</summary>
    public int Processors { get; init; } = 1;

    /// <summary>Where the trace goes; null is nowhere.</summary>
    public Action<string>? Trace { get; init; }

    public TimeSpan Duration => Undisturbed?.Duration ?? TimeSpan.FromHours(TunnelHours / Tunnels);
}

/// <summary>How large, and for how long.</summary>
sealed record UndisturbedOptions(int Endpoints, TimeSpan Duration)
{
    /// <summary>Spokes of one hub.</summary>
    public const int Spokes = 19;
}
