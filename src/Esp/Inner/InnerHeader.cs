using System.Buffers.Binary;
using Ipsec.Net;

namespace Ipsec.Esp.Inner;

/// <summary>Changes to fields of an inner IP header in place, IPv4 checksum included. The packet was parsed before.</summary>
static class InnerHeader
{
    const int V4ChecksumOffset = 10;
    const int V4HopLimitOffset = 8;
    const int V6HopLimitOffset = 7;

    public static bool IsV6(ReadOnlySpan<byte> packet) => packet[0] >> 4 == 6;

    /// <summary>Sets the two ECN bits and leaves DSCP alone.</summary>
    public static void SetEcn(Span<byte> packet, byte ecn)
    {
        if (IsV6(packet))
        {
            // Version 4 bits, traffic class 8 bits: ECN is bits 5 and 4 of the second octet.
            packet[1] = (byte)(packet[1] & ~(EcnRules.Mask << 4) | ecn << 4);
            return;
        }
        ushort before = BinaryPrimitives.ReadUInt16BigEndian(packet);
        packet[1] = (byte)(packet[1] & ~EcnRules.Mask | ecn);
        UpdateV4Checksum(packet, before, BinaryPrimitives.ReadUInt16BigEndian(packet));
    }

    /// <summary>False, and no change, if the packet may not be forwarded any further (RFC 1812 §5.3.1, RFC 8200 §3).</summary>
    public static bool TryDecrementHopLimit(Span<byte> packet)
    {
        int offset = IsV6(packet) ? V6HopLimitOffset : V4HopLimitOffset;
        if (packet[offset] <= 1)
            return false;
        if (offset == V6HopLimitOffset)
        {
            packet[offset]--;
            return true;
        }
        ushort before = BinaryPrimitives.ReadUInt16BigEndian(packet[offset..]);
        packet[offset]--;
        UpdateV4Checksum(packet, before, BinaryPrimitives.ReadUInt16BigEndian(packet[offset..]));
        return true;
    }

    /// <summary>Computes the checksum of a whole IPv4 header anew.</summary>
    public static void WriteV4Checksum(Span<byte> header)
    {
        header[V4ChecksumOffset..(V4ChecksumOffset + 2)].Clear();
        BinaryPrimitives.WriteUInt16BigEndian(header[V4ChecksumOffset..], InternetChecksum.Compute(header));
    }

    static void UpdateV4Checksum(Span<byte> packet, ushort before, ushort after)
    {
        Span<byte> checksum = packet.Slice(V4ChecksumOffset, 2);
        BinaryPrimitives.WriteUInt16BigEndian(checksum, InternetChecksum.Update(BinaryPrimitives.ReadUInt16BigEndian(checksum), before, after));
    }
}
