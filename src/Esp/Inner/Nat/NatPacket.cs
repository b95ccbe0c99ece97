using System.Buffers.Binary;
using Ipsec.Net;

namespace Ipsec.Esp.Inner.Nat;

/// <summary>What a translation reads and writes of an IP packet in place: a whole one, or the beginning of one that an ICMP error quotes.</summary>
readonly ref struct NatPacket
{
    const int V4HeaderLength = 20;
    const int V6HeaderLength = 40;
    const int V4ChecksumOffset = 10;
    const int EchoIdentifierOffset = 4;
    const int IcmpHeaderLength = 8;

    readonly Span<byte> _octets;
    readonly int _headerLength;

    NatPacket(Span<byte> octets, int headerLength, byte protocol, bool isFragment, bool hasTransportHeader)
    {
        _octets = octets;
        _headerLength = headerLength;
        (Protocol, IsFragment, HasTransportHeader) = (protocol, isFragment, hasTransportHeader);
    }

    /// <param name="octets">Of the packet that was parsed.</param>
    public NatPacket(Span<byte> octets, in IpPacket parsed)
        : this(octets[..parsed.TotalLength], parsed.HeaderLength, parsed.Protocol, parsed.IsFragment, parsed.FragmentOffset == 0)
    {
    }

    public byte Protocol { get; }

    /// <summary>True for the first fragment too.</summary>
    public bool IsFragment { get; }

    /// <summary>False for later fragments.</summary>
    public bool HasTransportHeader { get; }

    public int Length => _octets.Length;
    public bool IsV6 => _octets[0] >> 4 == 6;
    public IpAddress Source => IpAddress.FromBytes(IsV6 ? _octets[8..24] : _octets[12..16]);
    public IpAddress Destination => IpAddress.FromBytes(IsV6 ? _octets[24..40] : _octets[16..20]);

    /// <summary>Of an IPv4 packet: what its fragments have in common.</summary>
    public ushort Identification => BinaryPrimitives.ReadUInt16BigEndian(_octets[4..]);

    public byte TcpFlags => Protocol == IpProtocol.Tcp && Transport.Length > TransportHeader.TcpFlagsOffset ? Transport[TransportHeader.TcpFlagsOffset] : (byte)0;

    public bool IsEchoRequest => IsEcho && Transport[0] is IcmpTypes.EchoRequestV4 or IcmpTypes.EchoRequestV6;

    Span<byte> Transport => HasTransportHeader ? _octets[_headerLength..] : [];

    bool IsEcho => Protocol is IpProtocol.Icmp or IpProtocol.IcmpV6 && Transport.Length >= IcmpHeaderLength && IcmpTypes.IsEcho(IsV6, Transport[0]);

    public void SetSource(IpAddress address) => SetAddress(IsV6 ? 8 : 12, Source, address);

    public void SetDestination(IpAddress address) => SetAddress(IsV6 ? 24 : 16, Destination, address);

    /// <summary>Ports of TCP and UDP; the identifier of ICMP echo counts as the port of the translated side, and 0 as the other one (RFC 5508 §3.1).</summary>
    /// <param name="isSource">Whether the translated side is the source.</param>
    public bool TryGetPorts(bool isSource, out ushort port, out ushort otherPort)
    {
        port = otherPort = 0;
        Span<byte> transport = Transport;
        if (Protocol is IpProtocol.Tcp or IpProtocol.Udp && transport.Length >= 4)
        {
            port = BinaryPrimitives.ReadUInt16BigEndian(transport[(isSource ? 0 : 2)..]);
            otherPort = BinaryPrimitives.ReadUInt16BigEndian(transport[(isSource ? 2 : 0)..]);
            return true;
        }
        if (!IsEcho)
            return false;
        port = BinaryPrimitives.ReadUInt16BigEndian(transport[EchoIdentifierOffset..]);
        return true;
    }

    /// <summary>After <see cref="TryGetPorts"/> was true.</summary>
    public void SetPort(bool isSource, ushort port) =>
        TransportFields.SetWord(Transport, Protocol, Protocol is IpProtocol.Icmp or IpProtocol.IcmpV6 ? EchoIdentifierOffset : isSource ? 0 : 2, port);

    /// <summary>The packet that an ICMP error quotes; false if this is no error, or quotes less than an IP header and eight octets (RFC 792).</summary>
    public bool TryGetQuoted(out NatPacket quoted)
    {
        quoted = default;
        bool isError = !IsFragment && Protocol == (IsV6 ? IpProtocol.IcmpV6 : IpProtocol.Icmp) && Transport.Length > IcmpHeaderLength
            && IcmpTypes.IsError(IsV6, Transport[0]);
        return isError && TryParseQuoted(Transport[IcmpHeaderLength..], IsV6, out quoted);
    }

    /// <summary>The checksum sum of what an error quotes, before and after a change of it.</summary>
    public uint QuotedSum => InternetChecksum.Sum(Transport[IcmpHeaderLength..]);

    /// <summary>Makes an ICMP error's own checksum fit its changed quotation.</summary>
    public void QuotedChanged(uint sumBefore)
    {
        Span<byte> field = Transport.Slice(2, 2);
        ushort checksum = InternetChecksum.Update(BinaryPrimitives.ReadUInt16BigEndian(field), Fold(sumBefore), Fold(QuotedSum));
        BinaryPrimitives.WriteUInt16BigEndian(field, checksum);
    }

    static ushort Fold(uint sum)
    {
        sum = (sum & 0xFFFF) + (sum >> 16);
        return (ushort)((sum & 0xFFFF) + (sum >> 16));
    }

    /// <summary>The length field counts what was sent, of which only the beginning is here.</summary>
    static bool TryParseQuoted(Span<byte> octets, bool isV6, out NatPacket quoted)
    {
        quoted = default;
        int headerLength = isV6 ? V6HeaderLength : (octets[0] & 0x0F) * 4;
        if (octets[0] >> 4 != (isV6 ? 6 : 4) || headerLength < V4HeaderLength || octets.Length < headerLength + 8)
            return false;
        ushort flagsAndOffset = isV6 ? (ushort)0 : BinaryPrimitives.ReadUInt16BigEndian(octets[6..]);
        quoted = new NatPacket(octets, headerLength, isV6 ? octets[6] : octets[9], (flagsAndOffset & 0x3FFF) != 0, (flagsAndOffset & 0x1FFF) == 0);
        return true;
    }

    void SetAddress(int offset, IpAddress before, IpAddress after)
    {
        after.WriteTo(_octets[offset..]);
        if (!IsV6)
        {
            Span<byte> field = _octets.Slice(V4ChecksumOffset, 2);
            BinaryPrimitives.WriteUInt16BigEndian(field, InternetChecksum.Update(BinaryPrimitives.ReadUInt16BigEndian(field), before, after));
        }
        TransportFields.AddressChanged(Transport, Protocol, before, after);
    }
}
