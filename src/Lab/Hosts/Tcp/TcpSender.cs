using Ipsec.Lab.Network;

namespace Ipsec.Lab.Hosts.Tcp;

/// <summary>
/// The sending half of a connection: what was sent, what the peer has, and what is sent again (RFC 9293 §3.8, RFC 5681, RFC 6298). Data goes out at once,
/// without Nagle's delay.
/// </summary>
sealed class TcpSender
{
    const int DuplicatesOfALoss = 3;
    const int MostTries = 8;
    const int MostSynTries = 5;

    readonly Scheduler _scheduler;
    readonly Action<SequenceNumber, TcpFlags, ReadOnlyMemory<byte>> _emit;
    readonly Action _givenUp;
    readonly SendBuffer _buffer = new();
    readonly RetransmissionTimeout _timeout = new();
    readonly TcpTimer _timer;
    readonly SequenceNumber _initial;
    CongestionWindow _congestion;
    TcpFlags _opening;
    SequenceNumber _next;
    SequenceNumber _highest;
    (SequenceNumber End, TimeSpan Sent)? _measured;
    int _duplicates;
    int _tries;
    bool _isFinQueued;

    /// <param name="segmentSize">Octets of data that fit the path.</param>
    /// <param name="emit">Sends a segment.</param>
    /// <param name="givenUp">Nothing was acknowledged for too long.</param>
    public TcpSender(Scheduler scheduler, SequenceNumber initial, int segmentSize, Action<SequenceNumber, TcpFlags, ReadOnlyMemory<byte>> emit, Action givenUp)
    {
        _scheduler = scheduler;
        _initial = initial;
        _emit = emit;
        _givenUp = givenUp;
        _timer = new TcpTimer(scheduler, HandleTimeout);
        _congestion = new CongestionWindow(segmentSize);
        SegmentSize = segmentSize;
        Unacknowledged = _next = _highest = initial;
    }

    public SequenceNumber Unacknowledged { get; private set; }

    /// <summary>What the next segment without data carries.</summary>
    public SequenceNumber Next => _next;

    /// <summary>Octets of data in the longest segment.</summary>
    public int SegmentSize { get; private set; }

    /// <summary>What the peer has room for.</summary>
    public int Window { get; private set; }

    public bool IsOpen => Unacknowledged > _initial;

    public bool IsFinAcknowledged { get; private set; }

    /// <summary>The sequence number of the first octet that is not acknowledged; the SYN has one of its own.</summary>
    SequenceNumber First => IsOpen ? Unacknowledged : _initial + 1;

    bool IsFinSent => _isFinQueued && _next - First > _buffer.Length;

    /// <param name="flags">SYN, or SYN and ACK.</param>
    public void Open(TcpFlags flags)
    {
        _opening = flags;
        _emit(_initial, flags, default);
        _next = _highest = _initial + 1;
        _timer.Start(_timeout.Current);
    }

    /// <summary>The peer's SYN named its own limit; the congestion window counts in the smaller one.</summary>
    public void LimitBeforeData(int segmentSize)
    {
        if (segmentSize >= SegmentSize)
            return;
        SegmentSize = segmentSize;
        _congestion = new CongestionWindow(segmentSize);
    }

    /// <summary>A router takes no larger packets: what is on its way was dropped there (RFC 1191 §6.3).</summary>
    public void LimitPath(int segmentSize)
    {
        if (segmentSize >= SegmentSize)
            return;
        SegmentSize = segmentSize;
        if (!IsOpen)
            return;
        _next = Unacknowledged;
        _measured = null;
        Pump();
    }

    public void Send(ReadOnlySpan<byte> data)
    {
        _buffer.Append(data);
        Pump();
    }

    /// <summary>No data comes after what was given.</summary>
    public void Finish()
    {
        _isFinQueued = true;
        Pump();
    }

    public void Stop() => _timer.Stop();

    /// <summary>False where it acknowledges what was never sent.</summary>
    /// <param name="isBare">The segment carries nothing else: a duplicate of it is the sign of a gap (RFC 5681 §2).</param>
    public bool Acknowledge(SequenceNumber acknowledgment, int window, bool isBare)
    {
        if (acknowledgment > _highest)
            return false;
        int acknowledged = acknowledgment - Unacknowledged;
        if (acknowledged > 0)
            Advance(acknowledgment, acknowledged);
        else if (acknowledged == 0 && isBare && window == Window && _next > Unacknowledged)
            CountDuplicate();
        if (acknowledged >= 0)
            Window = window;
        Pump();
        return true;
    }

