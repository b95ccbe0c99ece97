using Ipsec.Ike.Configuration;

namespace Ipsec.Azure;

/// <summary>
/// How <c>dpdTimeoutSeconds</c> of a connection is kept. The timeout is the time without a sign of life after which the peer counts as dead: an idle
/// time, then a liveness check and its retransmissions. How a real gateway divides it is not documented. Here the retransmissions, after 1, 2, 4, …
/// seconds, take at most seven tenths of it, and are at most four.
/// </summary>
readonly record struct LivenessTiming(int TimeoutSeconds)
{
    const int MaximumTries = 4;
    const double Share = 0.7;

    public RetransmissionPolicy Retransmission => new() { Timeout = TimeSpan.FromSeconds(1), Backoff = 2, Tries = Tries };

    /// <summary>Before the liveness check.</summary>
    public TimeSpan IdleTime => TimeSpan.FromSeconds(TimeoutSeconds) - Retransmission.TotalTime;

    int Tries
    {
        get
        {
            int tries = MaximumTries;
            while (tries > 1 && RetransmissionSeconds(tries) > TimeoutSeconds * Share)
                tries--;
            return tries;
        }
    }

    /// <summary>From the first transmission until the request is given up: 1 + 2 + 4 … seconds.</summary>
    static int RetransmissionSeconds(int tries) => (1 << (tries + 1)) - 1;
}
