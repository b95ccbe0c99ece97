using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Ipsec.Crypto.OpenSsl;

namespace Ipsec.Crypto.Signatures;

/// <summary>
/// A private key that signs. Its octets live in libcrypto only and are cleared there; printing it prints its public half. Safe for several threads at once.
/// </summary>
public sealed unsafe class SigningKey : IDisposable
{
    readonly KeyHandle _handle;

    SigningKey(KeyHandle handle, PublicKey publicKey)
    {
        _handle = handle;
        PublicKey = publicKey;
    }

    /// <summary>Lives as long as this key.</summary>
    public PublicKey PublicKey { get; }

    public SignatureKeyKind Kind => PublicKey.Kind;

    /// <summary>
    /// Takes a private key as PEM or DER: PKCS#8 (RFC 5958), PKCS#8 encrypted with a password, PKCS#1 "RSA PRIVATE KEY" or SEC 1 "EC PRIVATE KEY";
    /// of RSA, P-256, P-384, P-521, Ed25519 or Ed448.
    /// </summary>
    /// <param name="password">UTF-8; empty if there is none.</param>
    /// <param name="error">Why not, as the rest of a sentence that begins with the key's name: "is encrypted and needs its password".</param>
    public static bool TryRead(ReadOnlySpan<byte> pemOrDer, ReadOnlySpan<byte> password, [NotNullWhen(true)] out SigningKey? key,
        [NotNullWhen(false)] out string? error)
    {
        key = null;
        KeyHandle? handle = PrivateKeyText.Import(pemOrDer, password, out error);
        return handle is not null && TryCreate(handle, out key, out error);
    }

    /// <summary>Whether this key makes signatures of this method.</summary>
    public bool Supports(SignatureMethod method) => PublicKey.Supports(method);

    /// <summary>
    /// Signs the octets themselves, not their hash. May take milliseconds and, for ECDSA and PSS, draws randomness that nobody can repeat:
    /// the core asks for it as an operation.
    /// </summary>
    /// <exception cref="ArgumentException">The key does not support the method.</exception>
    public byte[] Sign(SignatureMethod method, ReadOnlySpan<byte> data)
    {
        if (!Supports(method))
            throw new ArgumentException($"{Kind} does not sign with {method}", nameof(method));
        using DigestContextHandle context = DigestContextHandle.Create();
        LibraryContext.Check(
            SignatureParameters.With(method, parameters => SigningFunctions.EVP_DigestSignInit_ex(
                context.Pointer, null, method.Hash.LibraryName(), LibraryContext.Handle, null, _handle, parameters)),
            nameof(SigningFunctions.EVP_DigestSignInit_ex));
        byte[] signature = new byte[SignatureFunctions.EVP_PKEY_get_size(_handle)];
        nuint length = (nuint)signature.Length;
        byte none = 0;
        fixed (byte* input = data, output = signature)
        {
            LibraryContext.Check(
                SigningFunctions.EVP_DigestSign(context.Pointer, output, &length, input is null ? &none : input, (nuint)data.Length),
                nameof(SigningFunctions.EVP_DigestSign));
        }
        ReadOnlyMemory<byte> written = signature.AsMemory(0, (int)length);
        return method.Scheme == SignatureScheme.EcdsaFixed ? EcdsaValue.FromDer(written, EcdsaValue.NumberLength(Kind)) : written.ToArray();
    }

    /// <summary>The private key in clear as DER of PKCS#8 (RFC 5958), for another program that is to sign with it. The caller disposes it.</summary>
    public Secret ToPkcs8()
    {
        nint information = SignatureFunctions.EVP_PKEY2PKCS8(_handle);
        LibraryContext.Check(information != 0 ? 1 : 0, nameof(SignatureFunctions.EVP_PKEY2PKCS8));
        int length = SignatureFunctions.i2d_PKCS8_PRIV_KEY_INFO(information, null);
        byte[] octets = GC.AllocateUninitializedArray<byte>(Math.Max(length, 0), pinned: true);
        try
        {
            fixed (byte* start = octets)
            {
                byte* next = start;
                LibraryContext.Check(length > 0 ? SignatureFunctions.i2d_PKCS8_PRIV_KEY_INFO(information, &next) : 0,
                    nameof(SignatureFunctions.i2d_PKCS8_PRIV_KEY_INFO));
            }
            return new Secret(octets);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(octets);
            SignatureFunctions.PKCS8_PRIV_KEY_INFO_free(information);
        }
    }

    public override string ToString() => $"SigningKey({PublicKey})";

    public void Dispose()
    {
        _handle.Dispose();
        PublicKey.Dispose();
    }

    /// <summary>Takes over the handle.</summary>
    internal static bool TryCreate(KeyHandle handle, [NotNullWhen(true)] out SigningKey? key, [NotNullWhen(false)] out string? error)
    {
        key = null;
        if (!PublicKey.TryExport(handle, out PublicKey? publicKey))
        {
            handle.Dispose();
            error = "is no RSA key of 1024 to 8192 bits, ECDSA key on P-256, P-384 or P-521, Ed25519 or Ed448 key";
            return false;
        }
        SigningKey candidate = new(handle, publicKey);
        if (!candidate.SignsWhatItsPublicKeyVerifies())
        {
            candidate.Dispose();
            error = "is damaged: its private and public halves do not belong together";
            return false;
        }
        key = candidate;
        error = null;
        return true;
    }

    bool SignsWhatItsPublicKeyVerifies()
    {
        SignatureMethod method = Kind switch
        {
            SignatureKeyKind.Rsa => SignatureMethod.RsaPkcs1(SignatureHash.Sha256),
            SignatureKeyKind.Ed25519 => SignatureMethod.Ed25519,
            SignatureKeyKind.Ed448 => SignatureMethod.Ed448,
            _ => SignatureMethod.Ecdsa(SignatureHash.Sha256),
        };
        try
        {
            return PublicKey.Verify(method, "both halves"u8, Sign(method, "both halves"u8));
        }
        catch (CryptographicException)
        {
            return false;
        }
    }
}
