namespace Ipsec.Esp.Inner;

/// <summary>
/// A bounded queue that holds no packets: it only knows until when the line would be busy at its rate, and refuses what would have to wait longer than its
/// depth (the virtual scheduling algorithm of ITU-T I.371). Any number of workers, without a lock.
/// </summary>
sealed class TokenBucket(ShaperSettings settings)
{
    readonly long _depth = Nanoseconds(settings.Depth);
    long _busyUntil;

    public ShaperSettings Settings { get; } = settings;

    /// <summary>False if the packet does not fit any more.</summary>
    public bool TryTake(int octets, TimeSpan now)
    {
        long time = Nanoseconds(now);
        long duration = octets * 8_000_000_000 / Settings.BitsPerSecond;
        long before = Volatile.Read(ref _busyUntil);
        while (true)
        {
            long start = Math.Max(before, time);
            if (start - time > _depth)
                return false;
            long seen = Interlocked.CompareExchange(ref _busyUntil, start + duration, before);
            if (seen == before)
                return true;
            before = seen;
        }
    }

    static long Nanoseconds(TimeSpan time) => time.Ticks * 100;
}
