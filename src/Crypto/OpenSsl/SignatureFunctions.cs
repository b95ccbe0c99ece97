using System.Runtime.InteropServices;

namespace Ipsec.Crypto.OpenSsl;

/// <summary>What this project takes from libcrypto to read keys and to verify signatures; signing stands in <see cref="SigningFunctions"/>.</summary>
static unsafe partial class SignatureFunctions
{
    const string Library = "libcrypto.so.3";

    // Keys.
    [LibraryImport(Library)]
    internal static partial nint d2i_PUBKEY_ex(nint* key, byte** input, nint length, nint libraryContext, byte* properties);
    [LibraryImport(Library)] internal static partial int i2d_PUBKEY(KeyHandle key, byte** output);
    [LibraryImport(Library)]
    internal static partial nint d2i_AutoPrivateKey_ex(nint* key, byte** input, nint length, nint libraryContext, byte* properties);
    [LibraryImport(Library)] internal static partial nint d2i_X509_SIG(nint* value, byte** input, nint length);
    [LibraryImport(Library)] internal static partial void X509_SIG_free(nint value);
    [LibraryImport(Library)]
    internal static partial nint PKCS8_decrypt_ex(nint encrypted, byte* password, int passwordLength, nint libraryContext, byte* properties);
    [LibraryImport(Library)] internal static partial void PKCS8_PRIV_KEY_INFO_free(nint information);
    [LibraryImport(Library)] internal static partial nint EVP_PKCS82PKEY_ex(nint information, nint libraryContext, byte* properties);
    [LibraryImport(Library)] internal static partial nint EVP_PKEY2PKCS8(KeyHandle key);
    [LibraryImport(Library)] internal static partial int i2d_PKCS8_PRIV_KEY_INFO(nint information, byte** output);
    [LibraryImport(Library)] internal static partial int EVP_PKEY_get_bits(KeyHandle key);
    [LibraryImport(Library)] internal static partial int EVP_PKEY_get_size(KeyHandle key);
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint EVP_PKEY_CTX_new_from_pkey(nint libraryContext, KeyHandle key, string? properties);

    // Verification.
    [LibraryImport(Library)] internal static partial nint EVP_MD_CTX_new();
    [LibraryImport(Library)] internal static partial void EVP_MD_CTX_free(nint context);
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int EVP_DigestVerifyInit_ex(
        nint context, nint* keyContext, string? digest, nint libraryContext, string? properties, KeyHandle key, LibCrypto.Parameter* parameters);
    [LibraryImport(Library)]
    internal static partial int EVP_DigestVerify(nint context, byte* signature, nuint signatureLength, byte* data, nuint dataLength);
    [LibraryImport(Library)] internal static partial int EVP_PKEY_verify_recover_init_ex(nint context, LibCrypto.Parameter* parameters);
    [LibraryImport(Library)]
    internal static partial int EVP_PKEY_verify_recover(nint context, byte* recovered, nuint* recoveredLength, byte* signature, nuint signatureLength);
}
