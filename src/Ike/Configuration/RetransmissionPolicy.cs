namespace Ipsec.Ike.Configuration;

/// <summary>
/// How often a request is sent before the peer counts as dead (RFC 7296 §2.1, §2.4): the pauses grow exponentially, and the last one is waited
/// for before giving up.
/// </summary>
public sealed record RetransmissionPolicy
{
    /// <summary>Pause before the first retransmission.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Each further pause is longer by this factor, 1 or more.</summary>
    public double Backoff { get; init; } = 1.8;

    /// <summary>Retransmissions after the first transmission, 1 or more.</summary>
    public int Tries { get; init; } = 6;

    /// <summary>Part of each pause, 0 to below 1, that may be taken off it, as drawn: many tunnels that lose their peer at once do not ask in step.</summary>
    public double Jitter { get; init; }

    /// <summary>No pause is longer; null lets them grow.</summary>
    public TimeSpan? MaximumPause { get; init; }

    /// <summary>From the first transmission to giving up, at most.</summary>
    public TimeSpan TotalTime
    {
        get
        {
            TimeSpan total = TimeSpan.Zero;
            for (int sent = 0; sent <= Tries; sent++)
                total += Pause(sent);
            return total;
        }
    }

    /// <summary>Without jitter, after so many retransmissions.</summary>
    internal TimeSpan Pause(int sent)
    {
        // A product that no TimeSpan holds is as good as the longest pause that one would wait for.
        double seconds = Math.Min(Timeout.TotalSeconds * Math.Pow(Backoff, sent), TimeSpan.FromDays(1).TotalSeconds);
        var pause = TimeSpan.FromSeconds(seconds);
        return MaximumPause is TimeSpan maximum && maximum < pause ? maximum : pause;
    }
}
