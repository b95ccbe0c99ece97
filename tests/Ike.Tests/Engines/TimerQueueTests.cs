using Ipsec.Ike.Engine;
using Ipsec.Net;

namespace Ipsec.Ike.Tests.Engines;

public class TimerQueueTests
{
    static readonly Instant Start = new(TimeSpan.Zero, DateTimeOffset.UnixEpoch);

    [Fact]
    public void RunsWhatIsDueInOrderAndFirstSetFirst()
    {
        var timers = new TimerQueue();
        var ran = new List<string>();
        timers.Schedule(Start, TimeSpan.FromSeconds(2), _ => ran.Add("late"));
        timers.Schedule(Start, TimeSpan.FromSeconds(1), _ => ran.Add("first"));
        timers.Schedule(Start, TimeSpan.FromSeconds(1), _ => ran.Add("second"));
        timers.Cancel(timers.Schedule(Start, TimeSpan.FromSeconds(1), _ => ran.Add("cancelled")));
        Assert.Equal(TimeSpan.FromSeconds(1), timers.Next);
        timers.RunDue(Start.Plus(TimeSpan.FromSeconds(1)));
        Assert.Equal(["first", "second"], ran);
        timers.RunDue(Start.Plus(TimeSpan.FromSeconds(2)));
        Assert.Equal(["first", "second", "late"], ran);
        Assert.Null(timers.Next);
    }

    [Fact]
    public void TimerSetForNowByATimerWaitsForTheNextCall()
    {
        var timers = new TimerQueue();
        int count = 0;
        void Again(Instant now)
        {
            count++;
            timers.Schedule(now, TimeSpan.Zero, Again);
        }
        timers.Schedule(Start, TimeSpan.Zero, Again);
        timers.RunDue(Start);
        Assert.Equal(1, count);
        timers.RunDue(Start);
        Assert.Equal(2, count);
    }

    [Fact]
    public void TimerMayCancelAnotherThatIsDueToo()
    {
        var timers = new TimerQueue();
        EngineTimer? other = null;
        bool ran = false;
        timers.Schedule(Start, TimeSpan.Zero, _ => timers.Cancel(other));
        other = timers.Schedule(Start, TimeSpan.Zero, _ => ran = true);
        timers.RunDue(Start);
        Assert.False(ran);
    }
}
