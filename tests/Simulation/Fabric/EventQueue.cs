namespace Ipsec.Simulation.Fabric;

/// <summary>Something to which things happen at a moment.</summary>
interface IScheduled
{
    void Fire(object? argument);
}

/// <summary>Virtual time: what is to happen, in order of time and then of the calls that asked for it.</summary>
sealed class EventQueue
{
    // Nothing that is right happens this often in one moment.
    const int MostAtOnce = 1_000_000;

    readonly PriorityQueue<(IScheduled Target, object? Argument), Moment> _queue = new(Comparer<Moment>.Create(static (left, right) => left.CompareTo(right)));
    long _order;
    int _atOnce;

    public TimeSpan Now { get; private set; }

    public long Fired { get; private set; }

    public void At(TimeSpan when, IScheduled target, object? argument = null) =>
        _queue.Enqueue((target, argument), new Moment((when > Now ? when : Now).Ticks, _order++));

    public void After(TimeSpan delay, IScheduled target, object? argument = null) => At(Now + delay, target, argument);

    /// <exception cref="InvalidOperationException">Time does not pass any more.</exception>
    public void RunUntil(TimeSpan end)
    {
        while (_queue.TryPeek(out _, out Moment next) && next.Ticks <= end.Ticks)
        {
            (IScheduled target, object? argument) = _queue.Dequeue();
            _atOnce = next.Ticks == Now.Ticks ? _atOnce + 1 : 0;
            if (_atOnce > MostAtOnce)
                throw new InvalidOperationException($"More than {MostAtOnce} events at {Now}: time does not pass any more.");
            Now = new TimeSpan(next.Ticks);
            Fired++;
            target.Fire(argument);
        }
        Now = end;
    }

    readonly record struct Moment(long Ticks, long Order) : IComparable<Moment>
    {
        public int CompareTo(Moment other) => Ticks != other.Ticks ? Ticks.CompareTo(other.Ticks) : Order.CompareTo(other.Order);
    }
}
