using Ipsec.Esp.Associations;
using Ipsec.Net;

namespace Ipsec.Esp.Workers;

/// <summary>
/// What one worker has laid out and not given away yet: datagrams of one SA, sealed as many at once as its cipher likes, and all before they leave. The
/// worker holds the SA's <see cref="OutboundAssociation.SendLock"/> from the first one until they are given away, so that they leave in the order of their
/// numbers; it never holds two.
/// </summary>
sealed class SealBatch(SlotPool<byte[]> buffers)
{
    OutboundAssociation? _association;
    byte[] _buffer = [];
    NetworkPath _path;
    byte _trafficClass;
    int _length;
    int _sealedLength;
    int _count;
    int _unsealed;
    int _segmentSize;
    bool _isClosed;

    /// <summary>Makes the SA this worker's. What is there for another one, or goes another way, is given away first.</summary>
    public void Begin<TSink>(OutboundAssociation association, byte trafficClass, ref TSink sink) where TSink : IDataPathSink, allows ref struct
    {
        ref readonly NetworkPath path = ref association.Sa.Path.Path;
        if (_association == association && _trafficClass == trafficClass && _path == path)
            return;
        Flush(ref sink);
        association.SendLock.Enter();
        _association = association;
        _buffer = buffers.Rent();
        _path = path;
        _trafficClass = trafficClass;
    }

    /// <summary>Room for the next datagram of a run; of a run all have one length, and the last one may be shorter.</summary>
    public Span<byte> Next<TSink>(int datagramLength, ref TSink sink) where TSink : IDataPathSink, allows ref struct
    {
        if (_count > 0 && (_isClosed || _count == SealRun.MaximumCount || datagramLength > _segmentSize || _length + datagramLength > SealRun.LongestRun))
            Transmit(ref sink);
        return _buffer.AsSpan(_length, datagramLength);
    }

    /// <summary>What <see cref="Next"/> gave is laid out.</summary>
    public void Commit(int datagramLength)
    {
        if (_count == 0)
            _segmentSize = datagramLength;
        _isClosed = datagramLength < _segmentSize;
        _length += datagramLength;
        _count++;
        if (++_unsealed >= _association!.PreferredRun)
            Seal(_association);
    }

    public void Flush<TSink>(ref TSink sink) where TSink : IDataPathSink, allows ref struct
    {
        if (_association is null)
            return;
        try
        {
            Transmit(ref sink);
        }
        finally
        {
            Discard();
        }
    }

    public void Discard()
    {
        OutboundAssociation? association = _association;
        if (association is null)
            return;
        _association = null;
        Clear();
        buffers.Return(_buffer);
        association.SendLock.Exit();
    }

    void Transmit<TSink>(ref TSink sink) where TSink : IDataPathSink, allows ref struct
    {
        if (_unsealed > 0)
            Seal(_association!);
        if (_count > 0)
            sink.Transmit(_path, _trafficClass, _buffer.AsSpan(0, _length), _segmentSize);
        Clear();
    }

    void Seal(OutboundAssociation association)
    {
        // Of an SA that was removed from within the worker's own sink, nothing may leave that is not sealed.
        if (association.TrySeal(_buffer.AsSpan(_sealedLength, _length - _sealedLength), _segmentSize))
        {
            _sealedLength = _length;
        }
        else
        {
            _length = _sealedLength;
            _count -= _unsealed;
        }
        _unsealed = 0;
    }

    void Clear()
    {
        _length = _sealedLength = _count = _unsealed = 0;
        _isClosed = false;
    }
}

/// <summary>What one sendmsg with UDP_SEGMENT takes.</summary>
static class SealRun
{
    /// <summary>Largest UDP payload over IPv4: room for any datagram.</summary>
    public const int MaximumLength = 65507;

    /// <summary>
    /// Several datagrams together. With the headers of UDP, IP and the link it must stay below 65,536, or Linux cuts the run before it leaves
    /// (gso_max_size), and the receiver gets datagrams one by one.
    /// </summary>
    public const int LongestRun = 65000;

    /// <summary>The kernel's UDP_MAX_SEGMENTS.</summary>
    public const int MaximumCount = 64;
}
