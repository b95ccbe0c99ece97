namespace Ipsec.Crypto;

/// <summary>
/// Protects the Encrypted payload of IKE messages (RFC 7296 §3.14, RFC 5282) from raw keys with a borrowed context:
/// an IKE SA keeps no native state.
/// </summary>
public static class MessageCipher
{
    /// <summary>Encrypts in place and writes the ICV over associated data | IV | ciphertext (AEAD: over the associated data and the plaintext).</summary>
    /// <param name="associatedData">IKE header up to and including the generic header of the Encrypted payload.</param>
    public static void Seal(EncryptionTransform encryption, ReadOnlySpan<byte> encryptionKey, IntegrityAlgorithm integrity, ReadOnlySpan<byte> integrityKey,
        ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> iv, Span<byte> payload, Span<byte> icv) => throw new NotImplementedException();

    /// <summary>Checks the ICV, then decrypts in place; on false the payload must not be used.</summary>
    public static bool TryOpen(EncryptionTransform encryption, ReadOnlySpan<byte> encryptionKey, IntegrityAlgorithm integrity, ReadOnlySpan<byte> integrityKey,
        ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> iv, Span<byte> payload, ReadOnlySpan<byte> icv) => throw new NotImplementedException();
}
