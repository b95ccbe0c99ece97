using System.Buffers.Binary;
using Ipsec.Crypto.Secrets;

namespace Ipsec.Crypto;

/// <summary>A concatenation that may hold secrets: of a fixed capacity, so that no copies are left behind, and cleared at the end.</summary>
public sealed class SecretBuffer : IDisposable
{
    SecretSlot _slot;
    int _length;

    /// <param name="capacity">Octets that it can hold.</param>
    public SecretBuffer(int capacity) => _slot = SecretMemory.Take(capacity);

    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public ReadOnlySpan<byte> Span => _slot.Octets[.._length];

    /// <exception cref="ArgumentException">The capacity is exceeded.</exception>
    public SecretBuffer Append(ReadOnlySpan<byte> part)
    {
        part.CopyTo(_slot.Octets[_length..]);
        _length += part.Length;
        return this;
    }

    /// <summary>Appends the number, most significant octet first.</summary>
    /// <exception cref="ArgumentException">The capacity is exceeded.</exception>
    public SecretBuffer Append(ulong part)
    {
        BinaryPrimitives.WriteUInt64BigEndian(Reserve(sizeof(ulong)), part);
        return this;
    }

    /// <summary>The next octets, zeros until the caller writes them.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is exceeded.</exception>
    public Span<byte> Reserve(int length)
    {
        Span<byte> reserved = _slot.Octets.Slice(_length, length);
        _length += length;
        return reserved;
    }

    /// <summary>Clears it; a second time does nothing.</summary>
    public void Dispose() => _slot.Free();
}
