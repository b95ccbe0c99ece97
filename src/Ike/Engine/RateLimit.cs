using Ipsec.Net;

namespace Ipsec.Ike.Engine;

/// <summary>
/// A token bucket over the caller's time. RFC 7296 §2.21.4 and §2.4: what a node does because of unprotected messages MUST be limited in rate.
/// </summary>
sealed class RateLimit(int burst, TimeSpan refill)
{
    double _tokens = burst;
    TimeSpan _last;

    public bool TryTake(Instant now)
    {
        _tokens = Math.Min(burst, _tokens + (now.Monotonic - _last) / refill);
        _last = now.Monotonic;
        if (_tokens < 1)
            return false;
        _tokens--;
        return true;
    }
}
