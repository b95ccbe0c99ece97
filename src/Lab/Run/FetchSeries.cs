using Ipsec.Lab.Fabric;
using Ipsec.Lab.Network;
using Ipsec.Lab.Topology;
using Ipsec.Net;

namespace Ipsec.Lab.Run;

/// <summary>The fetches of one expectation, one in each round, and what came of them.</summary>
sealed class FetchSeries(FetchExpectation expectation, ILabHost from, IpAddress to, Scheduler scheduler, Action<LabEvent> tell,
    Func<TimeSpan, TimeSpan, bool> isExcused)
{
    /// <summary>For one that must come through: a slow wire with losses is given its time. One that must not is given less.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    static readonly TimeSpan PatienceWithFailure = TimeSpan.FromSeconds(10);

    TimeSpan _longest;
    string? _problem;

    public FetchExpectation Expectation => expectation;
    public int Sent { get; private set; }
    public int Completed { get; private set; }
    public int Succeeded { get; private set; }

    /// <summary>Failed while a fault of the file allowed it.</summary>
    public int Excused { get; private set; }
    public bool HasStarted => Sent > 0;
    public bool IsResting => HasStarted && Completed == Sent;

    /// <summary>A round begins when the one before it is over.</summary>
    public void StartRound()
    {
        if (Sent > Completed)
            return;
        Sent++;
        TimeSpan started = scheduler.Now;
        TimeSpan patience = expectation.MustSucceed ? Patience : PatienceWithFailure;
        from.Fetch(to, expectation.Size, patience, outcome => Complete(started, outcome));
    }

    /// <summary>"1 of 1 fetches of 100000 octets, 12.5 Mbit/s at worst".</summary>
    public string Describe()
    {
        string text = FormattableString.Invariant($"{Succeeded} of {Completed} fetches of {expectation.Size} octets");
        if (Succeeded > 0 && _longest > TimeSpan.Zero)
            text += FormattableString.Invariant($", {expectation.Size * 8 / _longest.TotalSeconds / 1e6:0.0} Mbit/s at worst");
        if (Excused > 0)
            text += $"; {Excused} failed within the recovery of a fault";
        return _problem is null ? text : $"{text}; {_problem}";
    }

    void Complete(TimeSpan started, FetchOutcome outcome)
    {
        Completed++;
        if (outcome.Problem is null)
        {
            Succeeded++;
            _longest = outcome.Time > _longest ? outcome.Time : _longest;
        }
        else if (isExcused(started, scheduler.Now))
        {
            Excused++;
        }
        else
        {
            _problem = outcome.Problem;
        }
        tell(new FetchCompleted(scheduler.Now, expectation.From, expectation.To, outcome.Octets, outcome.Time, outcome.Problem));
    }
}
