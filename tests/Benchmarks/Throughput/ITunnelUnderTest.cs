namespace Ipsec.Benchmarks.Throughput;

/// <summary>A program that carries the traffic between the two ends, running at both.</summary>
interface ITunnelUnderTest : IAsyncDisposable
{
    /// <summary>What it and its other end have used of the processors so far.</summary>
    TimeSpan ProcessorTime { get; }
}

/// <summary>No tunnel: what the wire itself does.</summary>
sealed class BareWire : ITunnelUnderTest
{
    public TimeSpan ProcessorTime => TimeSpan.Zero;

    public static async Task<ITunnelUnderTest> StartAsync(Underlay underlay)
    {
        await underlay.ConnectBareAsync();
        return new BareWire();
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
