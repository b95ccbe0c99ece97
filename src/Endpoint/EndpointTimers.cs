using Ipsec.Net;

namespace Ipsec.Endpoint;

enum EndpointTimerKind
{
    /// <summary>A replaced inbound SA stops accepting. Subject: the child SA.</summary>
    InboundGraceOver,

    /// <summary>A tunnel may ask for an SA again. Subject: the tunnel number.</summary>
    AcquireAgain,

    /// <summary>An unknown SPI may be reported again.</summary>
    UnknownSpiAgain,

    /// <summary>A datagram that a fault held back leaves. Subject: its number.</summary>
    LateDatagram,
}

readonly record struct EndpointTimer(EndpointTimerKind Kind, ulong Subject);

/// <summary>What the endpoint itself has to do later; the engine keeps its own timers.</summary>
sealed class EndpointTimers
{
    // The running number makes timers of the same instant fire in the order in which they were set.
    readonly PriorityQueue<EndpointTimer, (TimeSpan Due, ulong Order)> _queue = new();
    ulong _order;

    public TimeSpan? NextTimeout => _queue.TryPeek(out _, out (TimeSpan Due, ulong Order) first) ? first.Due : null;

    public void Set(EndpointTimer timer, TimeSpan delay, Instant now) => _queue.Enqueue(timer, (now.Monotonic + delay, _order++));

    public bool TryTakeDue(Instant now, out EndpointTimer timer)
    {
        if (_queue.TryPeek(out timer, out (TimeSpan Due, ulong Order) first) && first.Due <= now.Monotonic)
        {
            _queue.Dequeue();
            return true;
        }
        timer = default;
        return false;
    }

    public static TimeSpan? Earlier(TimeSpan? left, TimeSpan? right) =>
        left is null ? right : right is null ? left : left < right ? left : right;
}
