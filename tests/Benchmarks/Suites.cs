using Ipsec.Crypto;
using Ipsec.Esp;

namespace Ipsec.Benchmarks;

/// <summary>The suites that are measured, by the names that strongSwan's users write.</summary>
static class Suites
{
    public static EspTransforms Parse(string name) => name switch
    {
        "aes128gcm16" => new(new EncryptionTransform(EncryptionAlgorithm.AesGcm16, 128), IntegrityAlgorithm.None, false),
        "aes256gcm16" => new(new EncryptionTransform(EncryptionAlgorithm.AesGcm16, 256), IntegrityAlgorithm.None, false),
        "aes256-sha1" => new(new EncryptionTransform(EncryptionAlgorithm.AesCbc, 256), IntegrityAlgorithm.HmacSha1_96, false),
        "aes256-sha256" => new(new EncryptionTransform(EncryptionAlgorithm.AesCbc, 256), IntegrityAlgorithm.HmacSha256_128, false),
        "aes256-sha512" => new(new EncryptionTransform(EncryptionAlgorithm.AesCbc, 256), IntegrityAlgorithm.HmacSha512_256, false),
        "chacha20poly1305" => new(new EncryptionTransform(EncryptionAlgorithm.ChaCha20Poly1305, 0), IntegrityAlgorithm.None, false),
        "3des-sha1" => new(new EncryptionTransform(EncryptionAlgorithm.TripleDesCbc, 0), IntegrityAlgorithm.HmacSha1_96, false),
        _ => throw new ArgumentException($"unknown suite {name}", nameof(name)),
    };
}
