namespace Ipsec.Crypto;

/// <summary>Makes the kept cipher contexts of ESP associations.</summary>
public static class PacketCiphers
{
    public static bool IsSupported(EncryptionTransform encryption, IntegrityAlgorithm integrity) => throw new NotImplementedException();

    /// <param name="encryptionKey">Key material of <see cref="EncryptionTransform.KeyMaterialLength"/> octets, salt last.</param>
    /// <param name="integrityKey">Empty for combined-mode algorithms.</param>
    public static PacketCipher Create(EncryptionTransform encryption, ReadOnlySpan<byte> encryptionKey,
        IntegrityAlgorithm integrity, ReadOnlySpan<byte> integrityKey, bool forSealing) => throw new NotImplementedException();
}
