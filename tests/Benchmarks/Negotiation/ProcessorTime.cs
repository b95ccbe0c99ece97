using System.Diagnostics;

namespace Ipsec.Benchmarks.Negotiation;

/// <summary>What a piece of work took of this process.</summary>
readonly record struct ProcessorTime(TimeSpan Wall, TimeSpan Used)
{
    public static ProcessorTime Of(Action work)
    {
        TimeSpan before = Environment.CpuUsage.TotalTime;
        long started = Stopwatch.GetTimestamp();
        work();
        return new ProcessorTime(Stopwatch.GetElapsedTime(started), Environment.CpuUsage.TotalTime - before);
    }
}
