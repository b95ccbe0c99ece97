using Ipsec.Lab.Network;
using Ipsec.Lab.Report;
using Ipsec.Lab.Topology;

namespace Ipsec.Lab.Run;

/// <summary>What one expectation asks of a host, round by round, and what came of it.</summary>
/// <param name="expectation">Where it comes from.</param>
/// <param name="mustSucceed">Otherwise it must not.</param>
/// <param name="what">One of them: "ping".</param>
/// <param name="isExcused">Whether a failure that began and ended then was to be expected from a fault of the file.</param>
abstract class ExpectationSeries(Expectation expectation, bool mustSucceed, string what, Scheduler scheduler, Func<TimeSpan, TimeSpan, bool> isExcused)
{
    public Expectation Source => expectation;
    public bool MustSucceed => mustSucceed;
    public int Begun { get; private set; }
    public int Completed { get; private set; }
    public int Succeeded { get; private set; }

    /// <summary>Failed while a fault of the file allowed it.</summary>
    public int Excused { get; private set; }
    public bool HasStarted => Begun > 0;
    public bool IsResting => HasStarted && Completed == Begun;

    public abstract void StartRound();

    /// <summary>How many succeeded, and what else was seen.</summary>
    public abstract string Describe();

    /// <param name="mayFail">Some of those that must succeed may fail, but not all.</param>
    public ExpectationResult Judge(bool mayFail)
    {
        if (Completed == 0)
            return new ExpectationResult(expectation.Description, false, $"no {what} was completed before the end");
        bool passed = mustSucceed ? Succeeded > 0 && (mayFail || Succeeded + Excused == Completed) : Succeeded == 0;
        return new ExpectationResult(expectation.Description, passed, Describe());
    }

    protected Scheduler Scheduler => scheduler;

    protected void Begin(int count) => Begun += count;

    /// <returns>Whether it failed and nothing excuses that.</returns>
    protected bool HasFailed(bool succeeded, TimeSpan began)
    {
        Completed++;
        if (succeeded)
            Succeeded++;
        else if (isExcused(began, scheduler.Now))
            Excused++;
        else
            return true;
        return false;
    }
}
