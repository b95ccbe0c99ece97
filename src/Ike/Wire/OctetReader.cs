using System.Buffers.Binary;

namespace Ipsec.Ike.Wire;

/// <summary>
/// Takes network-order fields off the front of a span. A read past the end yields zero or nothing and makes
/// <see cref="IsComplete"/> false for good, so that a parser checks once, at its end.
/// </summary>
ref struct OctetReader(ReadOnlySpan<byte> octets)
{
    ReadOnlySpan<byte> _rest = octets;
    bool _overrun;

    public readonly int Remaining => _rest.Length;

    /// <summary>No read went past the end.</summary>
    public readonly bool IsValid => !_overrun;

    /// <summary>No read went past the end, and nothing is left over.</summary>
    public readonly bool IsComplete => !_overrun && _rest.IsEmpty;

    public byte U8()
    {
        ReadOnlySpan<byte> field = Take(1);
        return field.IsEmpty ? (byte)0 : field[0];
    }

    public ushort U16()
    {
        ReadOnlySpan<byte> field = Take(2);
        return field.IsEmpty ? (ushort)0 : BinaryPrimitives.ReadUInt16BigEndian(field);
    }

    public uint U32()
    {
        ReadOnlySpan<byte> field = Take(4);
        return field.IsEmpty ? 0 : BinaryPrimitives.ReadUInt32BigEndian(field);
    }

    public ulong U64()
    {
        ReadOnlySpan<byte> field = Take(8);
        return field.IsEmpty ? 0 : BinaryPrimitives.ReadUInt64BigEndian(field);
    }

    /// <summary>Exactly <paramref name="count"/> octets, or none.</summary>
    public ReadOnlySpan<byte> Take(int count)
    {
        if (count < 0 || count > _rest.Length)
        {
            _overrun = true;
            _rest = default;
            return default;
        }
        ReadOnlySpan<byte> field = _rest[..count];
        _rest = _rest[count..];
        return field;
    }

    /// <summary>RESERVED fields are ignored on receipt (RFC 7296 §2.5).</summary>
    public void SkipReserved(int count) => Take(count);

    public ReadOnlySpan<byte> TakeRest() => Take(_rest.Length);
}
