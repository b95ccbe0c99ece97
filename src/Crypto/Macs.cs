using System.Security.Cryptography;
using Ipsec.Crypto.Hmacs;
using Ipsec.Crypto.OpenSsl;
using Ipsec.Crypto.Registry;

namespace Ipsec.Crypto;

/// <summary>Makes keyed message authentication codes from the registry's rows.</summary>
static class Macs
{
    const int BlockCipherKeyLength = 16;

    /// <param name="key">Of any length.</param>
    /// <exception cref="ArgumentOutOfRangeException">The function is not known.</exception>
    internal static MacContext Create(PseudorandomFunction function, ReadOnlySpan<byte> key)
    {
        PseudorandomFunctionEntry entry = AlgorithmRegistry.Find(function)
            ?? throw new ArgumentOutOfRangeException(nameof(function), function, "not a pseudorandom function that is known here");
        if (entry.Mac == MacKind.Hmac)
            return Hmac(entry.Digest, entry.OutputLength, key);
        if (key.Length == BlockCipherKeyLength)
            return Create(entry.Mac, key);

        Span<byte> fitted = stackalloc byte[BlockCipherKeyLength];
        fitted.Clear();
        // RFC 4434 §2: a shorter key is padded with zeros. RFC 4615 §3, and RFC 4434 for a longer one: its code under a key of zeros.
        if (entry.Mac == MacKind.Xcbc && key.Length < BlockCipherKeyLength)
        {
            key.CopyTo(fitted);
        }
        else
        {
            using MacContext shortener = Create(entry.Mac, fitted);
            shortener.Append(key);
            shortener.Finish(fitted);
        }
        MacContext mac = Create(entry.Mac, fitted);
        CryptographicOperations.ZeroMemory(fitted);
        return mac;
    }

    /// <param name="key">Of the algorithm's key length.</param>
    internal static MacContext Create(IntegrityEntry entry, ReadOnlySpan<byte> key) => entry.Mac == MacKind.Hmac
        ? Hmac(entry.Digest, entry.KeyLength, key)
        : Create(entry.Mac, key);

    static MacContext Hmac(string digest, int outputLength, ReadOnlySpan<byte> key) => digest switch
    {
        "SHA256" when Sha256Digest.IsAvailable => new HmacSha256(key),
        "SHA384" when Sha384Digest.IsAvailable => new SavedStateHmac<Sha384Digest>(key),
        "SHA512" when Sha512Digest.IsAvailable => new SavedStateHmac<Sha512Digest>(key),
        "SHA1" when Sha1Digest.IsAvailable => new SavedStateHmac<Sha1Digest>(key),
        _ => LibraryMac.Hmac(digest, outputLength, key),
    };

    static MacContext Create(MacKind kind, ReadOnlySpan<byte> key) => kind == MacKind.Cmac ? LibraryMac.Aes128Cmac(key) : new XcbcMac(key);
}
