namespace Ipsec.Crypto;

// The numbers are IANA's "Internet Key Exchange Version 2 (IKEv2) Parameters"; one list serves IKE and ESP. What is known about each
// stands in one table, AlgorithmRegistry.

/// <summary>Transform type 1, encryption algorithms.</summary>
public enum EncryptionAlgorithm : ushort
{
    None = 0,
    DesCbc = 2,
    TripleDesCbc = 3,
    Null = 11,
    AesCbc = 12,
    AesCtr = 13,
    AesCcm8 = 14,
    AesCcm12 = 15,
    AesCcm16 = 16,
    AesGcm8 = 18,
    AesGcm12 = 19,
    AesGcm16 = 20,
    NullAuthAesGmac = 21,
    CamelliaCbc = 23,
    ChaCha20Poly1305 = 28,
}

/// <summary>Transform type 2, pseudorandom functions.</summary>
public enum PseudorandomFunction : ushort
{
    None = 0,
    HmacMd5 = 1,
    HmacSha1 = 2,
    Aes128Xcbc = 4,
    HmacSha256 = 5,
    HmacSha384 = 6,
    HmacSha512 = 7,
    Aes128Cmac = 8,
}

/// <summary>Transform type 3, integrity algorithms.</summary>
public enum IntegrityAlgorithm : ushort
{
    None = 0,
    HmacMd5_96 = 1,
    HmacSha1_96 = 2,
    AesXcbc96 = 5,
    AesCmac96 = 8,
    HmacSha256_128 = 12,
    HmacSha384_192 = 13,
    HmacSha512_256 = 14,
}

/// <summary>Transform type 4, key exchange methods, formerly Diffie-Hellman groups.</summary>
public enum KeyExchangeMethod : ushort
{
    None = 0,
    Modp768 = 1,
    Modp1024 = 2,
    Modp1536 = 5,
    Modp2048 = 14,
    Modp3072 = 15,
    Modp4096 = 16,
    Modp6144 = 17,
    Modp8192 = 18,
    Ecp256 = 19,
    Ecp384 = 20,
    Ecp521 = 21,
    Modp1024Subgroup160 = 22,
    Modp2048Subgroup224 = 23,
    Modp2048Subgroup256 = 24,
    Ecp192 = 25,
    Ecp224 = 26,
    Brainpool224 = 27,
    Brainpool256 = 28,
    Brainpool384 = 29,
    Brainpool512 = 30,
    Curve25519 = 31,
    Curve448 = 32,
    MlKem512 = 35,
    MlKem768 = 36,
    MlKem1024 = 37,
}
