using System.Security.Cryptography;
using Ipsec.Crypto.OpenSsl;
using Ipsec.Crypto.Registry;

namespace Ipsec.Crypto.PayloadCiphers;

/// <summary>CBC by a kept context of libcrypto (RFC 3602, RFC 2451, RFC 2405, RFC 5529).</summary>
sealed class LibraryChainCipher : PayloadCipher
{
    const int SingleDesKeyLength = 8;

    readonly CipherContext _context;

    internal LibraryChainCipher(EncryptionEntry entry, scoped ReadOnlySpan<byte> key, bool encrypts)
    {
        Span<byte> repeated = stackalloc byte[3 * SingleDesKeyLength];
        if (entry.RepeatsKeyThreeTimes)
        {
            for (int i = 0; i < repeated.Length; i += SingleDesKeyLength)
                key.CopyTo(repeated[i..]);
            key = repeated;
        }
        _context = new CipherContext(entry.LibraryName, key, encrypts);
        CryptographicOperations.ZeroMemory(repeated);
    }

    internal override void Transform(ReadOnlySpan<byte> iv, Span<byte> payload)
    {
        _context.Begin(iv);
        _context.Transform(payload);
    }

    public override void Dispose() => _context.Dispose();
}
