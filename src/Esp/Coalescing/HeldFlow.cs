using System.Buffers.Binary;
using Ipsec.Esp.Inner;
using Ipsec.Net;

namespace Ipsec.Esp.Coalescing;

/// <summary>One flow's packets that wait to become one.</summary>
sealed class HeldFlow
{
    /// <summary>An IPv4 packet's total length has 16 bits, an IPv6 packet's payload length too.</summary>
    const int MaximumLength = ushort.MaxValue;

    readonly PayloadSlice[] _others = new PayloadSlice[PacketCoalescer.MaximumSegments - 1];
    int _offset;
    int _firstLength;
    int _headerLength;
    int _ipHeaderLength;
    int _segmentSize;
    int _length;
    int _count;
    uint _nextSequence;
    SegmentationKind _kind;
    bool _isClosed;
    bool _isPushed;

    public bool IsEmpty => _count == 0;

    /// <summary>Order of beginning, for the choice of which one goes first.</summary>
    public long Number { get; private set; }

    public ReadOnlySpan<byte> FirstPacket(ReadOnlySpan<byte> memory) => memory.Slice(_offset, _firstLength);

    public void Begin(in TransportSegment segment, int offset, long number)
    {
        Number = number;
        _offset = offset;
        _firstLength = _length = segment.Packet.Length;
        _headerLength = segment.HeaderLength;
        _ipHeaderLength = segment.IpHeaderLength;
        _segmentSize = segment.PayloadLength;
        _nextSequence = segment.IsTcp ? segment.Sequence + (uint)segment.PayloadLength : 0;
        _kind = segment.Kind;
        _isClosed = _isPushed = segment.IsPushed;
        _count = 1;
    }

    /// <summary>Takes the packet in if cutting the whole again gives exactly it at this place.</summary>
    public bool TryAppend(ReadOnlySpan<byte> memory, in TransportSegment segment, int offset)
    {
        int payloadLength = segment.PayloadLength;
        if (_isClosed || _count == PacketCoalescer.MaximumSegments || payloadLength > _segmentSize || _length + payloadLength > MaximumLength
            || segment.Kind != _kind || segment.IsTcp && segment.Sequence != _nextSequence
            || !segment.Follows(FirstPacket(memory), _headerLength, _count))
            return false;
        _others[_count - 1] = new PayloadSlice(offset + _headerLength, payloadLength);
        _count++;
        _length += payloadLength;
        _nextSequence += (uint)payloadLength;
        _isPushed = segment.IsPushed;
        // Only the last segment may be shorter, and PSH belongs to the last octet.
        _isClosed = payloadLength < _segmentSize || _isPushed;
        return true;
    }

    public void Release<TSink>(Span<byte> memory, ref TSink sink) where TSink : ICoalescedSink, allows ref struct
    {
        Span<byte> first = memory.Slice(_offset, _firstLength);
        int count = _count;
        _count = 0;
        if (count == 1)
        {
            sink.Deliver(new CoalescedPacket { First = first, IsChecksumValid = true });
            return;
        }
        bool isTcp = _kind is SegmentationKind.TcpV4 or SegmentationKind.TcpV6;
        WriteHeaders(first, isTcp);
        sink.Deliver(new CoalescedPacket
        {
            First = first,
            Others = _others.AsSpan(0, count - 1),
            Segmentation = _kind,
            SegmentSize = _segmentSize,
            HeaderLength = _headerLength,
            ChecksumStart = _ipHeaderLength,
            ChecksumOffset = isTcp ? TransportHeader.TcpChecksumOffset : TransportHeader.UdpChecksumOffset,
        });
    }

    /// <summary>The headers of the whole: lengths, PSH of the last one, and the sum of the pseudo-header where the checksum will be.</summary>
    void WriteHeaders(Span<byte> packet, bool isTcp)
    {
        bool isV6 = _kind is SegmentationKind.TcpV6 or SegmentationKind.UdpV6;
        int transportLength = _length - _ipHeaderLength;
        if (isV6)
        {
            BinaryPrimitives.WriteUInt16BigEndian(packet[4..], (ushort)transportLength);
        }
        else
        {
            BinaryPrimitives.WriteUInt16BigEndian(packet[2..], (ushort)_length);
            InnerHeader.WriteV4Checksum(packet[.._ipHeaderLength]);
        }
        Span<byte> transport = packet[_ipHeaderLength..];
        if (!isTcp)
            BinaryPrimitives.WriteUInt16BigEndian(transport[TransportHeader.UdpLengthOffset..], (ushort)transportLength);
        else if (_isPushed)
            transport[TransportHeader.TcpFlagsOffset] |= TransportHeader.Push;
        ushort sum = (ushort)~InternetChecksum.Compute([], TransportSegment.PseudoHeader(packet, isV6, isTcp, transportLength));
        BinaryPrimitives.WriteUInt16BigEndian(transport[(isTcp ? TransportHeader.TcpChecksumOffset : TransportHeader.UdpChecksumOffset)..], sum);
    }
}
