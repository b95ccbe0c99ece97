using System.Diagnostics;

namespace Ipsec.Benchmarks.Throughput;

/// <summary>What a tunnel's programs use of the processors from now on.</summary>
readonly record struct ProcessorMeter(ITunnelUnderTest Tunnel, TimeSpan Before, long StartedAt)
{
    public static ProcessorMeter Start(ITunnelUnderTest tunnel) => new(tunnel, tunnel.ProcessorTime, Stopwatch.GetTimestamp());

    public TimeSpan Used => Tunnel.ProcessorTime - Before;

    /// <summary>100 is one processor.</summary>
    public double Percent => 100 * Used / Stopwatch.GetElapsedTime(StartedAt);
}
