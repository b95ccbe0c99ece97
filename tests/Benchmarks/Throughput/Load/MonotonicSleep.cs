using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Ipsec.Benchmarks.Throughput.Load;

/// <summary>Sleeps to a moment of the monotonic clock, as close to it as the kernel's timers are: some microseconds, not the runtime's milliseconds.</summary>
static unsafe partial class MonotonicSleep
{
    const int MonotonicClock = 1; // CLOCK_MONOTONIC
    const int AbsoluteTime = 1; // TIMER_ABSTIME
    const int SetTimerSlack = 29; // PR_SET_TIMERSLACK
    const long Nanoseconds = 1_000_000_000;

    /// <summary>Nanoseconds of the monotonic clock, which all processes of the machine share.</summary>
    public static long Now => Stopwatch.GetTimestamp() * (Nanoseconds / Stopwatch.Frequency);

    /// <summary>This thread is woken when it asked to be, not up to 50 µs later.</summary>
    public static void WithoutSlack() => ProcessControl(SetTimerSlack, 1, 0, 0, 0);

    /// <summary>Comes back at once where the moment has passed.</summary>
    public static void Until(long moment)
    {
        TimeSpecification until = new() { Seconds = moment / Nanoseconds, Nanoseconds = moment % Nanoseconds };
        ClockSleep(MonotonicClock, AbsoluteTime, &until, null);
    }

    [LibraryImport("libc", EntryPoint = "clock_nanosleep")]
    private static partial int ClockSleep(int clock, int flags, TimeSpecification* request, TimeSpecification* remaining);

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int ProcessControl(int option, nuint second, nuint third, nuint fourth, nuint fifth);

    /// <summary>struct timespec.</summary>
    [StructLayout(LayoutKind.Sequential)]
    struct TimeSpecification
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
