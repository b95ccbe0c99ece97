using System.Buffers;
using System.Buffers.Binary;

namespace Ipsec.Ike.Wire;

/// <summary>Appends network-order fields; lengths that are known only later are patched.</summary>
sealed class OctetWriter
{
    readonly ArrayBufferWriter<byte> _buffer = new(512);

    public int Length => _buffer.WrittenCount;

    public ReadOnlySpan<byte> Written => _buffer.WrittenSpan;

    public void U8(byte value)
    {
        _buffer.GetSpan(1)[0] = value;
        _buffer.Advance(1);
    }

    public void U16(ushort value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(_buffer.GetSpan(2), value);
        _buffer.Advance(2);
    }

    public void U32(uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(_buffer.GetSpan(4), value);
        _buffer.Advance(4);
    }

    public void U64(ulong value)
    {
        BinaryPrimitives.WriteUInt64BigEndian(_buffer.GetSpan(8), value);
        _buffer.Advance(8);
    }

    public void Octets(ReadOnlySpan<byte> value) => _buffer.Write(value);

    /// <summary>RESERVED fields are sent as zero (RFC 7296 §2.5).</summary>
    public void Zeros(int count)
    {
        _buffer.GetSpan(count)[..count].Clear();
        _buffer.Advance(count);
    }

    public void PatchU8(int offset, byte value) => WrittenAt(offset, 1)[0] = value;

    /// <exception cref="ArgumentException">The value does not fit: the message was built too large.</exception>
    public void PatchLength16(int offset, int value)
    {
        if (value > ushort.MaxValue)
            throw new ArgumentException("A payload or one of its parts is longer than its 16-bit length field can say.", nameof(value));
        BinaryPrimitives.WriteUInt16BigEndian(WrittenAt(offset, 2), (ushort)value);
    }

    public void PatchU32(int offset, uint value) => BinaryPrimitives.WriteUInt32BigEndian(WrittenAt(offset, 4), value);

    public byte[] ToArray() => _buffer.WrittenSpan.ToArray();

    Span<byte> WrittenAt(int offset, int count) =>
        System.Runtime.InteropServices.MemoryMarshal.AsMemory(_buffer.WrittenMemory).Span.Slice(offset, count);
}
