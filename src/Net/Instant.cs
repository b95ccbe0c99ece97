namespace Ipsec.Net;

/// <summary>
/// "Now", as the caller of the core tells it. <see cref="Monotonic"/> drives every timer; <see cref="Utc"/> is used for
/// certificate validity and for display only, because clocks are set back.
/// </summary>
/// <param name="Monotonic">Time since an arbitrary start, never decreasing.</param>
/// <param name="Utc">Wall-clock time.</param>
public readonly record struct Instant(TimeSpan Monotonic, DateTimeOffset Utc)
{
    public Instant Plus(TimeSpan duration) => new(Monotonic + duration, Utc + duration);
}
