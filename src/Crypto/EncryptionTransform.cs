using Ipsec.Crypto.Registry;

namespace Ipsec.Crypto;

/// <summary>
/// An encryption algorithm with its key length: what a proposal negotiates and a key schedule needs to know. The lengths of one that
/// the registry does not have are 0.
/// </summary>
/// <param name="Algorithm">The IANA transform.</param>
/// <param name="KeyBits">Key length attribute in bits; 0 for algorithms with a fixed length (3DES).</param>
public readonly record struct EncryptionTransform(EncryptionAlgorithm Algorithm, int KeyBits)
{
    /// <summary>True for AEAD: no separate integrity transform (RFC 5282 §8, RFC 4106).</summary>
    public bool IsCombinedMode => Entry is { IsCombinedMode: true };

    /// <summary>
    /// True where the initialization vector must never repeat under one key and a counter does (RFC 4106 §3.1, RFC 3686 §3.1); false where
    /// it must be unpredictable.
    /// </summary>
    public bool CountsIvs => Entry is { Mode: not (EncryptionMode.Cbc or EncryptionMode.Null) };

    /// <summary>Octets of key material to take from KEYMAT or SK_e*, salt included (RFC 4106 §8.1).</summary>
    public int KeyMaterialLength => Entry is EncryptionEntry entry ? entry.KeyLength + entry.SaltLength : 0;

    /// <summary>Octets of implicit nonce at the end of the key material.</summary>
    public int SaltLength => Entry?.SaltLength ?? 0;

    /// <summary>Octets of explicit initialization vector in every packet.</summary>
    public int IvLength => Entry?.IvLength ?? 0;

    /// <summary>Plaintext must be a multiple of this many octets.</summary>
    public int BlockLength => Entry?.BlockLength ?? 1;

    /// <summary>Octets of the tag of a combined-mode algorithm; 0 otherwise.</summary>
    public int TagLength => Entry?.TagLength ?? 0;

    EncryptionEntry? Entry => AlgorithmRegistry.Find(this);
}
