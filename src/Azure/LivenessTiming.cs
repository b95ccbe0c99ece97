using Ipsec.Azure.Resources;

namespace Ipsec.Azure;

/// <summary>
/// How <c>dpdTimeoutSeconds</c> is kept. The timeout is the time without a sign of life after which the peer counts as dead: an idle time, then a
/// liveness check and its retransmissions. How a real gateway divides it is not documented. Here the retransmissions take at most seven
/// tenths of the shortest timeout of the gateway's connections.
/// </summary>
readonly record struct LivenessTiming(int Tries)
{
    public const double Backoff = 2;

    const int MaximumTries = 4;

    public static TimeSpan FirstRetransmission => TimeSpan.FromSeconds(1);

    public static LivenessTiming For(IReadOnlyCollection<GatewayConnection> connections)
    {
        int shortest = connections.Count == 0 ? 45 : connections.Min(connection => connection.DpdTimeoutSeconds);
        int tries = MaximumTries;
        while (tries > 1 && RetransmissionSeconds(tries) > shortest * 0.7)
            tries--;
        return new LivenessTiming(tries);
    }

    /// <summary>Idle time before the liveness check of a connection with this timeout.</summary>
    public TimeSpan IdleTime(int timeoutSeconds) => TimeSpan.FromSeconds(timeoutSeconds - RetransmissionSeconds(Tries));

    /// <summary>From the first transmission until the request is given up: 1 + 2 + 4 … seconds.</summary>
    static int RetransmissionSeconds(int tries) => (1 << (tries + 1)) - 1;
}
