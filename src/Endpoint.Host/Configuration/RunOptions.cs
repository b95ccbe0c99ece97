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
    /// <summary>Every instance of the gateway in this process.</summary>
    public bool AllInstances { get; init; }

    /// <summary>Where the diagnostic logs of a gateway go; null keeps none.</summary>
    public string? AzureLogDirectory { get; init; }

    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    /// <summary>One JSON document per log line, for collectors.</summary>
    public bool LogJson { get; init; }
}
