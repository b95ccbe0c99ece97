using Ipsec.Crypto.OpenSsl;
using Ipsec.Crypto.Registry;
using Ipsec.Crypto.Secrets;

namespace Ipsec.Crypto.PayloadCiphers;

/// <summary>AES in counter mode by a kept context of libcrypto (RFC 3686). Both directions are one.</summary>
sealed class LibraryCounterCipher : PayloadCipher
{
    const int CounterBlockLength = 16;

    readonly CipherContext _context;
    readonly int _saltLength;
    SecretSlot _counterBlock = SecretMemory.Take(CounterBlockLength);

    internal LibraryCounterCipher(EncryptionEntry entry, ReadOnlySpan<byte> keyMaterial)
    {
        _saltLength = entry.SaltLength;
        _context = new CipherContext(entry.LibraryName, keyMaterial[..^_saltLength], encrypts: true);
        // RFC 3686 §4: nonce | IV | block counter, which starts with one.
        keyMaterial[^_saltLength..].CopyTo(_counterBlock.Octets);
        _counterBlock.Octets[^1] = 1;
    }

    internal override void Transform(ReadOnlySpan<byte> iv, Span<byte> payload)
    {
        Span<byte> block = _counterBlock.Octets;
        iv.CopyTo(block[_saltLength..]);
        _context.Begin(block);
        _context.Transform(payload);
    }

    public override void Dispose()
    {
        _context.Dispose();
        _counterBlock.Free();
    }
}
