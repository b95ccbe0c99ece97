namespace Ipsec.EndpointHost.Lab;

/// <summary>What <c>lab run</c> was told on the command line.</summary>
sealed record LabRunOptions
{
    /// <summary>Print the report and nothing else.</summary>
    public bool Json { get; init; }

    /// <summary>Lab time after which the run ends; null ends it once everything is decided.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>How often pings and fetches are repeated until then; null leaves it at the default.</summary>
    public TimeSpan? PingInterval { get; init; }

    /// <summary>Where captures and key tables go; null records nothing.</summary>
    public string? CaptureDirectory { get; init; }

    /// <summary>Where the nodes' journals go; null keeps none.</summary>
    public string? JournalDirectory { get; init; }

    /// <summary>Where the diagnostic logs of the gateways go; null keeps none.</summary>
    public string? AzureLogDirectory { get; init; }

    /// <summary>"NODE=NAME" or "NODE=NAME:N": what a node does wrong on purpose.</summary>
    public IReadOnlyList<string> Misbehaviours { get; init; } = [];

    public ulong Seed { get; init; }

    /// <summary>Seconds of lab time in a second of real time; null lets lab time pass as fast as it can.</summary>
    public double? TimeScale { get; init; }

    /// <summary>The topology file; needed on network namespaces only.</summary>
    public string? File { get; init; }

    /// <summary>Network namespaces in place of memory.</summary>
    public bool IsOnNamespaces { get; init; }

    /// <summary>After the verdict the lab stays until it is ended.</summary>
    public bool Stays { get; init; }

    /// <summary>On network namespaces: what a kernel without netem cannot do to packets is left out.</summary>
    public bool PerfectWires { get; init; }

    /// <summary>Show the end of the run and nothing on the way there.</summary>
    public bool IsQuiet { get; init; }

    /// <summary>Go on with pings after everything is decided, until Ctrl-C.</summary>
    public bool IsDemo { get; init; }
}
