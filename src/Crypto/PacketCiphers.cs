using Ipsec.Crypto.Gcm;
using Ipsec.Crypto.OpenSsl;
using Ipsec.Crypto.Registry;

namespace Ipsec.Crypto;

/// <summary>Makes the kept cipher contexts of ESP associations.</summary>
public static class PacketCiphers
{
    /// <summary>True if the two go together and this machine's libcrypto has them.</summary>
    public static bool IsSupported(EncryptionTransform encryption, IntegrityAlgorithm integrity) =>
        AlgorithmRegistry.Find(encryption) is EncryptionEntry entry && IsAvailable(entry)
        && (entry.IsCombinedMode ? integrity == IntegrityAlgorithm.None : AlgorithmRegistry.Find(integrity) is IntegrityEntry code && IsAvailable(code));

    /// <summary>True if this machine's libcrypto can do it.</summary>
    public static bool IsAvailable(EncryptionEntry entry) => entry.LibraryName.Length == 0 || LibraryContext.HasCipher(entry.LibraryName);

    /// <summary>True if this machine's libcrypto can do it.</summary>
    public static bool IsAvailable(IntegrityEntry entry) => entry.Mac != MacKind.Hmac || LibraryContext.HasDigest(entry.Digest);

    /// <summary>True if this machine's libcrypto can do it.</summary>
    public static bool IsAvailable(PseudorandomFunctionEntry entry) => entry.Mac != MacKind.Hmac || LibraryContext.HasDigest(entry.Digest);

    /// <summary>By what AES-GCM is computed on this machine, in words.</summary>
    public static string GcmImplementation => GcmKernel.IsSupported ? "AES-NI and VPCLMULQDQ" : "libcrypto";

    /// <param name="encryption">What was negotiated.</param>
    /// <param name="encryptionKey">Key material of <see cref="EncryptionTransform.KeyMaterialLength"/> octets, salt last.</param>
    /// <param name="integrity">None for combined-mode algorithms.</param>
    /// <param name="integrityKey">Empty for combined-mode algorithms.</param>
    /// <param name="forSealing">The one direction that the context will be used in.</param>
    /// <exception cref="ArgumentException">The transforms are not supported together or a key's length is not theirs.</exception>
    public static PacketCipher Create(EncryptionTransform encryption, ReadOnlySpan<byte> encryptionKey,
        IntegrityAlgorithm integrity, ReadOnlySpan<byte> integrityKey, bool forSealing)
    {
        if (!IsSupported(encryption, integrity))
            throw new ArgumentException($"{encryption} with {integrity} is not supported", nameof(encryption));
        if (encryptionKey.Length != encryption.KeyMaterialLength)
            throw new ArgumentException($"{encryption} takes {encryption.KeyMaterialLength} octets of key material", nameof(encryptionKey));
        if (integrityKey.Length != integrity.KeyLength())
            throw new ArgumentException($"{integrity} takes a key of {integrity.KeyLength()} octets", nameof(integrityKey));

        EncryptionEntry entry = AlgorithmRegistry.Find(encryption)!;
        return entry.Mode switch
        {
            EncryptionMode.Gcm when GcmKernel.IsSupported => new AcceleratedGcmCipher(entry, encryptionKey),
            EncryptionMode.Gcm or EncryptionMode.ChaCha20Poly1305 => new StreamingPacketCipher(entry, encryptionKey, forSealing),
            EncryptionMode.Ccm => new CcmPacketCipher(entry, encryptionKey, forSealing),
            EncryptionMode.Gmac => new GmacPacketCipher(entry, encryptionKey, forSealing),
            _ => new CipherMacPacketCipher(entry, encryptionKey, AlgorithmRegistry.Find(integrity)!, integrityKey, forSealing),
        };
    }
}
