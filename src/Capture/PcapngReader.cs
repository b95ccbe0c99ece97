using System.Buffers.Binary;

namespace Ipsec.Capture;

/// <summary>
/// pcapng files (draft-ietf-opsawg-pcapng): sections in either byte order, interfaces with their time resolution, enhanced, simple
/// and obsolete packet blocks. Other blocks are skipped.
/// </summary>
sealed class PcapngReader : CaptureReader
{
    const uint SectionHeaderBlock = 0x0A0D0D0A;
    const uint InterfaceDescriptionBlock = 1;
    const uint ObsoletePacketBlock = 2;
    const uint SimplePacketBlock = 3;
    const uint EnhancedPacketBlock = 6;
    const uint ByteOrderMagic = 0x1A2B3C4D;
    const int MaximumInterfaces = 4096;

    readonly Stream _stream;
    readonly List<PcapngInterface> _interfaces = [];
    bool _isBigEndian;

    PcapngReader(Stream stream) => _stream = stream;

    /// <summary>Null if the magic number is another format's.</summary>
    internal static PcapngReader? Open(Stream stream, ReadOnlySpan<byte> magic)
    {
        // The type of a section header block reads the same in both byte orders.
        if (BinaryPrimitives.ReadUInt32BigEndian(magic) != SectionHeaderBlock)
            return null;
        var reader = new PcapngReader(stream);
        reader.ReadSectionHeader();
        return reader;
    }

    private protected override CapturedPacket? Read()
    {
        Span<byte> typeField = stackalloc byte[4];
        while (TryFill(_stream, typeField, mayEnd: true))
        {
            if (BinaryPrimitives.ReadUInt32BigEndian(typeField) == SectionHeaderBlock)
            {
                if (!ReadSectionHeader())
                    return null;
                continue;
            }
            if (ReadBlockBody() is not byte[] body)
                return null;
            switch (U32(typeField))
            {
                case InterfaceDescriptionBlock:
                    if (!TryAddInterface(body))
                        return null;
                    break;
                case EnhancedPacketBlock:
                    return ReadEnhancedPacket(body, interfaceId: body.Length < 4 ? uint.MaxValue : U32(body));
                case ObsoletePacketBlock:
                    return ReadEnhancedPacket(body, interfaceId: body.Length < 4 ? uint.MaxValue : U16(body));
                case SimplePacketBlock:
                    return ReadSimplePacket(body);
            }
        }
        return null;
    }

    // Interface ID, timestamp (high, low), captured length, original length, packet data. The obsolete block has the same lengths.
    CapturedPacket? ReadEnhancedPacket(byte[] body, uint interfaceId)
    {
        const int headerLength = 20;
        if (body.Length < headerLength || interfaceId >= _interfaces.Count)
            return Fail("A packet block is too short or names an interface that was not described.");
        PcapngInterface source = _interfaces[(int)interfaceId];
        ulong timestamp = (ulong)U32(body.AsSpan(4)) << 32 | U32(body.AsSpan(8));
        uint kept = U32(body.AsSpan(12));
        if (kept > body.Length - headerLength)
            return Fail("A packet is longer than its block.");
        return new CapturedPacket(source.LinkType, source.TimeOf(timestamp), body.AsMemory(headerLength, (int)kept), U32(body.AsSpan(16)));
    }

    CapturedPacket? ReadSimplePacket(byte[] body)
    {
        if (body.Length < 4 || _interfaces.Count == 0)
            return Fail("A simple packet block is too short or stands in front of any interface.");
        uint original = U32(body);
        PcapngInterface source = _interfaces[0];
        long kept = Math.Min(original, source.SnapLength == 0 ? uint.MaxValue : source.SnapLength);
        if (kept > body.Length - 4)
            return Fail("A packet is longer than its block.");
        return new CapturedPacket(source.LinkType, null, body.AsMemory(4, (int)kept), original);
    }

    bool TryAddInterface(byte[] body)
    {
        if (body.Length < 8 || _interfaces.Count == MaximumInterfaces)
            return Fail("An interface description is too short, or there are too many of them.") is not null;
        _interfaces.Add(PcapngInterface.Parse(body, _isBigEndian));
        return true;
    }

    /// <summary>Reads a section header behind its type; a new section forgets the interfaces of the one before.</summary>
    bool ReadSectionHeader()
    {
        Span<byte> fields = stackalloc byte[8];
        if (!TryFill(_stream, fields, mayEnd: false))
            return false;
        _isBigEndian = BinaryPrimitives.ReadUInt32BigEndian(fields[4..]) == ByteOrderMagic;
        if (!_isBigEndian && BinaryPrimitives.ReadUInt32LittleEndian(fields[4..]) != ByteOrderMagic)
            return Fail("A section header has no byte-order magic.") is not null;
        _interfaces.Clear();
        uint length = U32(fields);
        // Type, length, magic and the trailing length are 16 octets of it.
        if (length is < 28 or > MaximumLength || length % 4 != 0)
            return Fail($"A section header claims {length} octets.") is not null;
        return TryFill(_stream, new byte[length - 12], mayEnd: false);
    }

    /// <summary>What stands between the two length fields; null at a fault.</summary>
    byte[]? ReadBlockBody()
    {
        Span<byte> lengthField = stackalloc byte[4];
        if (!TryFill(_stream, lengthField, mayEnd: false))
            return null;
        uint length = U32(lengthField);
        if (length is < 12 or > MaximumLength || length % 4 != 0)
        {
            Fail($"A block claims {length} octets.");
            return null;
        }
        byte[] body = new byte[length - 12];
        if (!TryFill(_stream, body, mayEnd: false) || !TryFill(_stream, lengthField, mayEnd: false))
            return null;
        if (U32(lengthField) != length)
        {
            Fail("A block's two lengths differ.");
            return null;
        }
        return body;
    }

    uint U32(ReadOnlySpan<byte> field) => _isBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(field) : BinaryPrimitives.ReadUInt32LittleEndian(field);

    ushort U16(ReadOnlySpan<byte> field) => _isBigEndian ? BinaryPrimitives.ReadUInt16BigEndian(field) : BinaryPrimitives.ReadUInt16LittleEndian(field);
}
