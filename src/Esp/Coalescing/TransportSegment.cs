using System.Buffers.Binary;
using Ipsec.Esp.Inner;
using Ipsec.Net;

namespace Ipsec.Esp.Coalescing;

/// <summary>
/// What a packet is to the coalescer. Only plain segments are: TCP data with ACK and at most PSH, UDP with a checksum, in whole packets without IP options,
/// whose checksums are right, so that no broken packet comes out with a good one.
/// </summary>
readonly ref struct TransportSegment
{
    const int V4HeaderLength = 20;
    const int V6HeaderLength = 40;

    readonly Span<byte> _packet;

    TransportSegment(Span<byte> packet, int ipHeaderLength, int headerLength, bool isTcp)
    {
        _packet = packet;
        IpHeaderLength = ipHeaderLength;
        HeaderLength = headerLength;
        IsTcp = isTcp;
    }

    public bool IsTcp { get; }
    public bool IsV6 => IpHeaderLength == V6HeaderLength;
    public int IpHeaderLength { get; }
    public int HeaderLength { get; }
    public ReadOnlySpan<byte> Packet => _packet;
    public int PayloadLength => _packet.Length - HeaderLength;
    public uint Sequence => BinaryPrimitives.ReadUInt32BigEndian(_packet[(IpHeaderLength + 4)..]);
    public bool IsPushed => IsTcp && (_packet[IpHeaderLength + TransportHeader.TcpFlagsOffset] & TransportHeader.Push) != 0;
    public SegmentationKind Kind => (IsTcp, IsV6) switch
    {
        (true, false) => SegmentationKind.TcpV4,
        (true, true) => SegmentationKind.TcpV6,
        (false, false) => SegmentationKind.UdpV4,
        _ => SegmentationKind.UdpV6,
    };

    /// <summary>Both addresses and both ports, which stand side by side where there are no options.</summary>
    public static ReadOnlySpan<byte> FlowKey(ReadOnlySpan<byte> packet) => packet[0] >> 4 == 6 ? packet[8..44] : packet[12..24];

    /// <summary>False for a packet that belongs to no flow of TCP or UDP that the coalescer could hold.</summary>
    public static bool HasFlow(ReadOnlySpan<byte> packet) => packet[0] switch
    {
        0x45 => packet.Length >= V4HeaderLength + TransportHeader.UdpLength && packet[9] is IpProtocol.Tcp or IpProtocol.Udp && !IsV4Fragment(packet),
        >= 0x60 and <= 0x6F => packet.Length >= V6HeaderLength + TransportHeader.UdpLength && packet[6] is IpProtocol.Tcp or IpProtocol.Udp,
        _ => false,
    };

    /// <summary>Reads a packet that <see cref="HasFlow"/>; false if it goes on as it is.</summary>
    public static bool TryRead(Span<byte> packet, out TransportSegment segment, out bool isChecksumValid)
    {
        segment = default;
        isChecksumValid = false;
        bool isV6 = packet[0] >> 4 == 6;
        int ipHeaderLength = isV6 ? V6HeaderLength : V4HeaderLength;
        bool isTcp = packet[isV6 ? 6 : 9] == IpProtocol.Tcp;
        Span<byte> transport = packet[ipHeaderLength..];
        int transportHeaderLength = TransportHeader.UdpLength;
        if (isTcp)
        {
            if (transport.Length < TransportHeader.MinimumTcpLength)
                return false;
            transportHeaderLength = (transport[12] >> 4) * 4;
            if (transportHeaderLength < TransportHeader.MinimumTcpLength || transport.Length < transportHeaderLength)
                return false;
        }
        // RFC 768: zero is no checksum. And the length must say what IP says, or it would be lost.
        else if (transport[6] == 0 && transport[7] == 0 || BinaryPrimitives.ReadUInt16BigEndian(transport[4..]) != transport.Length)
        {
            return false;
        }
        isChecksumValid = InternetChecksum.IsValid(transport, PseudoHeader(packet, isV6, isTcp, transport.Length));
        if (!isChecksumValid || transport.Length == transportHeaderLength || !isV6 && !InternetChecksum.IsValid(packet[..V4HeaderLength]))
            return false;
        if (isTcp && (transport[TransportHeader.TcpFlagsOffset] & ~TransportHeader.Push) != TransportHeader.Acknowledgement)
            return false;
        segment = new TransportSegment(packet, ipHeaderLength, ipHeaderLength + transportHeaderLength, isTcp);
        return true;
    }

    /// <summary>
    /// True if this packet's headers are what cutting a whole would give at this place: equal but for lengths, checksums, IPv4 identification, TCP sequence
    /// number and PSH. ECN marks, hop limits, acknowledgements, windows and options have to be the same.
    /// </summary>
    /// <param name="first">The first packet of the whole.</param>
    /// <param name="index">This packet's place, from 1.</param>
    public bool Follows(ReadOnlySpan<byte> first, int headerLength, int index)
    {
        if (headerLength != HeaderLength || first[0] != _packet[0])
            return false;
        return (IsV6 ? FollowsV6(first) : FollowsV4(first, index)) && (!IsTcp || FollowsTcp(first[IpHeaderLength..headerLength]));
    }

    bool FollowsV6(ReadOnlySpan<byte> first) =>
        // Version, class and label; next header and hop limit. Addresses are in the key.
        first[..4].SequenceEqual(_packet[..4]) && first[6..8].SequenceEqual(_packet[6..8]);

    bool FollowsV4(ReadOnlySpan<byte> first, int index)
    {
        const byte dontFragment = 0x40;
        if (first[1] != _packet[1] || first[6] != _packet[6] || first[8] != _packet[8] || first[9] != _packet[9])
            return false;
        // RFC 6864 §4.1: with DF the identification means nothing.
        return (first[6] & dontFragment) != 0
            || BinaryPrimitives.ReadUInt16BigEndian(_packet[4..]) == (ushort)(BinaryPrimitives.ReadUInt16BigEndian(first[4..]) + index);
    }

    /// <summary>TransportHeader.Acknowledgement number, header length, window, urgent pointer and options.</summary>
    bool FollowsTcp(ReadOnlySpan<byte> first)
    {
        ReadOnlySpan<byte> own = _packet[IpHeaderLength..HeaderLength];
        return first[8..TransportHeader.TcpFlagsOffset].SequenceEqual(own[8..TransportHeader.TcpFlagsOffset]) && first[14..16].SequenceEqual(own[14..16])
            && first[18..].SequenceEqual(own[18..]);
    }

    static bool IsV4Fragment(ReadOnlySpan<byte> packet) => (BinaryPrimitives.ReadUInt16BigEndian(packet[6..]) & 0x3FFF) != 0;

    /// <summary>From the header's octets, without the address type: this is done for every packet.</summary>
    public static uint PseudoHeader(ReadOnlySpan<byte> packet, bool isV6, bool isTcp, int transportLength)
    {
        ReadOnlySpan<byte> addresses = isV6 ? packet[8..40] : packet[12..20];
        return InternetChecksum.Sum(addresses) + (isTcp ? IpProtocol.Tcp : (uint)IpProtocol.Udp) + (uint)transportLength;
    }
}
