using System.Buffers.Binary;
using Ipsec.Net;

namespace Ipsec.Esp.Inner;

/// <summary>
/// Keeps a transport checksum right when something that it covers has changed (RFC 1624): the difference is added, so that what was wrong before stays wrong.
/// A header that is cut off before its checksum, as in the quotation of an ICMP error, has none to keep.
/// </summary>
static class TransportFields
{
    /// <summary>Of the pseudo-header, which ICMP over IPv4 does not have.</summary>
    public static void AddressChanged(Span<byte> transport, byte protocol, IpAddress before, IpAddress after)
    {
        if (protocol != IpProtocol.Icmp && TryGetChecksum(transport, protocol, out Span<byte> field))
            Write(field, protocol, InternetChecksum.Update(BinaryPrimitives.ReadUInt16BigEndian(field), before, after));
    }

    /// <summary>Writes a port or an identifier, a 16-bit word of the header.</summary>
    public static void SetWord(Span<byte> transport, byte protocol, int offset, ushort value)
    {
        ushort before = BinaryPrimitives.ReadUInt16BigEndian(transport[offset..]);
        BinaryPrimitives.WriteUInt16BigEndian(transport[offset..], value);
        if (TryGetChecksum(transport, protocol, out Span<byte> field))
            Write(field, protocol, InternetChecksum.Update(BinaryPrimitives.ReadUInt16BigEndian(field), before, value));
    }

    static bool TryGetChecksum(Span<byte> transport, byte protocol, out Span<byte> field)
    {
        int offset = protocol switch
        {
            IpProtocol.Tcp => 16,
            IpProtocol.Udp or IpProtocol.UdpLite or IpProtocol.Dccp => 6,
            IpProtocol.Icmp or IpProtocol.IcmpV6 => 2,
            _ => -1,
        };
        field = [];
        if (offset < 0 || transport.Length < offset + 2)
            return false;
        field = transport.Slice(offset, 2);
        // RFC 768: zero says that there is none.
        return protocol != IpProtocol.Udp || BinaryPrimitives.ReadUInt16BigEndian(field) != 0;
    }

    static void Write(Span<byte> field, byte protocol, ushort checksum) =>
        BinaryPrimitives.WriteUInt16BigEndian(field, checksum == 0 && protocol is IpProtocol.Udp or IpProtocol.UdpLite ? ushort.MaxValue : checksum);
}
