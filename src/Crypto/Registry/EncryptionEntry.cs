namespace Ipsec.Crypto.Registry;

/// <summary>How an encryption algorithm works, which decides about initialization vectors, padding and integrity.</summary>
public enum EncryptionMode
{
    /// <summary>Cipher-block chaining with a separate integrity algorithm; the initialization vector is unpredictable.</summary>
    Cbc,

    /// <summary>Counter mode with a separate integrity algorithm (RFC 3686).</summary>
    Ctr,

    /// <summary>RFC 4106, RFC 5282.</summary>
    Gcm,

    /// <summary>RFC 4309, RFC 5282.</summary>
    Ccm,

    /// <summary>RFC 7634.</summary>
    ChaCha20Poly1305,

    /// <summary>No encryption, with a separate integrity algorithm (RFC 2410).</summary>
    Null,

    /// <summary>No encryption, the integrity of GCM (RFC 4543).</summary>
    Gmac,
}

/// <summary>An encryption algorithm with one key length.</summary>
/// <param name="LibraryName">libcrypto's name; empty for none.</param>
/// <param name="KeyLength">Octets of the key proper, without the salt.</param>
public sealed record EncryptionEntry(EncryptionTransform Transform, string Word, string IanaName, string Source, EncryptionMode Mode,
    string LibraryName, int KeyLength) : AlgorithmEntry((ushort)Transform.Algorithm, Word, IanaName, Source)
{
    /// <summary>Octets of a cipher block where plaintext must be a multiple of it; 1 otherwise.</summary>
    public int BlockLength { get; init; } = 1;

    /// <summary>Octets of the tag of a combined-mode algorithm; 0 otherwise.</summary>
    public int TagLength { get; init; }

    /// <summary>Octets of implicit nonce at the end of the key material (RFC 4106 §8.1, RFC 4309 §7.1, RFC 3686 §5.1, RFC 7634 §2).</summary>
    public int SaltLength => Mode switch
    {
        EncryptionMode.Cbc or EncryptionMode.Null => 0,
        EncryptionMode.Ccm => 3,
        _ => 4,
    };

    /// <summary>Octets of explicit initialization vector in every packet.</summary>
    public int IvLength => Mode switch
    {
        EncryptionMode.Cbc => BlockLength,
        EncryptionMode.Null => 0,
        _ => 8,
    };

    /// <summary>True where the algorithm brings its own integrity.</summary>
    public bool IsCombinedMode => TagLength > 0;

    /// <summary>RFC 8247 §2.1, RFC 4543 §5: an IKE SA encrypts.</summary>
    public bool IsForIke => Mode is not (EncryptionMode.Null or EncryptionMode.Gmac);

    /// <summary>
    /// Octets that libcrypto is given as key: DES is triple DES with one key three times, because libcrypto has single DES only in a
    /// provider that many machines do not install.
    /// </summary>
    internal bool RepeatsKeyThreeTimes => Transform.Algorithm == EncryptionAlgorithm.DesCbc;
}
