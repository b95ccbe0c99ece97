using Ipsec.Lab.Network;
using Ipsec.Lab.Tests.Support;

namespace Ipsec.Lab.Tests.Network;

public sealed class SchedulerTests
{
    [Fact]
    public void RunsEventsByTimeAndThenInTheOrderOfEntry()
    {
        var scheduler = new Scheduler();
        var order = new List<string>();
        scheduler.At(TimeSpan.FromSeconds(2), () => order.Add("late"));
        for (int i = 0; i < 100; i++)
        {
            int number = i;
            scheduler.At(TimeSpan.FromSeconds(1), () => order.Add($"{number}"));
        }
        scheduler.RunAll();
        Assert.Equal([.. Enumerable.Range(0, 100).Select(number => $"{number}"), "late"], order);
        Assert.Equal(TimeSpan.FromSeconds(2), scheduler.Now);
    }

    [Fact]
    public void StopsAtTheLimitAndNeverGoesBack()
    {
        var scheduler = new Scheduler();
        bool ran = false;
        scheduler.At(TimeSpan.FromSeconds(5), () => ran = true);
        Assert.False(scheduler.TryRunNext(TimeSpan.FromSeconds(4)));
        scheduler.AdvanceTo(TimeSpan.FromSeconds(7));
        scheduler.AdvanceTo(TimeSpan.FromSeconds(3));
        Assert.False(ran);
        Assert.Equal(TimeSpan.FromSeconds(7), scheduler.Now);
        Assert.Equal(Scheduler.Epoch + TimeSpan.FromSeconds(7), scheduler.Instant.Utc);
    }

    [Fact]
    public void RunsAnEventForAPastTimeNow()
    {
        var scheduler = new Scheduler();
        scheduler.AdvanceTo(TimeSpan.FromSeconds(9));
        scheduler.At(TimeSpan.FromSeconds(1), () => { });
        Assert.Equal(TimeSpan.FromSeconds(9), scheduler.NextEvent);
    }
}
