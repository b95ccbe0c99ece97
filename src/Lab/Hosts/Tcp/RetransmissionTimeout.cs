namespace Ipsec.Lab.Hosts.Tcp;

/// <summary>The retransmission timeout from measured round trips (RFC 6298).</summary>
sealed class RetransmissionTimeout
{
    static readonly TimeSpan Initial = TimeSpan.FromSeconds(1);
    static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(200);
    static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    TimeSpan? _smoothed;
    TimeSpan _variation;
    int _backoff;

    /// <summary>RFC 6298 §2.4 asks for a second at least; like every common TCP this one takes a fifth of it.</summary>
    public TimeSpan Current
    {
        get
        {
            TimeSpan timeout = _smoothed is TimeSpan smoothed ? smoothed + 4 * _variation : Initial;
            timeout = (timeout > Shortest ? timeout : Shortest) * (1 << _backoff);
            return timeout < Longest ? timeout : Longest;
        }
    }

    /// <summary>RFC 6298 §2.2, §2.3; a measured segment must not have been sent twice (§3).</summary>
    public void Measure(TimeSpan roundTrip)
    {
        _backoff = 0;
        if (_smoothed is not TimeSpan smoothed)
        {
            (_smoothed, _variation) = (roundTrip, roundTrip / 2);
            return;
        }
        _variation = _variation * 0.75 + (smoothed - roundTrip).Duration() * 0.25;
        _smoothed = smoothed * 0.875 + roundTrip * 0.125;
    }

    /// <summary>RFC 6298 §5.5: it ran out.</summary>
    public void BackOff() => _backoff = Math.Min(_backoff + 1, 8);
}
