using Ipsec.EndpointHost.Native;
using Ipsec.EndpointHost.Telemetry;
using Ipsec.Net;
using Microsoft.Extensions.Logging;

namespace Ipsec.EndpointHost.Hosting;

/// <summary>Counts datagrams that could not be sent and says so now and then, not once per packet.</summary>
sealed class SendFailureLog(ILogger logger)
{
    const long QuietMilliseconds = 10_000;

    ulong _count;
    long _quietUntil;

    public ulong Count => Volatile.Read(ref _count);

    public void Add(in NetworkPath path, int error)
    {
        ulong count = Interlocked.Increment(ref _count);
        long now = Environment.TickCount64;
        long quietUntil = Volatile.Read(ref _quietUntil);
        if (now >= quietUntil && Interlocked.CompareExchange(ref _quietUntil, now + QuietMilliseconds, quietUntil) == quietUntil)
            logger.SendFailed(path, LibC.Describe(error), count);
    }
}
