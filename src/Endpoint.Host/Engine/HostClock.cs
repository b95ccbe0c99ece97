using Ipsec.Net;

namespace Ipsec.EndpointHost.Engine;

/// <summary>The only place where the host asks what time it is.</summary>
sealed class HostClock(TimeProvider time)
{
    readonly long _start = time.GetTimestamp();

    public TimeSpan Monotonic => time.GetElapsedTime(_start);

    public Instant Now => new(time.GetElapsedTime(_start), time.GetUtcNow());
}
