using System.Buffers.Binary;
using Ipsec.Net;

namespace Ipsec.Lab.Network;

/// <summary>Fragments packets: IPv4 anywhere on the way (RFC 791 §3.2), IPv6 at its source only (RFC 8200 §4.5).</summary>
static class IpFragmentation
{
    const ushort MoreFragments = 0x2000;
    const int Ipv6FragmentHeaderLength = 8;

    /// <summary>False for what must not or cannot be fragmented: DF, IPv6, or an MTU without room for eight octets of payload.</summary>
    public static bool TryFragmentV4(ReadOnlySpan<byte> packet, int mtu, out IReadOnlyList<byte[]> fragments)
    {
        fragments = [];
        if (!IpPacket.TryParse(packet, out IpPacket whole) || whole.IsV6 || whole.DontFragment)
            return false;
        int room = (mtu - whole.HeaderLength) & ~7;
        if (room < 8)
            return false;
        bool isLastOfDatagram = (BinaryPrimitives.ReadUInt16BigEndian(packet[6..]) & MoreFragments) == 0;
        var pieces = new List<byte[]>();
        ReadOnlySpan<byte> payload = whole.Payload;
        for (int offset = 0; offset < payload.Length; offset += room)
        {
            ReadOnlySpan<byte> part = payload.Slice(offset, Math.Min(room, payload.Length - offset));
            bool isLast = offset + part.Length == payload.Length && isLastOfDatagram;
            pieces.Add(FragmentV4(whole, part, whole.FragmentOffset + offset, isLast));
        }
        fragments = pieces;
        return true;
    }

    /// <summary>An IPv6 packet without extension headers, as its source fragments it.</summary>
    public static IReadOnlyList<byte[]> FragmentV6(ReadOnlySpan<byte> packet, int mtu, uint identification)
    {
        const int headerLength = 40;
        int room = (mtu - headerLength - Ipv6FragmentHeaderLength) & ~7;
        ReadOnlySpan<byte> payload = packet[headerLength..];
        var pieces = new List<byte[]>();
        for (int offset = 0; offset < payload.Length; offset += room)
        {
            ReadOnlySpan<byte> part = payload.Slice(offset, Math.Min(room, payload.Length - offset));
            bool isLast = offset + part.Length == payload.Length;
            byte[] piece = new byte[headerLength + Ipv6FragmentHeaderLength + part.Length];
            packet[..headerLength].CopyTo(piece);
            BinaryPrimitives.WriteUInt16BigEndian(piece.AsSpan(4), (ushort)(Ipv6FragmentHeaderLength + part.Length));
            piece[6] = IpProtocol.Ipv6Fragment;
            Span<byte> fragmentHeader = piece.AsSpan(headerLength);
            fragmentHeader[0] = packet[6];
            BinaryPrimitives.WriteUInt16BigEndian(fragmentHeader[2..], (ushort)(offset | (isLast ? 0 : 1)));
            BinaryPrimitives.WriteUInt32BigEndian(fragmentHeader[4..], identification);
            part.CopyTo(fragmentHeader[Ipv6FragmentHeaderLength..]);
            pieces.Add(piece);
        }
        return pieces;
    }

    static byte[] FragmentV4(IpPacket whole, ReadOnlySpan<byte> part, int offset, bool isLast)
    {
        byte[] piece = new byte[whole.HeaderLength + part.Length];
        whole.Bytes[..whole.HeaderLength].CopyTo(piece);
        part.CopyTo(piece.AsSpan(whole.HeaderLength));
        BinaryPrimitives.WriteUInt16BigEndian(piece.AsSpan(2), (ushort)piece.Length);
        BinaryPrimitives.WriteUInt16BigEndian(piece.AsSpan(6), (ushort)(offset / 8 | (isLast ? 0 : MoreFragments)));
        Ipv4Header.WriteChecksum(piece.AsSpan(0, whole.HeaderLength));
        return piece;
    }
}
