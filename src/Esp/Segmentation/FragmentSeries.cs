using System.Buffers.Binary;
using Ipsec.Esp.Inner;
using Ipsec.Net;

namespace Ipsec.Esp.Segmentation;

/// <summary>The fragments of an IPv4 packet that is too long and may be cut (RFC 791 §3.2); it may be a fragment itself.</summary>
ref struct FragmentSeries : IPacketSeries
{
    const int FixedHeaderLength = 20;
    const int FlagsOffset = 6;
    const ushort MoreFragments = 0x2000;
    const ushort OffsetMask = 0x1FFF;
    const byte CopiedOption = 0x80;
    const byte EndOfOptions = 0;
    const byte NoOperation = 1;

    readonly ReadOnlySpan<byte> _header;
    readonly ReadOnlySpan<byte> _payload;
    readonly int _mtu;
    readonly int _laterHeaderLength;
    int _position;

    public FragmentSeries(scoped in IpPacket packet, int mtu)
    {
        _header = packet.Bytes[..packet.HeaderLength];
        _payload = packet.Payload;
        _mtu = mtu;
        Span<byte> options = stackalloc byte[FixedHeaderLength * 2];
        _laterHeaderLength = FixedHeaderLength + CopyOptions(_header[FixedHeaderLength..], options);
    }

    public readonly int NextLength => _position < _payload.Length ? HeaderLength + NextPayloadLength : 0;

    readonly int HeaderLength => _position == 0 ? _header.Length : _laterHeaderLength;

    readonly int NextPayloadLength
    {
        get
        {
            int room = _mtu - HeaderLength;
            int left = _payload.Length - _position;
            return left <= room ? left : room & ~7;
        }
    }

    public void WriteNext(scoped Span<byte> destination)
    {
        int headerLength = HeaderLength;
        int payloadLength = NextPayloadLength;
        Span<byte> header = destination[..headerLength];
        header.Clear();
        _header[..FixedHeaderLength].CopyTo(header);
        if (_position == 0)
            _header[FixedHeaderLength..].CopyTo(header[FixedHeaderLength..]);
        else
            CopyOptions(_header[FixedHeaderLength..], header[FixedHeaderLength..]);
        header[0] = (byte)(4 << 4 | headerLength / 4);
        BinaryPrimitives.WriteUInt16BigEndian(header[2..], (ushort)(headerLength + payloadLength));
        WriteFlags(header, isLast: _position + payloadLength == _payload.Length);
        InnerHeader.WriteV4Checksum(header);
        _payload.Slice(_position, payloadLength).CopyTo(destination[headerLength..]);
        _position += payloadLength;
    }

    readonly void WriteFlags(Span<byte> header, bool isLast)
    {
        ushort original = BinaryPrimitives.ReadUInt16BigEndian(_header[FlagsOffset..]);
        int offset = (original & OffsetMask) + _position / 8;
        // The last piece of a fragment that had more behind it has more behind it.
        int more = isLast ? original & MoreFragments : MoreFragments;
        BinaryPrimitives.WriteUInt16BigEndian(header[FlagsOffset..], (ushort)(more | offset));
    }

    /// <summary>Copies the options that every fragment carries (RFC 791 §3.1, copied flag); returns their length, padded to four octets.</summary>
    static int CopyOptions(ReadOnlySpan<byte> options, Span<byte> destination)
    {
        int written = 0;
        int position = 0;
        while (position < options.Length && options[position] != EndOfOptions)
        {
            int length = options[position] == NoOperation ? 1 : position + 1 < options.Length ? options[position + 1] : 0;
            if (length == 0 || length == 1 && options[position] != NoOperation || position + length > options.Length)
                break;
            if ((options[position] & CopiedOption) != 0)
            {
                options.Slice(position, length).CopyTo(destination[written..]);
                written += length;
            }
            position += length;
        }
        return (written + 3) & ~3;
    }
}
