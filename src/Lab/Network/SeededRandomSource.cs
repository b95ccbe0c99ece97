using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Ipsec.Crypto;

namespace Ipsec.Lab.Network;

/// <summary>
/// A repeatable random source: SHA-256 in counter mode over a seed and a label, the same octets in every process. Each node and
/// each wire has a stream of its own, so that one more wire in a topology leaves the others' draws as they were.
/// It is internal to the in-memory fabric on purpose: nothing that talks to a real network can build one (D1).
/// </summary>
sealed class SeededRandomSource : IRandomSource
{
    readonly byte[] _block = new byte[SHA256.HashSizeInBytes + sizeof(ulong)];
    readonly byte[] _digest = new byte[SHA256.HashSizeInBytes];
    ulong _counter;
    int _used = SHA256.HashSizeInBytes;

    public SeededRandomSource(ulong seed, string label)
    {
        byte[] material = new byte[sizeof(ulong) + Encoding.UTF8.GetByteCount(label)];
        BinaryPrimitives.WriteUInt64BigEndian(material, seed);
        Encoding.UTF8.GetBytes(label, material.AsSpan(sizeof(ulong)));
        SHA256.HashData(material, _block);
    }

    public void Fill(Span<byte> destination)
    {
        while (destination.Length > 0)
        {
            if (_used == _digest.Length)
                NextBlock();
            int count = Math.Min(_digest.Length - _used, destination.Length);
            _digest.AsSpan(_used, count).CopyTo(destination);
            _used += count;
            destination = destination[count..];
        }
    }

    void NextBlock()
    {
        BinaryPrimitives.WriteUInt64BigEndian(_block.AsSpan(SHA256.HashSizeInBytes), _counter++);
        SHA256.HashData(_block, _digest);
        _used = 0;
    }
}
