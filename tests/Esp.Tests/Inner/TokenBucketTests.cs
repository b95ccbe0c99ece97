using Ipsec.Esp.Inner;

namespace Ipsec.Esp.Tests.Inner;

public class TokenBucketTests
{
    [Fact]
    public void PassesItsDepthAtOnceAndItsRateForEver()
    {
        // 8 Mbit/s are 1,000 octets per millisecond.
        var bucket = new TokenBucket(new ShaperSettings(8_000_000, TimeSpan.FromMilliseconds(10)));
        TimeSpan now = TimeSpan.FromDays(1);
        Assert.Equal(11, Passed(100));
        Assert.Equal(0, Passed(100));
        now += TimeSpan.FromMilliseconds(3);
        Assert.Equal(3, Passed(100));
        now += TimeSpan.FromHours(1);
        Assert.Equal(11, Passed(100));

        int passed = 0;
        for (int i = 0; i < 10_000; i++)
        {
            now += TimeSpan.FromMilliseconds(0.1);
            passed += Passed(1);
        }
        Assert.InRange(passed, 998, 1001);

        int Passed(int packets) => Enumerable.Range(0, packets).Count(_ => bucket.TryTake(1000, now));
    }

    [Fact]
    public void CountsOctetsAndTakesTheFastestAndTheSlowestRate()
    {
        var fast = new TokenBucket(new ShaperSettings(ShaperSettings.FastestRate, ShaperSettings.DefaultDepth));
        Assert.All(Enumerable.Range(0, 1000), _ => Assert.True(fast.TryTake(65_535, TimeSpan.Zero)));
        var slow = new TokenBucket(new ShaperSettings(ShaperSettings.SlowestRate, TimeSpan.FromSeconds(10)));
        Assert.True(slow.TryTake(1250, TimeSpan.Zero));
        Assert.True(slow.TryTake(1, TimeSpan.Zero));
        Assert.False(slow.TryTake(1, TimeSpan.Zero));
        Assert.False(slow.TryTake(1, TimeSpan.FromMilliseconds(7)));
        Assert.True(slow.TryTake(1, TimeSpan.FromMilliseconds(8)));
    }
}
