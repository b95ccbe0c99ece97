using System.Runtime.InteropServices;

namespace Ipsec.Benchmarks.ManyTunnels;

/// <summary>Processor time of the thread that asks, its system calls included (clock_gettime(2), CLOCK_THREAD_CPUTIME_ID).</summary>
static unsafe partial class ThreadClock
{
    const int ThreadProcessorTime = 3;
    const long NanosecondsPerSecond = 1_000_000_000;

    public static long Nanoseconds
    {
        get
        {
            long* time = stackalloc long[2];
            GetTime(ThreadProcessorTime, time);
            return time[0] * NanosecondsPerSecond + time[1];
        }
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, long* time);
}
