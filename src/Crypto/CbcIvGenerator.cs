using System.Buffers.Binary;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using Ipsec.Crypto.BlockCiphers;
using Ipsec.Crypto.OpenSsl;
using Ipsec.Crypto.Secrets;

namespace Ipsec.Crypto;

/// <summary>
/// The unpredictable initialization vectors of one association that chains cipher blocks (RFC 3602 §3, RFC 4303 §2.3): AES-256 over a
/// counter under a key that the association drew when it was installed and nobody else knows. Not thread-safe; allocates nothing per packet.
/// </summary>
public sealed unsafe class CbcIvGenerator : IDisposable
{
    const int KeyLength = 32;

    /// <summary>Null where the processor's own instructions do it.</summary>
    readonly CipherContext? _library;
    SecretSlot _roundKeys = SecretMemory.Take(AesKeySchedule.MaximumLength);
    ulong _counter;

    public CbcIvGenerator(IRandomSource random)
        : this(random, AesBlock.IsSupported)
    {
    }

    internal CbcIvGenerator(IRandomSource random, bool usesInstructions)
    {
        Span<byte> key = stackalloc byte[KeyLength];
        random.Fill(key);
        if (usesInstructions)
            AesKeySchedule.Expand(key, _roundKeys.Octets);
        else
            _library = new CipherContext("AES-256-ECB", key, encrypts: true);
        CryptographicOperations.ZeroMemory(key);
    }

    /// <summary>Writes the next vector.</summary>
    /// <param name="iv">1 to 16 octets.</param>
    public void Next(Span<byte> iv)
    {
        Span<byte> block = stackalloc byte[AesBlock.Length];
        block.Clear();
        BinaryPrimitives.WriteUInt64BigEndian(block, _counter++);
        if (_library is not null)
            _library.TransformShort(block, block);
        else
            Encrypt(block);
        block[..iv.Length].CopyTo(iv);
    }

    public void Dispose()
    {
        _library?.Dispose();
        _roundKeys.Free();
    }

    void Encrypt(Span<byte> block)
    {
        fixed (byte* keys = _roundKeys.Octets)
            AesBlock.Encrypt((Vector128<byte>*)keys, AesKeySchedule.Rounds(KeyLength), Vector128.Create(block)).CopyTo(block);
    }
}
