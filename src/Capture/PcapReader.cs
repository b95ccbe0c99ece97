using System.Buffers.Binary;

namespace Ipsec.Capture;

/// <summary>Classic pcap files in either byte order, with microseconds or nanoseconds (draft-ietf-opsawg-pcap).</summary>
sealed class PcapReader : CaptureReader
{
    const int FileHeaderLength = 24;
    const int RecordHeaderLength = 16;
    const uint MicrosecondMagic = 0xA1B2C3D4;
    const uint NanosecondMagic = 0xA1B23C4D;

    readonly Stream _stream;
    readonly bool _isBigEndian;
    readonly bool _isNanoseconds;
    PcapLinkType _linkType;

    PcapReader(Stream stream, bool isBigEndian, bool isNanoseconds)
    {
        _stream = stream;
        _isBigEndian = isBigEndian;
        _isNanoseconds = isNanoseconds;
    }

    /// <summary>Null if the magic number is another format's.</summary>
    internal static PcapReader? Open(Stream stream, ReadOnlySpan<byte> magic)
    {
        uint big = BinaryPrimitives.ReadUInt32BigEndian(magic);
        uint little = BinaryPrimitives.ReadUInt32LittleEndian(magic);
        bool isBigEndian = big is MicrosecondMagic or NanosecondMagic;
        uint value = isBigEndian ? big : little;
        if (value is not (MicrosecondMagic or NanosecondMagic))
            return null;
        var reader = new PcapReader(stream, isBigEndian, value == NanosecondMagic);
        reader.ReadFileHeader();
        return reader;
    }

    private protected override CapturedPacket? Read()
    {
        Span<byte> header = stackalloc byte[RecordHeaderLength];
        if (!TryFill(_stream, header, mayEnd: true))
            return null;
        uint seconds = U32(header);
        uint fraction = U32(header[4..]);
        uint kept = U32(header[8..]);
        uint original = U32(header[12..]);
        if (kept > MaximumLength)
            return Fail($"A packet claims {kept} octets, which no packet has.");
        byte[] data = new byte[kept];
        if (!TryFill(_stream, data, mayEnd: false))
            return null;
        long ticks = seconds * TimeSpan.TicksPerSecond + (_isNanoseconds ? fraction / 100 : fraction * 10L);
        return new CapturedPacket(_linkType, DateTimeOffset.UnixEpoch.AddTicks(ticks), data, original);
    }

    void ReadFileHeader()
    {
        Span<byte> header = stackalloc byte[FileHeaderLength - sizeof(uint)];
        if (!TryFill(_stream, header, mayEnd: false))
            return;
        // The upper half of the field holds the length of a frame check sequence, where there is one.
        _linkType = (PcapLinkType)(ushort)U32(header[16..]);
    }

    uint U32(ReadOnlySpan<byte> field) => _isBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(field) : BinaryPrimitives.ReadUInt32LittleEndian(field);
}
