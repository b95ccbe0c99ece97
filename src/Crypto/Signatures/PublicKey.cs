using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Ipsec.Crypto.OpenSsl;

namespace Ipsec.Crypto.Signatures;

/// <summary>The kinds of keys that sign.</summary>
public enum SignatureKeyKind
{
    Rsa,
    EcdsaP256,
    EcdsaP384,
    EcdsaP521,
    Ed25519,
    Ed448,
}

/// <summary>
/// A public key that verifies signatures: the SubjectPublicKeyInfo of a certificate (RFC 5280 §4.1.2.7) and of a raw public key (RFC 7670 §3).
/// Equal keys have the same octets. Safe for several threads at once.
/// </summary>
public sealed class PublicKey : IEquatable<PublicKey>, IDisposable
{
    /// <summary>Octets of the longest SubjectPublicKeyInfo that is taken: RSA of 8192 bits needs 1062.</summary>
    public const int LongestEncoding = 2048;

    readonly KeyHandle _handle;
    readonly byte[] _encoding;

    PublicKey(KeyHandle handle, SignatureKeyKind kind, byte[] encoding)
    {
        _handle = handle;
        _encoding = encoding;
        Kind = kind;
    }

    public SignatureKeyKind Kind { get; }

    /// <summary>Bits of the modulus or of the curve's field.</summary>
    public int Bits => SignatureFunctions.EVP_PKEY_get_bits(_handle);

    /// <summary>SubjectPublicKeyInfo, DER.</summary>
    public ReadOnlySpan<byte> Encoding => _encoding;

    internal KeyHandle Handle => _handle;

    /// <summary>
    /// Takes a SubjectPublicKeyInfo from anywhere, a peer among others. False unless it is one whole DER object with a key of a kind known here:
    /// RSA with an odd modulus of 1024 to 8192 bits and an odd exponent from 65537 (FIPS 186-5 §5.1) up to 64 bits; a named curve
    /// (RFC 5480 §2.1.1) with a point on it; Ed25519 or Ed448 (RFC 8410).
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> subjectPublicKeyInfo, [NotNullWhen(true)] out PublicKey? key)
    {
        key = null;
        if (subjectPublicKeyInfo.Length > LongestEncoding || SubjectPublicKeyInfo.KindOf(subjectPublicKeyInfo) is not SignatureKeyKind kind)
            return false;
        KeyHandle? handle = Import(subjectPublicKeyInfo);
        if (handle is null)
            return false;
        key = new PublicKey(handle, kind, subjectPublicKeyInfo.ToArray());
        return true;
    }

    /// <summary>Takes a public key as text: PEM "PUBLIC KEY", or the DER octets themselves.</summary>
    public static bool TryRead(ReadOnlySpan<byte> pemOrDer, [NotNullWhen(true)] out PublicKey? key)
    {
        byte[]? der = PemText.First(pemOrDer, "PUBLIC KEY");
        return TryParse(der ?? pemOrDer, out key);
    }

    /// <summary>Whether a key of this kind makes signatures of this method.</summary>
    public bool Supports(SignatureMethod method) => method.Scheme switch
    {
        SignatureScheme.RsaPkcs1 => Kind == SignatureKeyKind.Rsa,
        // RFC 8017 §9.1.1: hash, salt and two octets must fit into the modulus.
        SignatureScheme.RsaPss => Kind == SignatureKeyKind.Rsa && method.Hash.Length() + method.SaltLength + 2 <= (Bits + 6) / 8,
        SignatureScheme.Ecdsa => Kind is SignatureKeyKind.EcdsaP256 or SignatureKeyKind.EcdsaP384 or SignatureKeyKind.EcdsaP521,
        SignatureScheme.EcdsaFixed => Kind switch
        {
            SignatureKeyKind.EcdsaP256 => method.Hash == SignatureHash.Sha256,
            SignatureKeyKind.EcdsaP384 => method.Hash == SignatureHash.Sha384,
            SignatureKeyKind.EcdsaP521 => method.Hash == SignatureHash.Sha512,
            _ => false,
        },
        SignatureScheme.Ed25519 => Kind == SignatureKeyKind.Ed25519,
        SignatureScheme.Ed448 => Kind == SignatureKeyKind.Ed448,
        _ => false,
    };

    /// <summary>True only if this key made exactly this signature over these octets with exactly this method. Never throws for what a peer sent.</summary>
    public bool Verify(SignatureMethod method, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) =>
        Supports(method) && SignatureVerification.Verify(this, method, data, signature);

    public bool Equals(PublicKey? other) => other is not null && _encoding.AsSpan().SequenceEqual(other._encoding);

    public override bool Equals(object? obj) => Equals(obj as PublicKey);

    public override int GetHashCode() => _encoding.Length << 16 ^ _encoding[^1] << 8 ^ _encoding[^2];

    public override string ToString() => $"{Kind} {Bits}, SHA-256 {Convert.ToHexStringLower(SHA256.HashData(_encoding))[..16]}";

    public void Dispose() => _handle.Dispose();

    /// <summary>The public half of a private key. The caller keeps the handle.</summary>
    internal static unsafe bool TryExport(KeyHandle privateKey, [NotNullWhen(true)] out PublicKey? key)
    {
        key = null;
        int length = SignatureFunctions.i2d_PUBKEY(privateKey, null);
        if (length is <= 0 or > LongestEncoding)
        {
            LibCrypto.ERR_clear_error();
            return false;
        }
        byte[] encoding = new byte[length];
        fixed (byte* octets = encoding)
        {
            byte* next = octets;
            if (SignatureFunctions.i2d_PUBKEY(privateKey, &next) != length)
            {
                LibCrypto.ERR_clear_error();
                return false;
            }
        }
        return TryParse(encoding, out key);
    }

    static unsafe KeyHandle? Import(ReadOnlySpan<byte> encoding)
    {
        fixed (byte* octets = encoding)
        {
            byte* next = octets;
            nint key = SignatureFunctions.d2i_PUBKEY_ex(null, &next, encoding.Length, LibraryContext.Handle, null);
            LibCrypto.ERR_clear_error();
            return key != 0 ? new KeyHandle(key) : null;
        }
    }
}
