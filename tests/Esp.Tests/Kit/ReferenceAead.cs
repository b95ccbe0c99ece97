using System.Security.Cryptography;
using Ipsec.Crypto;

namespace Ipsec.Esp.Tests.Kit;

/// <summary>Combined-mode algorithms from their RFCs over .NET's own: RFC 4106, RFC 4309, RFC 4543, RFC 7634.</summary>
static class ReferenceAead
{
    const int WholeTag = 16;

    /// <summary>Fills the ciphertext and returns the tag.</summary>
    public static byte[] Seal(EncryptionTransform transform, byte[] keyMaterial, byte[] iv, ReadOnlySpan<byte> payload, Span<byte> ciphertext,
        byte[] associated)
    {
        byte[] key = keyMaterial[..^transform.SaltLength];
        byte[] nonce = [.. keyMaterial[^transform.SaltLength..], .. iv];
        byte[] tag = new byte[WholeTag];
        switch (transform.Algorithm)
        {
            case EncryptionAlgorithm.AesCcm8 or EncryptionAlgorithm.AesCcm12 or EncryptionAlgorithm.AesCcm16:
                tag = new byte[transform.TagLength];
                using (var ccm = new AesCcm(key))
                    ccm.Encrypt(nonce, payload, ciphertext, tag, associated);
                break;
            case EncryptionAlgorithm.ChaCha20Poly1305:
                using (var chacha = new ChaCha20Poly1305(key))
                    chacha.Encrypt(nonce, payload, ciphertext, tag, associated);
                break;
            case EncryptionAlgorithm.NullAuthAesGmac:
                payload.CopyTo(ciphertext);
                using (var gmac = new AesGcm(key, WholeTag))
                    gmac.Encrypt(nonce, ReadOnlySpan<byte>.Empty, [], tag, (byte[])[.. associated, .. iv, .. payload]);
                break;
            default:
                using (var gcm = new AesGcm(key, WholeTag))
                    gcm.Encrypt(nonce, payload, ciphertext, tag, associated);
                break;
        }
        // NIST SP 800-38D §7.1: a shorter tag is the beginning of the whole one.
        return tag[..transform.TagLength];
    }

    public static byte[] Open(EncryptionTransform transform, byte[] keyMaterial, byte[] iv, byte[] ciphertext, byte[] tag, byte[] associated)
    {
        // These are stream ciphers: what encrypts decrypts too. The tag of the result must be the one that came.
        byte[] payload = new byte[ciphertext.Length];
        Seal(transform, keyMaterial, iv, ciphertext, payload, associated);
        Assert.Equal(Seal(transform, keyMaterial, iv, payload, new byte[payload.Length], associated), tag);
        return payload;
    }
}
