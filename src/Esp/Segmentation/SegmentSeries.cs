using System.Buffers.Binary;
using Ipsec.Esp.Inner;
using Ipsec.Net;

namespace Ipsec.Esp.Segmentation;

/// <summary>
/// The segments of a super-packet: what the sender's stack would have sent without segmentation offload. Each has its own
/// lengths, IPv4 identification, TCP sequence number, flags and checksums.
/// </summary>
ref struct SegmentSeries : IPacketSeries
{
    // RFC 9293 §3.1 and RFC 3168 §6.1.2: FIN and PSH belong to the last octet, CWR to the first segment.
    const byte FinAndPush = TransportHeader.Fin | TransportHeader.Push;

    readonly ReadOnlySpan<byte> _headers;
    readonly ReadOnlySpan<byte> _payload;
    readonly int _ipHeaderLength;
    readonly int _segmentSize;
    readonly bool _isTcp;
    readonly uint _pseudoHeader;
    int _position;
    int _count;

    SegmentSeries(scoped in IpPacket packet, int transportHeaderLength, int segmentSize)
    {
        _ipHeaderLength = packet.HeaderLength;
        _headers = packet.Bytes[..(_ipHeaderLength + transportHeaderLength)];
        _payload = packet.Bytes[(_ipHeaderLength + transportHeaderLength)..];
        _segmentSize = segmentSize;
        _isTcp = packet.Protocol == IpProtocol.Tcp;
        _pseudoHeader = InternetChecksum.PseudoHeader(packet.Source, packet.Destination, packet.Protocol, 0);
    }

    /// <summary>False if the packet is not what its segmentation kind says.</summary>
    public static bool TryCreate(scoped in IpPacket packet, SegmentationKind kind, int segmentSize, out SegmentSeries series)
    {
        series = default;
        bool isTcp = kind is SegmentationKind.TcpV4 or SegmentationKind.TcpV6;
        bool isV6 = kind is SegmentationKind.TcpV6 or SegmentationKind.UdpV6;
        if (segmentSize <= 0 || packet.IsFragment || packet.IsV6 != isV6 || packet.Protocol != (isTcp ? IpProtocol.Tcp : IpProtocol.Udp))
            return false;
        ReadOnlySpan<byte> transport = packet.Payload;
        int headerLength = TransportHeader.UdpLength;
        if (isTcp)
        {
            if (transport.Length < TransportHeader.MinimumTcpLength)
                return false;
            headerLength = (transport[12] >> 4) * 4;
            if (headerLength < TransportHeader.MinimumTcpLength)
                return false;
        }
        if (transport.Length < headerLength)
            return false;
        series = new SegmentSeries(packet, headerLength, segmentSize);
        return true;
    }

    public readonly int NextLength => _position < _payload.Length || _count == 0 ? _headers.Length + NextPayloadLength : 0;

    readonly int NextPayloadLength => Math.Min(_segmentSize, _payload.Length - _position);

    public void WriteNext(scoped Span<byte> destination)
    {
        int payloadLength = NextPayloadLength;
        bool isLast = _position + payloadLength == _payload.Length;
        _headers.CopyTo(destination);
        _payload.Slice(_position, payloadLength).CopyTo(destination[_headers.Length..]);
        FinishIp(destination);
        Span<byte> transport = destination[_ipHeaderLength..];
        if (_isTcp)
            FinishTcp(transport, isLast);
        else
            FinishUdp(transport);
        _position += payloadLength;
        _count++;
    }

    readonly void FinishIp(Span<byte> packet)
    {
        if (InnerHeader.IsV6(packet))
        {
            BinaryPrimitives.WriteUInt16BigEndian(packet[4..], (ushort)(packet.Length - IpPacketWriter.HeaderLength(isV6: true)));
            return;
        }
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], (ushort)packet.Length);
        ushort identification = BinaryPrimitives.ReadUInt16BigEndian(packet[4..]);
        BinaryPrimitives.WriteUInt16BigEndian(packet[4..], (ushort)(identification + _count));
        InnerHeader.WriteV4Checksum(packet[.._ipHeaderLength]);
    }

    readonly void FinishTcp(Span<byte> tcp, bool isLast)
    {
        uint sequence = BinaryPrimitives.ReadUInt32BigEndian(tcp[TransportHeader.TcpSequenceOffset..]);
        BinaryPrimitives.WriteUInt32BigEndian(tcp[TransportHeader.TcpSequenceOffset..], sequence + (uint)_position);
        if (!isLast)
            tcp[TransportHeader.TcpFlagsOffset] &= unchecked((byte)~FinAndPush);
        if (_count > 0)
            tcp[TransportHeader.TcpFlagsOffset] &= unchecked((byte)~TransportHeader.CongestionWindowReduced);
        WriteChecksum(tcp, TransportHeader.TcpChecksumOffset);
    }

    readonly void FinishUdp(Span<byte> udp)
    {
        BinaryPrimitives.WriteUInt16BigEndian(udp[TransportHeader.UdpLengthOffset..], (ushort)udp.Length);
        WriteChecksum(udp, TransportHeader.UdpChecksumOffset);
        // RFC 768: a computed zero is sent as all ones.
        if (BinaryPrimitives.ReadUInt16BigEndian(udp[TransportHeader.UdpChecksumOffset..]) == 0)
            BinaryPrimitives.WriteUInt16BigEndian(udp[TransportHeader.UdpChecksumOffset..], ushort.MaxValue);
    }

    readonly void WriteChecksum(Span<byte> transport, int offset)
    {
        transport.Slice(offset, 2).Clear();
        BinaryPrimitives.WriteUInt16BigEndian(transport[offset..], InternetChecksum.Compute(transport, _pseudoHeader + (uint)transport.Length));
    }
}
