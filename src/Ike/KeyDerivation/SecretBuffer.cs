using System.Buffers.Binary;
using Ipsec.Crypto;

namespace Ipsec.Ike.KeyDerivation;

/// <summary>A concatenation that may hold a shared secret: of a fixed capacity, so that no copies are left behind, and cleared at the end.</summary>
sealed class SecretBuffer(int capacity) : IDisposable
{
    readonly byte[] _octets = GC.AllocateUninitializedArray<byte>(capacity, pinned: true);
    int _length;

    public ReadOnlySpan<byte> Span => _octets.AsSpan(0, _length);

    public SecretBuffer Append(ReadOnlySpan<byte> part)
    {
        part.CopyTo(_octets.AsSpan(_length));
        _length += part.Length;
        return this;
    }

    public SecretBuffer Append(ulong part)
    {
        BinaryPrimitives.WriteUInt64BigEndian(_octets.AsSpan(_length), part);
        _length += sizeof(ulong);
        return this;
    }

    public void Dispose() => System.Security.Cryptography.CryptographicOperations.ZeroMemory(_octets);
}
