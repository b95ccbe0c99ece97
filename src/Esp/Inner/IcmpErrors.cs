using System.Buffers.Binary;
using Ipsec.Net;

namespace Ipsec.Esp.Inner;

/// <summary>The ICMP errors that a router between two tunnels makes (RFC 792, RFC 1191 §4, RFC 4443 §3.2 and §3.3).</summary>
static class IcmpErrors
{
    // RFC 1812 §4.3.2.3 for IPv4, RFC 4443 §2.4 (c) for IPv6.
    const int MaximumV4Length = 576;
    const int MaximumV6Length = 1280;

    const int IcmpHeaderLength = 8;

    // RFC 1812 §4.3.2.5: ICMP errors have precedence 6 or 7.
    const byte InternetworkControl = 0xC0;

    /// <summary>"Fragmentation needed and DF set" or "packet too big". Returns its length, 0 if none may be sent.</summary>
    public static int WriteTooBig(Span<byte> destination, in IpPacket offending, int mtu, DataPathOptions options) => offending.IsV6
        ? Write(destination, offending, type: 2, code: 0, (uint)mtu, options)
        : Write(destination, offending, type: 3, code: 4, (uint)mtu, options);

    /// <summary>"Time exceeded in transit". Returns its length, 0 if none may be sent.</summary>
    public static int WriteTimeExceeded(Span<byte> destination, in IpPacket offending, DataPathOptions options) => offending.IsV6
        ? Write(destination, offending, type: 3, code: 0, 0, options)
        : Write(destination, offending, type: 11, code: 0, 0, options);

    static int Write(Span<byte> destination, in IpPacket offending, byte type, byte code, uint rest, DataPathOptions options)
    {
        if (!MayBeAnswered(offending))
            return 0;
        bool isV6 = offending.IsV6;
        int headerLength = IpPacketWriter.HeaderLength(isV6);
        int room = (isV6 ? MaximumV6Length : MaximumV4Length) - headerLength - IcmpHeaderLength;
        ReadOnlySpan<byte> quoted = offending.Bytes[..Math.Min(room, offending.TotalLength)];
        IpAddress source = (isV6 ? options.IcmpSourceV6 : options.IcmpSourceV4) ?? offending.Destination;
        int icmpLength = IcmpHeaderLength + quoted.Length;
        byte protocol = isV6 ? IpProtocol.IcmpV6 : IpProtocol.Icmp;
        IpPacketWriter.WriteHeader(destination, source, offending.Source, protocol, icmpLength, InternetworkControl);
        Span<byte> icmp = destination.Slice(headerLength, icmpLength);
        icmp[0] = type;
        icmp[1] = code;
        icmp[2..4].Clear();
        BinaryPrimitives.WriteUInt32BigEndian(icmp[4..], rest);
        quoted.CopyTo(icmp[IcmpHeaderLength..]);
        uint pseudo = isV6 ? InternetChecksum.PseudoHeader(source, offending.Source, protocol, icmpLength) : 0;
        BinaryPrimitives.WriteUInt16BigEndian(icmp[2..], InternetChecksum.Compute(icmp, pseudo));
        return headerLength + icmpLength;
    }

    /// <summary>RFC 1812 §4.3.2.7, RFC 4443 §2.4 (e): no error about an error, a later fragment, or a packet to or from many.</summary>
    static bool MayBeAnswered(in IpPacket packet)
    {
        if (packet.FragmentOffset != 0 || IsGroup(packet.Destination) || IsGroup(packet.Source) || packet.Source.IsUnspecified)
            return false;
        if (packet.Protocol is not (IpProtocol.Icmp or IpProtocol.IcmpV6))
            return true;
        if (packet.Payload.Length == 0)
            return false;
        return !IcmpTypes.IsError(packet.IsV6, packet.Payload[0]);
    }

    static bool IsGroup(IpAddress address) => address.IsV6
        ? address.Bits >> 120 == 0xFF
        : (uint)address.Bits >= 0xE000_0000 || (uint)address.Bits >> 24 == 127;
}
