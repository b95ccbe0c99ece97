using Ipsec.Ike.Configuration;
using Ipsec.Ike.Engine;
using Ipsec.Net;

namespace Ipsec.Ike.Delivery;

/// <summary>
/// One request until it is answered (RFC 7296 §2.1, §2.4): sent again, bitwise identical, with pauses that grow exponentially, to wherever
/// the path leads by then; given up after the configured number of tries.
/// </summary>
sealed class Retransmission
{
    // RFC 7383 §2.5.2: a few retries within several seconds for each size.
    const int TriesBeforeRefragmenting = 3;

    readonly EngineContext _context;
    readonly RetransmissionPolicy _policy;
    readonly Func<NetworkPath> _path;
    readonly Action<NetworkPath> _repeated;
    readonly Action<Instant> _unanswered;
    byte[][] _message;
    int _sent;
    bool _isLast;
    EngineTimer? _timer;

    /// <param name="repeated">Told of every transmission after the first.</param>
    /// <param name="unanswered">Told once, after the pause that follows the last try.</param>
    public Retransmission(EngineContext context, RetransmissionPolicy policy, Func<NetworkPath> path, byte[][] message, Action<NetworkPath> repeated,
        Action<Instant> unanswered)
    {
        _context = context;
        _policy = policy;
        _path = path;
        _message = message;
        _repeated = repeated;
        _unanswered = unanswered;
    }

    /// <summary>Asked once for the message in smaller fragments, when it seems not to get through as it is; null leaves it as it is.</summary>
    public Func<NetworkPath, byte[][]?>? Refragment { get; init; }

    /// <summary>Where else the request goes after so many transmissions without an answer (RFC 4555 §3.10).</summary>
    public Func<int, IEnumerable<NetworkPath>>? OtherPaths { get; init; }

    /// <summary>How often the request went out.</summary>
    public int Transmissions => _sent;

    /// <summary>It has also gone to where the path does not lead: its answer does not tell which way it came (RFC 4555 §3.7).</summary>
    public bool WentElsewhere { get; private set; }

    public void Start(Instant now) => Transmit(now);

    /// <summary>Begins anew, because the path has changed.</summary>
    public void Again(Instant now)
    {
        if (_isLast)
            return;
        Stop();
        _sent = 1;
        Transmit(now);
    }

    /// <summary>The reply is there, or nobody waits for it any more.</summary>
    public void Stop()
    {
        _context.Timers.Cancel(_timer);
        _timer = null;
    }

    /// <summary>No further transmission: one more first pause for a better answer, and that is the end.</summary>
    public void GiveUpSoon(Instant now)
    {
        if (_isLast)
            return;
        _isLast = true;
        Stop();
        _timer = _context.Timers.Schedule(now, _policy.Timeout, HandlePause);
    }

    void Transmit(Instant now)
    {
        NetworkPath path = _path();
        if (_sent > 0)
            _repeated(path);
        if (_sent == TriesBeforeRefragmenting && Refragment?.Invoke(path) is byte[][] smaller)
        {
            _message = smaller;
            // RFC 7383 §2.5.2: the pauses start over.
            _sent = 0;
        }
        _context.Transmit(path, _message);
        foreach (NetworkPath other in OtherPaths?.Invoke(_sent) ?? [])
        {
            WentElsewhere = true;
            _repeated(other);
            _context.Transmit(other, _message);
        }
        _timer = _context.Timers.Schedule(now, DrawnPause(_sent++), HandlePause);
    }

    TimeSpan DrawnPause(int sent)
    {
        TimeSpan pause = _policy.Pause(sent);
        return _policy.Jitter > 0 ? pause * (1 - _policy.Jitter * _context.NextFraction()) : pause;
    }

    void HandlePause(Instant now)
    {
        _timer = null;
        if (!_isLast && _sent <= _policy.Tries)
            Transmit(now);
        else
            _unanswered(now);
    }
}
