namespace Ipsec.Crypto.Signatures;

/// <summary>"IKEv2 Hash Algorithms" of IANA's IKEv2 registry, as SIGNATURE_HASH_ALGORITHMS lists them (RFC 7427 §4, RFC 8420 §2).</summary>
public enum SignatureHash : ushort
{
    Sha1 = 1,
    Sha256 = 2,
    Sha384 = 3,
    Sha512 = 4,

    /// <summary>No hash before the signature: Ed25519 and Ed448.</summary>
    Identity = 5,
}

/// <summary>What libcrypto and DER call a hash.</summary>
static class SignatureHashes
{
    /// <summary>libcrypto's name; null for <see cref="SignatureHash.Identity"/>.</summary>
    internal static string? LibraryName(this SignatureHash hash) => hash switch
    {
        SignatureHash.Sha1 => "SHA1",
        SignatureHash.Sha256 => "SHA256",
        SignatureHash.Sha384 => "SHA384",
        SignatureHash.Sha512 => "SHA512",
        SignatureHash.Identity => null,
        _ => throw Unknown(hash),
    };

    /// <summary>Octets of the hash.</summary>
    internal static int Length(this SignatureHash hash) => hash switch
    {
        SignatureHash.Sha1 => 20,
        SignatureHash.Sha256 => 32,
        SignatureHash.Sha384 => 48,
        SignatureHash.Sha512 => 64,
        _ => throw Unknown(hash),
    };

    /// <summary>The object identifier in an AlgorithmIdentifier of the hash itself (RFC 8017 appendix B.1).</summary>
    internal static string ObjectIdentifier(this SignatureHash hash) => hash switch
    {
        SignatureHash.Sha1 => "1.3.14.3.2.26",
        SignatureHash.Sha256 => "2.16.840.1.101.3.4.2.1",
        SignatureHash.Sha384 => "2.16.840.1.101.3.4.2.2",
        SignatureHash.Sha512 => "2.16.840.1.101.3.4.2.3",
        _ => throw Unknown(hash),
    };

    internal static SignatureHash? FromObjectIdentifier(string objectIdentifier) => objectIdentifier switch
    {
        "1.3.14.3.2.26" => SignatureHash.Sha1,
        "2.16.840.1.101.3.4.2.1" => SignatureHash.Sha256,
        "2.16.840.1.101.3.4.2.2" => SignatureHash.Sha384,
        "2.16.840.1.101.3.4.2.3" => SignatureHash.Sha512,
        _ => null,
    };

    static ArgumentOutOfRangeException Unknown(SignatureHash hash) => new(nameof(hash), hash, "not a hash that is known here");
}
