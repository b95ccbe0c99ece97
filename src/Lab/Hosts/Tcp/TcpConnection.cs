using Ipsec.Lab.Network;
using Ipsec.Net;

namespace Ipsec.Lab.Hosts.Tcp;

/// <summary>The states of RFC 9293 §3.3.2.</summary>
enum TcpState
{
    SynSent,
    SynReceived,
    Established,
    FinWait1,
    FinWait2,
    CloseWait,
    Closing,
    LastAck,
    TimeWait,
    Closed,
}

/// <summary>How a connection ended.</summary>
enum TcpEnd
{
    /// <summary>Both sides have said that they are done.</summary>
    Finished,

    /// <summary>Nobody listens at that port.</summary>
    Refused,
    Reset,
    TimedOut,
    Aborted,
}

/// <summary>The program at one end of a connection.</summary>
interface ITcpOwner
{
    void Connected(TcpConnection connection)
    {
    }

    void Received(TcpConnection connection, ReadOnlySpan<byte> data);

    /// <summary>The peer sends nothing more.</summary>
    void PeerFinished(TcpConnection connection);

    void Closed(TcpConnection connection, TcpEnd end);
}

/// <summary>What a connection needs of its host.</summary>
interface ITcpNetwork
{
    void Transmit(TcpConnection connection, TcpSegment segment);

    /// <summary>Nothing of it is left.</summary>
    void Forget(TcpConnection connection);
}

/// <summary>One connection of a virtual host (RFC 9293). What arrives in order goes to the owner at once, so the window never shrinks.</summary>
sealed class TcpConnection
{
    const int OwnWindow = ushort.MaxValue;

    // Twice the maximum segment lifetime (RFC 9293 §3.4.2), with a lifetime of half a minute.
    static readonly TimeSpan TimeWaitTime = TimeSpan.FromMinutes(1);

    readonly ITcpNetwork _network;
    readonly ReceiveBuffer _received = new();
    readonly TcpSender _sender;
    readonly TcpTimer _timeWait;
    readonly ushort _announcedSize;
    SequenceNumber _next;
    SequenceNumber? _peerFin;

    /// <param name="segmentSize">Octets of data that fit the path as far as it is known.</param>
    /// <param name="announcedSize">What the peer may send in one segment.</param>
    public TcpConnection(TransportAddress local, TransportAddress remote, ITcpOwner owner, Scheduler scheduler, SequenceNumber initial, int segmentSize,
        ushort announcedSize, ITcpNetwork network)
    {
        Local = local;
        Remote = remote;
        Owner = owner;
        _network = network;
        _announcedSize = announcedSize;
        _sender = new TcpSender(scheduler, initial, segmentSize, Emit, () => End(TcpEnd.TimedOut));
        _timeWait = new TcpTimer(scheduler, () => End(TcpEnd.Finished));
    }

    public TransportAddress Local { get; }
    public TransportAddress Remote { get; }
    public ITcpOwner Owner { get; }
    public TcpState State { get; private set; }

    /// <summary>Octets of data in the longest segment that it sends.</summary>
    public int SegmentSize => _sender.SegmentSize;

    /// <summary>Active open.</summary>
    public void Connect()
    {
        State = TcpState.SynSent;
        _sender.Open(TcpFlags.Syn);
    }

    /// <summary>Passive open by a peer's SYN.</summary>
    public void Accept(TcpSegment syn)
    {
        State = TcpState.SynReceived;
        TakeSyn(syn);
        _sender.Open(TcpFlags.Syn | TcpFlags.Ack);
    }

    public void Send(ReadOnlySpan<byte> data) => _sender.Send(data);

    /// <summary>Nothing more will be sent; what the peer still sends is taken.</summary>
    public void Finish()
    {
        State = State switch
        {
            TcpState.SynReceived or TcpState.Established => TcpState.FinWait1,
            TcpState.CloseWait => TcpState.LastAck,
            _ => State,
        };
        _sender.Finish();
    }

    /// <summary>Ends it without waiting for anything.</summary>
    public void Abort()
    {
        if (State is not (TcpState.SynSent or TcpState.Closed or TcpState.TimeWait))
            Emit(_sender.Next, TcpFlags.Rst | TcpFlags.Ack, default);
        End(TcpEnd.Aborted);
    }

    /// <summary>A router takes no larger packets than these.</summary>
    public void LimitPath(int segmentSize) => _sender.LimitPath(segmentSize);

    public void Handle(TcpSegment segment)
    {
        if (State == TcpState.SynSent)
            HandleInSynSent(segment);
        else if (State != TcpState.Closed)
            HandleSynchronized(segment);
    }

