using System.Collections.Immutable;
using Ipsec.Lab.Network;
using Ipsec.Lab.Report;
using Ipsec.Lab.Topology;

namespace Ipsec.Lab.Run;

/// <summary>
/// Decides the expectations of a topology. Pings that must succeed start when every connection is up or has nobody left who might bring
/// it up; pings and tunnels that must fail are judged a moment after every connection is up or has failed once.
/// </summary>
sealed class ExpectationRunner
{
    static readonly TimeSpan CheckInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>Fetches are repeated no more often.</summary>
    static readonly TimeSpan FetchInterval = TimeSpan.FromMinutes(1);

    /// <summary>How long a failure is left to stand before it counts.</summary>
    static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    readonly Scheduler _scheduler;
    readonly ImmutableArray<Expectation> _expectations;
    readonly SortedDictionary<string, ConnectionWatch> _connections;
    readonly ImmutableArray<PingSeries> _pings;
    readonly ImmutableArray<FetchSeries> _fetches;
    readonly TrafficForesight _foresight;
    readonly ImmutableArray<ExpectationSeries> _all;
    readonly bool _wiresLose;
    readonly TimeSpan? _repeatInterval;
    readonly Action<ExpectationResult> _decided;
    TimeSpan? _failedSince;
    TimeSpan? _settledSince;
    TimeSpan? _wokenAt;
    TimeSpan _fetchedAt;

    /// <param name="foresight">Tells why nothing comes back.</param>
    /// <param name="wiresLose">A wire loses packets on purpose: a ping that must succeed may be lost, but not all of its round.</param>
    /// <param name="repeatInterval">Null decides once.</param>
    public ExpectationRunner(Scheduler scheduler, ImmutableArray<Expectation> expectations, SortedDictionary<string, ConnectionWatch> connections,
        ImmutableArray<PingSeries> pings, ImmutableArray<FetchSeries> fetches, TrafficForesight foresight, bool wiresLose, TimeSpan? repeatInterval,
        Action<ExpectationResult> decided)
    {
        _scheduler = scheduler;
        _expectations = expectations;
        _connections = connections;
        _pings = pings;
        _fetches = fetches;
        _foresight = foresight;
        _all = [.. pings, .. fetches];
        _wiresLose = wiresLose;
        _repeatInterval = repeatInterval;
        _decided = decided;
    }

    /// <summary>Every expectation has been decided at least once.</summary>
    public bool IsDecided { get; private set; }

    public void Start() => _scheduler.After(TimeSpan.Zero, Check);

    /// <summary>Every expectation as it stands now.</summary>
    public ImmutableArray<ExpectationResult> Results() => [.. _expectations.Select(Judge)];

    void Check()
    {
        ImmutableArray<ConnectionVerdict> verdicts = [.. _connections.Values.Select(connection => connection.Judge())];
        WakeIdle(verdicts);
        bool isAwake = _wokenAt is null || _scheduler.Now - _wokenAt > Grace;
        _failedSince = isAwake && verdicts.All(verdict => verdict != ConnectionVerdict.Pending) ? _failedSince ?? _scheduler.Now : null;
        _settledSince = isAwake && verdicts.All(verdict => verdict is not (ConnectionVerdict.Pending or ConnectionVerdict.Failed))
            ? _settledSince ?? _scheduler.Now : null;

        bool allUp = verdicts.All(verdict => verdict == ConnectionVerdict.Up);
        bool failuresStand = _failedSince is TimeSpan failed && (allUp || _scheduler.Now - failed >= Grace);
        bool settled = _settledSince is TimeSpan since && (allUp || _scheduler.Now - since >= Grace);
        foreach (ExpectationSeries series in _all)
        {
            if (!series.HasStarted && (series.MustSucceed ? settled : failuresStand))
                series.StartRound();
        }
        bool tunnelsAreDecided = _expectations.OfType<TunnelExpectation>().All(tunnel => tunnel.MustBeUp ? settled : failuresStand);
        if (tunnelsAreDecided && _all.All(series => series.IsResting))
            Decide();
        else
            _scheduler.After(CheckInterval, Check);
    }

    /// <summary>Connections that start on traffic get some.</summary>
    void WakeIdle(ImmutableArray<ConnectionVerdict> verdicts)
    {
        if (_wokenAt is not null || !verdicts.Contains(ConnectionVerdict.Idle))
            return;
        _wokenAt = _scheduler.Now;
        foreach (PingSeries ping in _pings)
        {
            if (ping.MustSucceed)
                ping.SendWake();
        }
    }

    void Decide()
    {
        IsDecided = true;
        foreach (ExpectationResult result in Results())
            _decided(result);
        if (_repeatInterval is TimeSpan interval)
            _scheduler.After(interval, Repeat);
    }

    void Repeat()
    {
        foreach (PingSeries ping in _pings)
            ping.StartRound();
        // A fetch is many packets; pings tell of a gap soon enough.
        if (_scheduler.Now - _fetchedAt >= FetchInterval)
        {
            _fetchedAt = _scheduler.Now;
            foreach (FetchSeries fetch in _fetches)
                fetch.StartRound();
        }
        _scheduler.After(_repeatInterval!.Value, Repeat);
    }

    ExpectationResult Judge(Expectation expectation) => expectation switch
    {
        PingExpectation ping => Judge(_pings.First(series => series.Source == ping), mayFail: _wiresLose),
        FetchExpectation fetch => Judge(_fetches.First(series => series.Source == fetch), mayFail: false),
        TunnelExpectation tunnel => JudgeTunnel(tunnel, _connections[tunnel.Connection]),
        _ => throw new ArgumentException($"{expectation.GetType().Name} cannot be judged.", nameof(expectation)),
    };

    ExpectationResult Judge(ExpectationSeries series, bool mayFail)
    {
        ExpectationResult result = series.Judge(mayFail);
        // Where nothing came back: what stands in the way by the file.
        return series is { Completed: > 0, Succeeded: 0 } && _foresight.WhyNot(series.Source) is string why
            ? result with { Detail = $"{result.Detail}: {why}" } : result;
    }

    static ExpectationResult JudgeTunnel(TunnelExpectation expectation, ConnectionWatch connection) => expectation.MustBeUp
        ? TunnelJudgement.MustBeUp(expectation, connection)
        : TunnelJudgement.MustFail(expectation, connection);
}
