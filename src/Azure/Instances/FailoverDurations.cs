namespace Ipsec.Azure.Instances;

/// <summary>
/// How long a failover takes, from the moment at which the old machine stops to the one at which the new machine has the public address and negotiates.
/// Reference §5: a planned one 10 to 15 s; an unplanned one 1 to 3 minutes at worst, 1 to 1.5 minutes in the older document.
/// </summary>
public sealed record FailoverDurations
{
    public TimeSpan Planned { get; init; } = TimeSpan.FromSeconds(15);
    public TimeSpan Unplanned { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>Until a machine that went away can serve again. Not documented.</summary>
    public TimeSpan Reboot { get; init; } = TimeSpan.FromSeconds(60);

    public TimeSpan Of(FailoverKind kind) => kind == FailoverKind.Planned ? Planned : Unplanned;

    /// <summary>How long an address is not served after a failover of a gateway whose machines are both up.</summary>
    public TimeSpan OutageOf(FailoverKind kind, bool isActiveActive) => isActiveActive ? Reboot : Of(kind);

    /// <summary>From the command to the end of a maintenance.</summary>
    public TimeSpan MaintenanceOf(bool isActiveActive) => Reboot + OutageOf(FailoverKind.Planned, isActiveActive);
}

/// <summary>Why a machine goes away.</summary>
public enum FailoverKind
{
    /// <summary>Maintenance or a reset: the machine deletes its SAs before it goes.</summary>
    Planned,

    /// <summary>The machine is gone at once, and tells nobody.</summary>
    Unplanned,
}
