namespace Ipsec.Crypto;

/// <summary>
/// Protects the Encrypted payload of IKE messages (RFC 7296 §3.14, RFC 5282) from raw keys, with a context that lives for the one
/// message: an IKE SA keeps no native state.
/// </summary>
public static class MessageCipher
{
    /// <summary>Encrypts in place and writes the ICV over associated data | IV | ciphertext (AEAD: over the associated data and the plaintext).</summary>
    /// <param name="encryption">What was negotiated for the IKE SA.</param>
    /// <param name="encryptionKey">SK_e: key material of <see cref="EncryptionTransform.KeyMaterialLength"/> octets, salt last (RFC 5282 §7.1).</param>
    /// <param name="integrity">None for combined-mode algorithms.</param>
    /// <param name="integrityKey">SK_a; empty for combined-mode algorithms.</param>
    /// <param name="associatedData">IKE header up to and including the generic header of the Encrypted payload.</param>
    /// <param name="iv">The explicit IV: for GCM never the same twice under one key, for CBC unpredictable.</param>
    /// <param name="payload">The inner payloads with padding and pad length, in place.</param>
    /// <param name="icv">Where the integrity check value goes, of exactly its length.</param>
    public static void Seal(EncryptionTransform encryption, ReadOnlySpan<byte> encryptionKey, IntegrityAlgorithm integrity, ReadOnlySpan<byte> integrityKey,
        ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> iv, Span<byte> payload, Span<byte> icv)
    {
        using PacketCipher cipher = PacketCiphers.Create(encryption, encryptionKey, integrity, integrityKey, forSealing: true);
        cipher.Seal(associatedData, sequenceHigh: null, iv, payload, icv);
    }

    /// <summary>Checks the ICV, then decrypts in place; on false the payload must not be used.</summary>
    public static bool TryOpen(EncryptionTransform encryption, ReadOnlySpan<byte> encryptionKey, IntegrityAlgorithm integrity, ReadOnlySpan<byte> integrityKey,
        ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> iv, Span<byte> payload, ReadOnlySpan<byte> icv)
    {
        using PacketCipher cipher = PacketCiphers.Create(encryption, encryptionKey, integrity, integrityKey, forSealing: false);
        return cipher.TryOpen(associatedData, sequenceHigh: null, iv, payload, icv);
    }
}
