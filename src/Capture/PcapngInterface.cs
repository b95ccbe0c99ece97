using System.Buffers.Binary;

namespace Ipsec.Capture;

/// <summary>An interface description block of a pcapng file (draft-ietf-opsawg-pcapng §4.2).</summary>
/// <param name="SnapLength">0 is no limit.</param>
/// <param name="UnitsPerSecond">Timestamps count units of one part of a second each.</param>
/// <param name="OffsetSeconds">Added to every timestamp.</param>
sealed record PcapngInterface(PcapLinkType LinkType, uint SnapLength, UInt128 UnitsPerSecond, long OffsetSeconds)
{
    const ushort TimeResolutionOption = 9;
    const ushort TimeOffsetOption = 14;

    /// <param name="body">At least 8 octets.</param>
    public static PcapngInterface Parse(ReadOnlySpan<byte> body, bool isBigEndian)
    {
        ushort U16(ReadOnlySpan<byte> field) => isBigEndian ? BinaryPrimitives.ReadUInt16BigEndian(field) : BinaryPrimitives.ReadUInt16LittleEndian(field);
        var linkType = (PcapLinkType)U16(body);
        uint snapLength = isBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(body[4..]) : BinaryPrimitives.ReadUInt32LittleEndian(body[4..]);
        UInt128 unitsPerSecond = 1_000_000;
        long offset = 0;
        ReadOnlySpan<byte> options = body[8..];
        while (options.Length >= 4)
        {
            ushort code = U16(options);
            int length = U16(options[2..]);
            if (code == 0 || length > options.Length - 4)
                break;
            ReadOnlySpan<byte> value = options.Slice(4, length);
            if (code == TimeResolutionOption && length == 1)
                unitsPerSecond = Resolution(value[0]);
            else if (code == TimeOffsetOption && length == 8)
                offset = isBigEndian ? BinaryPrimitives.ReadInt64BigEndian(value) : BinaryPrimitives.ReadInt64LittleEndian(value);
            options = options[Math.Min(options.Length, 4 + (length + 3) / 4 * 4)..];
        }
        return new PcapngInterface(linkType, snapLength, unitsPerSecond, offset);
    }

    /// <summary>Null for a time that no calendar has.</summary>
    public DateTimeOffset? TimeOf(ulong timestamp)
    {
        Int128 ticks = (Int128)((UInt128)timestamp * (UInt128)TimeSpan.TicksPerSecond / UnitsPerSecond) + (Int128)OffsetSeconds * TimeSpan.TicksPerSecond
            + DateTimeOffset.UnixEpoch.Ticks;
        return ticks >= 0 && ticks <= DateTimeOffset.MaxValue.Ticks ? new DateTimeOffset((long)ticks, TimeSpan.Zero) : null;
    }

    // The high bit chooses between negative powers of 10 and of 2; what would not fit stands for the finest that does.
    static UInt128 Resolution(byte value)
    {
        int exponent = value & 0x7F;
        if ((value & 0x80) != 0)
            return UInt128.One << Math.Min(exponent, 63);
        UInt128 units = 1;
        for (int i = 0; i < Math.Min(exponent, 19); i++)
            units *= 10;
        return units;
    }
}
