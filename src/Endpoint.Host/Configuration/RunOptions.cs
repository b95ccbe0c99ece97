using System.Collections.Immutable;
using Ipsec.Net;
using Microsoft.Extensions.Logging;

namespace Ipsec.EndpointHost.Configuration;

/// <summary>Where the protected side of a node is.</summary>
enum InnerKind
{
    /// <summary>A TUN device of this machine.</summary>
    Tun,

    /// <summary>The virtual hosts of the topology file, in this process.</summary>
    Virtual,
}

/// <summary>What <c>run</c> was told on the command line.</summary>
/// <param name="Instance">Gateway instance; null is the only one, or 0. Without a meaning where all are run.</param>
/// <param name="ControlPath">Null is the default path of the topology and node.</param>
/// <param name="TunName">"%d" becomes the first free number.</param>
/// <param name="KeyLogDirectory">Null writes no keys anywhere.</param>
/// <param name="LocalAddresses">Stand in for the file's outer addresses, where this machine has others: by instance, as many as there are. Default leaves the file's.</param>
/// <param name="InitialSequenceNumber">Packets that every new SA counts as sent before its first one.</param>
sealed record RunOptions(
    string File,
    string? Node,
    int? Instance = null,
    string? ControlPath = null,
    string TunName = "ipsec%d",
    InnerKind Inner = InnerKind.Tun,
    string? KeyLogDirectory = null,
    ImmutableArray<IpAddress> LocalAddresses = default,
    ulong InitialSequenceNumber = 0)
{
    const int MostAutomaticWorkers = 8;

    public const int MostWorkers = 64;

    /// <summary>Beyond a second it is no waiting but a processor given away.</summary>
    public const int LongestBusyPollMicroseconds = 1_000_000;

    /// <summary>Every instance of the gateway in this process.</summary>
    public bool AllInstances { get; init; }

    /// <summary>Where the diagnostic logs of a gateway go; null keeps none.</summary>
    public string? AzureLogDirectory { get; init; }

    /// <summary>Threads that move packets, and queues of the TUN device.</summary>
    public int Workers { get; init; } = AutomaticWorkers;

    /// <summary>How long a thread that moved packets asks for more before it sleeps; zero sleeps at once.</summary>
    public TimeSpan BusyPoll { get; init; }

    /// <summary>One for each processor, up to what a tunnel gateway has use for.</summary>
    public static int AutomaticWorkers => Math.Clamp(Environment.ProcessorCount, 1, MostAutomaticWorkers);

    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    /// <summary>One JSON document per log line, for collectors.</summary>
    public bool LogJson { get; init; }
}
