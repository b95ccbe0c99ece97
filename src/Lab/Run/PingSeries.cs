using Ipsec.Lab.Fabric;
using Ipsec.Lab.Network;
using Ipsec.Lab.Topology;
using Ipsec.Net;

namespace Ipsec.Lab.Run;

/// <summary>The pings of one expectation, in rounds of its count, and what came of them.</summary>
sealed class PingSeries(PingExpectation expectation, ILabHost from, IpAddress to, Scheduler scheduler, TimeSpan timeout, PingLog log,
    Func<TimeSpan, TimeSpan, bool> isExcused) : ExpectationSeries(expectation, expectation.MustSucceed, "ping", scheduler, isExcused)
{
    /// <summary>Between two pings of a round; shorter than people's second, since nobody waits for lab time.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    TimeSpan _totalTime;
    TimeSpan _shortest = TimeSpan.MaxValue;
    TimeSpan _longest;
    int? _tooBigMtu;

    public override void StartRound()
    {
        Begin(expectation.Count);
        for (int i = 0; i < expectation.Count; i++)
            Scheduler.After(i * Interval, SendOne);
    }

    /// <summary>A ping that is told of and does not count.</summary>
    public void SendWatched()
    {
        ushort sequence = 0;
        sequence = from.Ping(to, expectation.Size, timeout, outcome =>
            log.Completed(from, expectation.From, expectation.To, sequence, expectation.Size, outcome));
    }

    /// <summary>A ping that only wakes a tunnel up; it does not count.</summary>
    public void SendWake() => from.Ping(to, expectation.Size, timeout, _ => { });

    /// <summary>"3 of 3 answered, round trip 0.42 ms" and what else was seen.</summary>
    public override string Describe()
    {
        string text = $"{Succeeded} of {Begun} answered";
        if (Succeeded > 0)
            text += $", round trip {Milliseconds(_shortest)}/{Milliseconds(_totalTime / Succeeded)}/{Milliseconds(_longest)} ms (min/avg/max)";
        if (Excused > 0)
            text += $"; {Excused} lost within the recovery of a fault";
        if (_tooBigMtu is int mtu)
            text += $"; a router on the way takes no packet above {mtu} octets";
        return text;
    }

    void SendOne()
    {
        ushort sequence = 0;
        TimeSpan sent = Scheduler.Now;
        sequence = from.Ping(to, expectation.Size, timeout, outcome => Complete(sequence, sent, outcome));
    }

    void Complete(ushort sequence, TimeSpan sent, EchoOutcome outcome)
    {
        HasFailed(outcome.RoundTripTime is not null, sent);
        _tooBigMtu = outcome.TooBigMtu ?? _tooBigMtu;
        if (outcome.RoundTripTime is TimeSpan time)
        {
            _totalTime += time;
            _shortest = time < _shortest ? time : _shortest;
            _longest = time > _longest ? time : _longest;
        }
        log.Completed(from, expectation.From, expectation.To, sequence, expectation.Size, outcome);
    }

    static string Milliseconds(TimeSpan time) => FormattableString.Invariant($"{time.TotalMilliseconds:0.00}");
}
