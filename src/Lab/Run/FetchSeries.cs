using Ipsec.Lab.Fabric;
using Ipsec.Lab.Network;
using Ipsec.Lab.Topology;
using Ipsec.Net;

namespace Ipsec.Lab.Run;

/// <summary>The fetches of one expectation, one in each round, and what came of them.</summary>
sealed class FetchSeries(FetchExpectation expectation, ILabHost from, IpAddress to, Scheduler scheduler, Action<LabEvent> tell,
    Func<TimeSpan, TimeSpan, bool> isExcused) : ExpectationSeries(expectation, expectation.MustSucceed, "fetch", scheduler, isExcused)
{
    /// <summary>For one that must come through: a slow wire with losses is given its time. One that must not is given less.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    static readonly TimeSpan PatienceWithFailure = TimeSpan.FromSeconds(10);

    TimeSpan _longest;
    string? _problem;

    /// <summary>A round begins when the one before it is over.</summary>
    public override void StartRound()
    {
        if (Begun > Completed)
            return;
        Begin(1);
        TimeSpan started = Scheduler.Now;
        TimeSpan patience = expectation.MustSucceed ? Patience : PatienceWithFailure;
        from.Fetch(to, expectation.Size, patience, outcome => Complete(started, outcome));
    }

    /// <summary>"1 of 1 fetches of 100000 octets, 12.5 Mbit/s at worst".</summary>
    public override string Describe()
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
        if (HasFailed(outcome.Problem is null, started))
            _problem = outcome.Problem;
        if (outcome.Problem is null)
            _longest = outcome.Time > _longest ? outcome.Time : _longest;
        tell(new FetchCompleted(Scheduler.Now, expectation.From, expectation.To, outcome.Octets, outcome.Time, outcome.Problem));
    }
}
