namespace Ipsec.Esp.Workers;

/// <summary>
/// Datagrams of one length, the last one maybe shorter, side by side in one buffer: what one sendmsg with UDP_SEGMENT takes.
/// </summary>
ref struct SealRun(Span<byte> buffer)
{
    /// <summary>Largest UDP payload over IPv4; the kernel takes no longer run.</summary>
    public const int MaximumLength = 65507;

    /// <summary>The kernel's UDP_MAX_SEGMENTS.</summary>
    public const int MaximumCount = 64;

    readonly Span<byte> _buffer = buffer;
    int _length;
    int _count;
    bool _isClosed;

    public int SegmentSize { get; private set; }

    public readonly bool IsEmpty => _count == 0;

    public readonly ReadOnlySpan<byte> Datagrams => _buffer[.._length];

    public readonly bool HasRoomFor(int datagramLength) => _count == 0
        || !_isClosed && _count < MaximumCount && datagramLength <= SegmentSize && _length + datagramLength <= MaximumLength;

    public readonly Span<byte> Next(int datagramLength) => _buffer.Slice(_length, datagramLength);

    public void Commit(int datagramLength)
    {
        if (_count == 0)
            SegmentSize = datagramLength;
        _isClosed = datagramLength < SegmentSize;
        _length += datagramLength;
        _count++;
    }

    public void Clear()
    {
        _length = _count = 0;
        _isClosed = false;
    }
}
