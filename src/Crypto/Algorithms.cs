namespace Ipsec.Crypto;

// The numbers are IANA's "Internet Key Exchange Version 2 (IKEv2) Parameters"; one list serves IKE and ESP.

/// <summary>Transform type 1, encryption algorithms (RFC 7296 §3.3.2, RFC 4106, RFC 5282).</summary>
public enum EncryptionAlgorithm : ushort
{
    None = 0,
    TripleDesCbc = 3,
    AesCbc = 12,
    AesGcm16 = 20,
}

/// <summary>Transform type 2, pseudorandom functions (RFC 7296 §3.3.2, RFC 4868).</summary>
public enum PseudorandomFunction : ushort
{
    None = 0,
    HmacSha1 = 2,
    HmacSha256 = 5,
    HmacSha384 = 6,
    HmacSha512 = 7,
}

/// <summary>Transform type 3, integrity algorithms (RFC 7296 §3.3.2, RFC 2404, RFC 4868).</summary>
public enum IntegrityAlgorithm : ushort
{
    None = 0,
    HmacSha1_96 = 2,
    HmacSha256_128 = 12,
    HmacSha384_192 = 13,
    HmacSha512_256 = 14,
}

/// <summary>Transform type 4, key exchange methods, formerly Diffie-Hellman groups (RFC 7296 §3.3.2, RFC 3526, RFC 5903, RFC 8031).</summary>
public enum KeyExchangeMethod : ushort
{
    None = 0,
    Modp1024 = 2,
    Modp2048 = 14,
    Ecp256 = 19,
    Ecp384 = 20,
    Curve25519 = 31,
}
