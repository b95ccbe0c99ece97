using System.Buffers.Binary;
using System.Security.Cryptography;
using Ipsec.Crypto;

namespace Ipsec.Tests.Support;

/// <summary>A repeatable random source for tests: SHA-256 in counter mode over a seed, the same bytes in every process.</summary>
public sealed class SeededRandomSource(ulong seed) : IRandomSource
{
    readonly byte[] _block = new byte[16];
    ulong _counter;

    public void Fill(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(_block, seed);
        Span<byte> digest = stackalloc byte[32];
        while (destination.Length > 0)
        {
            BinaryPrimitives.WriteUInt64BigEndian(_block.AsSpan(8), _counter++);
            SHA256.HashData(_block, digest);
            int count = Math.Min(digest.Length, destination.Length);
            digest[..count].CopyTo(destination);
            destination = destination[count..];
        }
    }
}
