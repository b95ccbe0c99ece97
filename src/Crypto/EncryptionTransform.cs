namespace Ipsec.Crypto;

/// <summary>An encryption algorithm with its key length: what a proposal negotiates and a key schedule needs to know.</summary>
/// <param name="Algorithm">The IANA transform.</param>
/// <param name="KeyBits">Key length attribute in bits; 0 for algorithms with a fixed length (3DES).</param>
public readonly record struct EncryptionTransform(EncryptionAlgorithm Algorithm, int KeyBits)
{
    /// <summary>True for AEAD: no separate integrity transform (RFC 5282 §8, RFC 4106).</summary>
    public bool IsCombinedMode => Algorithm == EncryptionAlgorithm.AesGcm16;

    /// <summary>Octets of key material to take from KEYMAT or SK_e*, salt included (RFC 4106 §8.1: four octets).</summary>
    public int KeyMaterialLength => Algorithm switch
    {
        EncryptionAlgorithm.TripleDesCbc => 24,
        EncryptionAlgorithm.AesGcm16 => KeyBits / 8 + SaltLength,
        _ => KeyBits / 8,
    };

    /// <summary>Octets of implicit nonce at the end of the key material.</summary>
    public int SaltLength => IsCombinedMode ? 4 : 0;

    /// <summary>Octets of explicit initialization vector in every packet.</summary>
    public int IvLength => Algorithm switch
    {
        EncryptionAlgorithm.AesCbc => 16,
        EncryptionAlgorithm.TripleDesCbc or EncryptionAlgorithm.AesGcm16 => 8,
        _ => 0,
    };

    /// <summary>Plaintext must be a multiple of this many octets.</summary>
    public int BlockLength => Algorithm switch
    {
        EncryptionAlgorithm.AesCbc => 16,
        EncryptionAlgorithm.TripleDesCbc => 8,
        _ => 1,
    };

    /// <summary>Octets of the tag of a combined-mode algorithm; 0 otherwise.</summary>
    public int TagLength => IsCombinedMode ? 16 : 0;
}
