using Ipsec.Net;

namespace Ipsec.Ike.Engine;

/// <summary>One thing to do later. It is done once, unless it is cancelled before.</summary>
sealed class EngineTimer(TimeSpan due, ulong number, Action<Instant> action)
{
    public TimeSpan Due { get; } = due;

    /// <summary>Orders timers that are due at the same moment: first set, first done.</summary>
    public ulong Number { get; } = number;
    public Action<Instant> Action { get; } = action;
}

/// <summary>Every timer of one engine, in the order in which they are due.</summary>
sealed class TimerQueue
{
    readonly SortedSet<EngineTimer> _timers = new(Comparer<EngineTimer>.Create(
        (left, right) => left.Due != right.Due ? left.Due.CompareTo(right.Due) : left.Number.CompareTo(right.Number)));
    ulong _count;

    public int Count => _timers.Count;

    public TimeSpan? Next => _timers.Min?.Due;

    public EngineTimer Schedule(Instant now, TimeSpan delay, Action<Instant> action)
    {
        var timer = new EngineTimer(now.Monotonic + delay, _count++, action);
        _timers.Add(timer);
        return timer;
    }

    public void Cancel(EngineTimer? timer)
    {
        if (timer is not null)
            _timers.Remove(timer);
    }

    /// <summary>Does what is due. What these actions schedule waits for the next call, so that a call always ends.</summary>
    public void RunDue(Instant now)
    {
        ulong end = _count;
        while (_timers.Min is EngineTimer timer && timer.Due <= now.Monotonic && timer.Number < end)
        {
            _timers.Remove(timer);
            timer.Action(now);
        }
    }

    public void Clear() => _timers.Clear();
}
