using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Ipsec.Crypto.Signatures;

/// <summary>The families of signatures, with the form that the signature value has.</summary>
public enum SignatureScheme
{
    /// <summary>RSASSA-PKCS1-v1_5 (RFC 8017 §8.2).</summary>
    RsaPkcs1,

    /// <summary>RSASSA-PSS (RFC 8017 §8.1).</summary>
    RsaPss,

    /// <summary>ECDSA, the value is a DER SEQUENCE of r and s (RFC 7427 §3, RFC 3279 §2.2.3).</summary>
    Ecdsa,

    /// <summary>ECDSA of authentication methods 9, 10 and 11: r | s of fixed length, the hash bound to the curve (RFC 4754 §3, §7).</summary>
    EcdsaFixed,

    /// <summary>Ed25519 without prehash (RFC 8420).</summary>
    Ed25519,

    /// <summary>Ed448 without prehash (RFC 8420).</summary>
    Ed448,
}

/// <summary>One way to sign: the scheme with all its parameters. Two equal methods verify the same signatures.</summary>
public sealed record SignatureMethod
{
    public static SignatureMethod Ed25519 { get; } = new(SignatureScheme.Ed25519, SignatureHash.Identity);

    public static SignatureMethod Ed448 { get; } = new(SignatureScheme.Ed448, SignatureHash.Identity);

    static readonly ImmutableArray<(string Name, SignatureMethod Method)> Named =
    [
        ("rsa-sha1", RsaPkcs1(SignatureHash.Sha1)), ("rsa-sha256", RsaPkcs1(SignatureHash.Sha256)),
        ("rsa-sha384", RsaPkcs1(SignatureHash.Sha384)), ("rsa-sha512", RsaPkcs1(SignatureHash.Sha512)),
        ("rsa-pss-sha1", RsaPss(SignatureHash.Sha1)), ("rsa-pss-sha256", RsaPss(SignatureHash.Sha256)),
        ("rsa-pss-sha384", RsaPss(SignatureHash.Sha384)), ("rsa-pss-sha512", RsaPss(SignatureHash.Sha512)),
        ("ecdsa-sha1", Ecdsa(SignatureHash.Sha1)), ("ecdsa-sha256", Ecdsa(SignatureHash.Sha256)),
        ("ecdsa-sha384", Ecdsa(SignatureHash.Sha384)), ("ecdsa-sha512", Ecdsa(SignatureHash.Sha512)),
        ("ed25519", Ed25519), ("ed448", Ed448),
    ];

    SignatureMethod(SignatureScheme scheme, SignatureHash hash)
    {
        Scheme = scheme;
        Hash = hash;
    }

    public SignatureScheme Scheme { get; }

    public SignatureHash Hash { get; }

    /// <summary>The hash of MGF1; used by <see cref="SignatureScheme.RsaPss"/> only.</summary>
    public SignatureHash MaskHash { get; private init; }

    /// <summary>Octets of salt; used by <see cref="SignatureScheme.RsaPss"/> only.</summary>
    public int SaltLength { get; private init; }

    /// <summary>The names that <see cref="TryParse"/> takes.</summary>
    public static IEnumerable<string> Names => Named.Select(entry => entry.Name);

    public static SignatureMethod RsaPkcs1(SignatureHash hash) => new(SignatureScheme.RsaPkcs1, Hashing(hash));

    /// <summary>PSS as it is used everywhere: MGF1 with the same hash, and a salt of the hash's length (RFC 8017 §9.1).</summary>
    public static SignatureMethod RsaPss(SignatureHash hash) => RsaPss(hash, hash, Hashing(hash).Length());

    public static SignatureMethod RsaPss(SignatureHash hash, SignatureHash maskHash, int saltLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(saltLength);
        return new(SignatureScheme.RsaPss, Hashing(hash)) { MaskHash = Hashing(maskHash), SaltLength = saltLength };
    }

    public static SignatureMethod Ecdsa(SignatureHash hash) => new(SignatureScheme.Ecdsa, Hashing(hash));

    /// <summary>SHA-256 with P-256 is authentication method 9, SHA-384 with P-384 is 10, SHA-512 with P-521 is 11 (RFC 4754 §7).</summary>
    public static SignatureMethod EcdsaFixed(SignatureHash hash) => new(SignatureScheme.EcdsaFixed, Hashing(hash));

    /// <summary>Takes one of <see cref="Names"/>: "rsa-pss-sha256", "ecdsa-sha384", "ed25519".</summary>
    public static bool TryParse(string name, [NotNullWhen(true)] out SignatureMethod? method)
    {
        method = Named.FirstOrDefault(entry => entry.Name == name).Method;
        return method is not null;
    }

    /// <summary>
    /// Takes the AlgorithmIdentifier of authentication method 14 (RFC 7427 §3, appendix A; RFC 8420 appendix A). False for anything that is not
    /// one whole DER object, that names an algorithm or parameter unknown here, or whose RSASSA-PSS parameters leave the hash of MGF1 unnamed.
    /// </summary>
    public static bool TryParseAlgorithmIdentifier(ReadOnlySpan<byte> der, [NotNullWhen(true)] out SignatureMethod? method)
    {
        method = AlgorithmIdentifier.Parse(der);
        return method is not null;
    }

    /// <summary>The AlgorithmIdentifier of authentication method 14, at most 255 octets; none for <see cref="SignatureScheme.EcdsaFixed"/>.</summary>
    public byte[] ToAlgorithmIdentifier() => AlgorithmIdentifier.Write(this);

    public override string ToString() =>
        Scheme == SignatureScheme.EcdsaFixed
            ? $"ecdsa-{HashName(Hash)} (r | s)"
            : Named.FirstOrDefault(entry => entry.Method == this).Name ?? $"rsa-pss-{HashName(Hash)} (mgf1 {HashName(MaskHash)}, salt {SaltLength})";

    static string HashName(SignatureHash hash) => hash.LibraryName()!.ToLowerInvariant();

    static SignatureHash Hashing(SignatureHash hash) =>
        hash is >= SignatureHash.Sha1 and <= SignatureHash.Sha512
            ? hash
            : throw new ArgumentOutOfRangeException(nameof(hash), hash, "the scheme needs a hash");
}