    void HandleInSynSent(TcpSegment segment)
    {
        bool isForUs = segment.Has(TcpFlags.Ack) && segment.Acknowledgment == _sender.Next;
        if (segment.Has(TcpFlags.Ack) && !isForUs)
        {
            // RFC 9293 §3.10.7.3: of a connection that is gone.
            if (!segment.Has(TcpFlags.Rst))
                Emit(segment.Acknowledgment, TcpFlags.Rst, default);
            return;
        }
        if (segment.Has(TcpFlags.Rst))
        {
            if (isForUs)
                End(TcpEnd.Refused);
            return;
        }
        if (!segment.Has(TcpFlags.Syn))
            return;
        TakeSyn(segment);
        if (!isForUs)
        {
            // Both sides opened at once (RFC 9293 §3.5).
            State = TcpState.SynReceived;
            _sender.Open(TcpFlags.Syn | TcpFlags.Ack);
            return;
        }
        State = TcpState.Established;
        _sender.Acknowledge(segment.Acknowledgment, segment.Window, isBare: false);
        Acknowledge();
        Owner.Connected(this);
    }

    void HandleSynchronized(TcpSegment segment)
    {
        // RFC 9293 §3.10.7.4, first check, and RFC 5961 §3, §4: what is not exactly in place is answered with what would be.
        if (!IsInWindow(segment) || segment.Has(TcpFlags.Syn) || segment.Has(TcpFlags.Rst) && segment.Sequence != _next)
        {
            if (!segment.Has(TcpFlags.Rst) || IsInWindow(segment))
                Acknowledge();
            return;
        }
        if (segment.Has(TcpFlags.Rst))
        {
            End(TcpEnd.Reset);
            return;
        }
        if (!segment.Has(TcpFlags.Ack))
            return;
        if (!_sender.Acknowledge(segment.Acknowledgment, segment.Window, isBare: segment.Length == 0))
        {
            Acknowledge();
            return;
        }
        HandleAcknowledged();
        if (State is TcpState.Established or TcpState.FinWait1 or TcpState.FinWait2)
            TakeData(segment);
    }

    void HandleAcknowledged()
    {
        switch (State)
        {
            case TcpState.SynReceived when _sender.IsOpen:
                State = TcpState.Established;
                Owner.Connected(this);
                break;
            case TcpState.FinWait1 when _sender.IsFinAcknowledged:
                State = TcpState.FinWait2;
                break;
            case TcpState.Closing when _sender.IsFinAcknowledged:
                Wait();
                break;
            case TcpState.LastAck when _sender.IsFinAcknowledged:
                End(TcpEnd.Finished);
                break;
        }
    }

    void TakeData(TcpSegment segment)
    {
        if (segment.Has(TcpFlags.Fin))
            _peerFin = segment.Sequence + segment.Data.Length;
        if (segment.Length == 0)
            return;
        byte[] data = _received.Add(_next, segment.Sequence, segment.Data);
        _next += data.Length;
        bool isFinished = _peerFin is SequenceNumber fin && _next == fin;
        if (isFinished)
            _next += 1;
        Acknowledge();
        if (data.Length > 0)
            Owner.Received(this, data);
        if (isFinished)
            HandlePeerFinished();
    }

    void HandlePeerFinished()
    {
        switch (State)
        {
            case TcpState.Established:
                State = TcpState.CloseWait;
                break;
            case TcpState.FinWait1:
                State = TcpState.Closing;
                break;
            case TcpState.FinWait2:
                Wait();
                break;
            default:
                return;
        }
        Owner.PeerFinished(this);
    }

    bool IsInWindow(TcpSegment segment) => segment.Length == 0
        ? segment.Sequence >= _next && segment.Sequence < _next + OwnWindow
        : segment.Sequence < _next + OwnWindow && segment.Sequence + segment.Length > _next;

    void TakeSyn(TcpSegment syn)
    {
        // RFC 9293 §3.7.1: without the option.
        const int DefaultV4 = 536;
        const int DefaultV6 = 1220;
        _next = syn.Sequence + 1;
        _sender.LimitBeforeData(syn.MaximumSegmentSize is ushort size and > 0 ? size : Remote.Address.IsV6 ? DefaultV6 : DefaultV4);
    }

    /// <summary>For as long as the peer may repeat its FIN because our answer was lost.</summary>
    void Wait()
    {
        State = TcpState.TimeWait;
        _sender.Stop();
        _timeWait.Start(TimeWaitTime);
    }

    void End(TcpEnd end)
    {
        if (State == TcpState.Closed)
            return;
        State = TcpState.Closed;
        _sender.Stop();
        _timeWait.Stop();
        _network.Forget(this);
        Owner.Closed(this, end);
    }

    void Acknowledge() => Emit(_sender.Next, TcpFlags.Ack, default);

    void Emit(SequenceNumber sequence, TcpFlags flags, ReadOnlyMemory<byte> data) => _network.Transmit(this, new TcpSegment(Local.Port, Remote.Port, sequence,
        (flags & TcpFlags.Ack) != 0 ? _next : default, flags, OwnWindow, data, (flags & TcpFlags.Syn) != 0 ? _announcedSize : null));
}
