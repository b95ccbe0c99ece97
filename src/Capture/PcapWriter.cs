using System.Buffers.Binary;

namespace Ipsec.Capture;

/// <summary>How finely a pcap file tells time.</summary>
public enum PcapPrecision
{
    Microseconds,
    Nanoseconds,
}

/// <summary>
/// Writes a classic pcap file (draft-ietf-opsawg-pcap): one file header, then one record for each packet. The stream is the caller's,
/// who flushes and disposes it; packets are written as they come and can be read while the file grows.
/// </summary>
public sealed class PcapWriter
{
    const uint MicrosecondMagic = 0xA1B2C3D4;
    const uint NanosecondMagic = 0xA1B23C4D;
    const int RecordHeaderLength = 16;

    /// <summary>Octets of a packet that are kept; more are cut off and the record says so.</summary>
    public const int SnapLength = 262144;

    readonly Stream _stream;
    readonly PcapPrecision _precision;

    /// <summary>Writes the file header.</summary>
    public PcapWriter(Stream stream, PcapLinkType linkType = PcapLinkType.RawIp, PcapPrecision precision = PcapPrecision.Nanoseconds)
    {
        _stream = stream;
        _precision = precision;
        Span<byte> header = stackalloc byte[24];
        header.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(header, precision == PcapPrecision.Nanoseconds ? NanosecondMagic : MicrosecondMagic);
        BinaryPrimitives.WriteUInt16LittleEndian(header[4..], 2);
        BinaryPrimitives.WriteUInt16LittleEndian(header[6..], 4);
        BinaryPrimitives.WriteUInt32LittleEndian(header[16..], SnapLength);
        BinaryPrimitives.WriteUInt32LittleEndian(header[20..], (uint)linkType);
        stream.Write(header);
    }

    /// <param name="time">When the packet passed, from 1970 to 2106; other times are clamped to that.</param>
    /// <param name="packet">From the first octet of the link type's header on.</param>
    public void Write(DateTimeOffset time, ReadOnlySpan<byte> packet)
    {
        long ticks = Math.Clamp((time - DateTimeOffset.UnixEpoch).Ticks, 0, uint.MaxValue * TimeSpan.TicksPerSecond);
        long fraction = ticks % TimeSpan.TicksPerSecond;
        ReadOnlySpan<byte> kept = packet[..Math.Min(packet.Length, SnapLength)];
        Span<byte> header = stackalloc byte[RecordHeaderLength];
        BinaryPrimitives.WriteUInt32LittleEndian(header, (uint)(ticks / TimeSpan.TicksPerSecond));
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], (uint)(_precision == PcapPrecision.Nanoseconds ? fraction * 100 : fraction / 10));
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], kept.Length);
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], packet.Length);
        _stream.Write(header);
        _stream.Write(kept);
    }
}
