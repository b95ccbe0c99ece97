using System.Buffers.Binary;
using System.Security.Cryptography;
using Ipsec.Crypto.OpenSsl;

namespace Ipsec.Crypto;

/// <summary>
/// The unpredictable initialization vectors of one association that chains cipher blocks (RFC 3602 §3, RFC 4303 §2.3): AES-256 over a
/// counter under a key that the association drew when it was installed and nobody else knows. Not thread-safe; allocates nothing per packet.
/// </summary>
public sealed class CbcIvGenerator : IDisposable
{
    const int KeyLength = 32;
    const int BlockLength = 16;

    readonly CipherContext _cipher;
    ulong _counter;

    public CbcIvGenerator(IRandomSource random)
    {
        Span<byte> key = stackalloc byte[KeyLength];
        random.Fill(key);
        _cipher = new CipherContext("AES-256-ECB", key, encrypts: true);
        CryptographicOperations.ZeroMemory(key);
    }

    /// <summary>Writes the next vector.</summary>
    /// <param name="iv">1 to 16 octets.</param>
    public void Next(Span<byte> iv)
    {
        Span<byte> block = stackalloc byte[BlockLength];
        block.Clear();
        BinaryPrimitives.WriteUInt64BigEndian(block, _counter++);
        _cipher.TransformShort(block, block);
        block[..iv.Length].CopyTo(iv);
    }

    public void Dispose() => _cipher.Dispose();
}
