namespace Ipsec.Crypto;

/// <summary>Makes the kept cipher contexts of ESP associations.</summary>
public static class PacketCiphers
{
    public static bool IsSupported(EncryptionTransform encryption, IntegrityAlgorithm integrity) =>
        CipherName(encryption) is not null
        && (encryption.IsCombinedMode ? integrity == IntegrityAlgorithm.None : integrity.KeyLength() > 0);

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

        string cipherName = CipherName(encryption)!;
        return encryption.IsCombinedMode
            ? new GcmPacketCipher(cipherName, encryption, encryptionKey, forSealing)
            : new CbcHmacPacketCipher(cipherName, encryption, encryptionKey, integrity, integrityKey, forSealing);
    }

    static string? CipherName(EncryptionTransform encryption) => encryption switch
    {
        { Algorithm: EncryptionAlgorithm.AesGcm16, KeyBits: 128 } => "AES-128-GCM",
        { Algorithm: EncryptionAlgorithm.AesGcm16, KeyBits: 192 } => "AES-192-GCM",
        { Algorithm: EncryptionAlgorithm.AesGcm16, KeyBits: 256 } => "AES-256-GCM",
        { Algorithm: EncryptionAlgorithm.AesCbc, KeyBits: 128 } => "AES-128-CBC",
        { Algorithm: EncryptionAlgorithm.AesCbc, KeyBits: 192 } => "AES-192-CBC",
        { Algorithm: EncryptionAlgorithm.AesCbc, KeyBits: 256 } => "AES-256-CBC",
        { Algorithm: EncryptionAlgorithm.TripleDesCbc, KeyBits: 0 } => "DES-EDE3-CBC",
        _ => null,
    };
}
