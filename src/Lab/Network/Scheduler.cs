using Ipsec.Net;

namespace Ipsec.Lab.Network;

/// <summary>
/// Virtual time: the events of a lab in the order of their time, and of their entry where the time is the same. The same
/// entries run in the same order in every process.
/// </summary>
sealed class Scheduler
{
    /// <summary>What a lab's calendar shows when it starts; a fixed date, so that two runs of a seed are the same.</summary>
    public static readonly DateTimeOffset Epoch = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    readonly PriorityQueue<Action, (TimeSpan Time, ulong Sequence)> _events = new();
    ulong _sequence;

    /// <summary>Lab time since the start of the run.</summary>
    public TimeSpan Now { get; private set; }

    public Instant Instant => new(Now, Epoch + Now);

    /// <summary>When the next event is due; null if none is.</summary>
    public TimeSpan? NextEvent => _events.TryPeek(out _, out (TimeSpan Time, ulong Sequence) due) ? due.Time : null;

    /// <summary>A time that has passed is now.</summary>
    public void At(TimeSpan time, Action action) => _events.Enqueue(action, (time < Now ? Now : time, _sequence++));

    public void After(TimeSpan delay, Action action) => At(Now + delay, action);

    /// <summary>Runs the next event if it is due by <paramref name="limit"/>.</summary>
    public bool TryRunNext(TimeSpan limit)
    {
        if (NextEvent is not TimeSpan due || due > limit)
            return false;
        Now = due;
        _events.Dequeue()();
        return true;
    }

    /// <summary>Lets the time pass to <paramref name="time"/> without an event in between.</summary>
    public void AdvanceTo(TimeSpan time)
    {
        if (time > Now)
            Now = time;
    }
}
