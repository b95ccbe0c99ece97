using Ipsec.Crypto.BlockCiphers;
using Ipsec.Crypto.OpenSsl;
using Ipsec.Crypto.PayloadCiphers;
using Ipsec.Crypto.Registry;

namespace Ipsec.Crypto.Tests.PayloadCiphers;

/// <summary>Each way in which this machine can do AES-CBC and HMAC.</summary>
public enum CbcImplementation
{
    LibCrypto,
    Accelerated,
}

static class CbcImplementations
{
    public static IEnumerable<CbcImplementation> All =>
        AesBlock.IsSupported ? [CbcImplementation.LibCrypto, CbcImplementation.Accelerated] : [CbcImplementation.LibCrypto];

    public static PayloadCipher Create(this CbcImplementation implementation, ReadOnlySpan<byte> key, bool encrypts)
    {
        if (implementation == CbcImplementation.Accelerated)
            return encrypts ? new AesCbcEncryption(key) : new AesCbcDecryption(key);
        return new LibraryChainCipher(AlgorithmRegistry.Find(new EncryptionTransform(EncryptionAlgorithm.AesCbc, key.Length * 8))!, key, encrypts);
    }

    /// <summary>A packet cipher all of libcrypto: its contexts, and its HMAC.</summary>
    public static PacketCipher CreateByLibCrypto(int keyLength, IntegrityAlgorithm integrity, ReadOnlySpan<byte> key, ReadOnlySpan<byte> integrityKey,
        bool forSealing)
    {
        EncryptionEntry entry = AlgorithmRegistry.Find(new EncryptionTransform(EncryptionAlgorithm.AesCbc, keyLength))!;
        IntegrityEntry integrityEntry = AlgorithmRegistry.Find(integrity)!;
        return new CipherMacPacketCipher(entry, integrityEntry, new LibraryChainCipher(entry, key, forSealing),
            LibraryMac.Hmac(integrityEntry.Digest, integrityEntry.KeyLength, integrityKey));
    }

    public static void RequireInstructions()
    {
        if (!AesBlock.IsSupported)
            Assert.Skip("processor feature: AES");
    }
}
