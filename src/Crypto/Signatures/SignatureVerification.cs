using System.Security.Cryptography;
using Ipsec.Crypto.OpenSsl;

namespace Ipsec.Crypto.Signatures;

/// <summary>Verifies with libcrypto. Only the result 1 is success: an error inside libcrypto is a signature that does not verify (CVE-2013-2944).</summary>
static unsafe class SignatureVerification
{
    const int Verified = 1;

    /// <summary>The key must support the method.</summary>
    internal static bool Verify(PublicKey key, SignatureMethod method, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        bool verified = method.Scheme switch
        {
            SignatureScheme.RsaPkcs1 => VerifyPkcs1(key, method.Hash, data, signature),
            // RFC 8017 §8.1.2: exactly as long as the modulus.
            SignatureScheme.RsaPss => signature.Length == ModulusLength(key) && VerifyDigest(key, method, data, signature),
            SignatureScheme.EcdsaFixed => EcdsaValue.ToDer(signature, EcdsaValue.NumberLength(key.Kind)) is byte[] der && VerifyDigest(key, method, data, der),
            _ => signature.Length <= SignatureFunctions.EVP_PKEY_get_size(key.Handle) && VerifyDigest(key, method, data, signature),
        };
        LibCrypto.ERR_clear_error();
        return verified;
    }

    static int ModulusLength(PublicKey key) => (key.Bits + 7) / 8;

    /// <summary>
    /// RFC 8017 §8.2.2: the whole encoded message is made again and compared, so that nothing inside it is parsed: no octet of padding, DigestInfo
    /// or tail can differ (CVE-2018-16151, CVE-2018-16152, CVE-2026-50721, CVE-2026-50722).
    /// </summary>
    static bool VerifyPkcs1(PublicKey key, SignatureHash hash, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        if (signature.Length != ModulusLength(key))
            return false;
        byte[] expected = RsaEncodedMessage.Pkcs1(hash, data, signature.Length);
        byte[] recovered = new byte[signature.Length];
        return Recover(key, signature, recovered) && CryptographicOperations.FixedTimeEquals(expected, recovered);
    }

    /// <summary>s^e mod n; libcrypto refuses an s that is not below n.</summary>
    static bool Recover(PublicKey key, ReadOnlySpan<byte> signature, Span<byte> recovered)
    {
        nint context = LibraryContext.CheckPointer(SignatureFunctions.EVP_PKEY_CTX_new_from_pkey(LibraryContext.Handle, key.Handle, null),
            nameof(SignatureFunctions.EVP_PKEY_CTX_new_from_pkey));
        try
        {
            fixed (byte* padding = "pad-mode"u8, none = "none"u8, input = signature, output = recovered)
            {
                LibCrypto.Parameter* parameters = stackalloc LibCrypto.Parameter[2];
                parameters[0] = new LibCrypto.Parameter { Key = padding, Type = LibCrypto.Parameter.Utf8String, Data = none, DataSize = 4 };
                parameters[1] = default;
                nuint length = (nuint)recovered.Length;
                return SignatureFunctions.EVP_PKEY_verify_recover_init_ex(context, parameters) == Verified
                    && SignatureFunctions.EVP_PKEY_verify_recover(context, output, &length, input, (nuint)signature.Length) == Verified
                    && length == (nuint)recovered.Length;
            }
        }
        finally
        {
            LibCrypto.EVP_PKEY_CTX_free(context);
        }
    }

    static bool VerifyDigest(PublicKey key, SignatureMethod method, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        using DigestContextHandle context = DigestContextHandle.Create();
        int started = SignatureParameters.With(method, parameters => SignatureFunctions.EVP_DigestVerifyInit_ex(
            context.Pointer, null, method.Hash.LibraryName(), LibraryContext.Handle, null, key.Handle, parameters));
        if (started != Verified)
            return false;
        fixed (byte* input = data, value = signature)
            return SignatureFunctions.EVP_DigestVerify(context.Pointer, value, (nuint)signature.Length, input, (nuint)data.Length) == Verified;
    }
}