    void Advance(SequenceNumber acknowledgment, int acknowledged)
    {
        _tries = _duplicates = 0;
        if (_measured is (SequenceNumber end, TimeSpan sent) && acknowledgment >= end)
        {
            _timeout.Measure(_scheduler.Now - sent);
            _measured = null;
        }
        int octets = acknowledgment - First;
        int data = Math.Min(octets, _buffer.Length);
        _buffer.Drop(data);
        IsFinAcknowledged |= _isFinQueued && octets > data;
        Unacknowledged = acknowledgment;
        if (_next < acknowledgment)
            _next = acknowledgment;
        if (_congestion.Recovery is not SequenceNumber recovery)
            _congestion.Grow(acknowledged, SegmentSize);
        else if (acknowledgment >= recovery)
            _congestion.EndRecovery();
        else
            // RFC 6582 §3.2: there is another gap behind the one that was filled.
            Repeat();
        _timer.Stop();
    }

    void CountDuplicate()
    {
        if (_congestion.Recovery is not null)
        {
            _congestion.Inflate(SegmentSize);
        }
        else if (++_duplicates == DuplicatesOfALoss)
        {
            _congestion.BeginRecovery(_next - Unacknowledged, SegmentSize, _highest);
            Repeat();
        }
    }

    /// <summary>Sends what the windows allow.</summary>
    void Pump()
    {
        while (IsOpen && !IsFinSent && !IsFinAcknowledged && TrySendNext())
        {
        }
        bool waits = _next > Unacknowledged || IsOpen && _buffer.Length > 0 && Window == 0;
        if (waits && !_timer.IsRunning)
            _timer.Start(_timeout.Current);
    }

    bool TrySendNext()
    {
        int inFlight = _next - Unacknowledged;
        int unsent = _buffer.Length - inFlight;
        int length = Math.Max(0, Math.Min(Math.Min(SegmentSize, unsent), Math.Min(Window, _congestion.Size) - inFlight));
        bool isLast = length == unsent;
        // RFC 9293 §3.8.6.2.1: no small segments because of a small window, unless nothing else is on its way.
        if (length == 0 && !(isLast && _isFinQueued) || length < SegmentSize && !isLast && inFlight > 0)
            return false;
        bool isNew = _next >= _highest;
        Emit(inFlight, length, isLast, isLast && _isFinQueued);
        _next += length + (isLast && _isFinQueued ? 1 : 0);
        if (isNew)
            _measured ??= (_next, _scheduler.Now);
        if (_next > _highest)
            _highest = _next;
        return true;
    }

    /// <summary>The first segment that is not acknowledged, once more.</summary>
    void Repeat()
    {
        int sent = _highest - Unacknowledged;
        int length = Math.Min(Math.Min(SegmentSize, _buffer.Length), sent);
        bool isLast = length == _buffer.Length;
        _measured = null;
        Emit(0, length, isLast, isLast && sent > length);
    }

    void Emit(int offset, int length, bool isLast, bool withFin)
    {
        TcpFlags flags = TcpFlags.Ack | (isLast && length > 0 ? TcpFlags.Psh : TcpFlags.None) | (withFin ? TcpFlags.Fin : TcpFlags.None);
        _emit(Unacknowledged + offset, flags, _buffer.Slice(offset, length));
    }

    void HandleTimeout()
    {
        bool isProbe = IsOpen && Window == 0 && _next == Unacknowledged;
        if (!isProbe && ++_tries > (IsOpen ? MostTries : MostSynTries))
        {
            _givenUp();
            return;
        }
        _timeout.BackOff();
        _measured = null;
        _duplicates = 0;
        if (!IsOpen)
        {
            _emit(_initial, _opening, default);
        }
        else if (isProbe)
        {
            // RFC 9293 §3.8.6.1: one octet asks whether the window is open again.
            Emit(0, 1, isLast: false, withFin: false);
            if (_highest < _next + 1)
                _highest = _next + 1;
        }
        else
        {
            _congestion.Collapse(_next - Unacknowledged, SegmentSize);
            _next = Unacknowledged;
        }
        Pump();
        if (!_timer.IsRunning)
            _timer.Start(_timeout.Current);
    }
}
