using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Ipsec.Ike.Delivery;

/// <summary>Stands in for a whole datagram where one is recognized again: a repetition is bitwise identical (RFC 7296 §2.1).</summary>
static class MessageDigest
{
    /// <summary>The front half of SHA-256.</summary>
    public static UInt128 Of(ReadOnlySpan<byte> datagram)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(datagram, digest);
        return BinaryPrimitives.ReadUInt128BigEndian(digest);
    }
}
