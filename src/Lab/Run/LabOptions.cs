using System.Collections.Immutable;
using Ipsec.Endpoint.Faults;
using Ipsec.Endpoint.Journal;
using Ipsec.Lab.Network;

namespace Ipsec.Lab.Run;

/// <summary>How a topology is run in memory.</summary>
public sealed record LabOptions
{
    /// <summary>Without <see cref="Duration"/>, a lab that decides nothing ends after this much lab time.</summary>
    public static readonly TimeSpan DefaultLimit = TimeSpan.FromMinutes(3);

    public static readonly TimeSpan DefaultRepeatInterval = TimeSpan.FromMinutes(1);

    /// <summary>All randomness of the run: the same seed gives the same octets on every wire.</summary>
    public ulong Seed { get; init; }

    /// <summary>
    /// Lab time after which the run ends. Expectations that are decided before are checked again and again until then, so that
    /// hours of lab time prove rekeys too. Null: the run ends when every expectation is decided, and not before the recovery of the last fault.
    /// </summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>With <see cref="Duration"/>: the pings of the expectations are repeated this often.</summary>
    public TimeSpan RepeatInterval { get; init; } = DefaultRepeatInterval;

    /// <summary>Records packets and keys; null records nothing, and no key leaves an endpoint.</summary>
    public ILabRecorder? Recorder { get; init; }

    /// <summary>Makes the journal of a node, by its label; of a restarted node there is one for each life. Null keeps none.</summary>
    public Func<string, IEndpointJournal>? Journal { get; init; }

    /// <summary>What a node does wrong on purpose, by its label: a name of <see cref="MisbehaviourCatalogue"/>.</summary>
    public ImmutableDictionary<string, string> Misbehaviours { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>How NAT boxes behave.</summary>
    internal NatOptions Nat { get; init; } = new();
}
