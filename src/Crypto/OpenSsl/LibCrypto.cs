using System.Runtime.InteropServices;

namespace Ipsec.Crypto.OpenSsl;

/// <summary>
/// Every function that this project takes from OpenSSL 3's libcrypto. Nothing here draws randomness, makes keys or reads a clock:
/// private values come from <see cref="IRandomSource"/> and are imported. Functions marked <see cref="SuppressGCTransitionAttribute"/>
/// finish well below a microsecond; those that touch a whole payload are imported without it.
/// </summary>
static unsafe partial class LibCrypto
{
    const string Library = "libcrypto.so.3";

    // Contexts and errors.
    [LibraryImport(Library)] internal static partial nuint OpenSSL_version_num();
    [LibraryImport(Library)] internal static partial int OPENSSL_init_crypto(ulong options, nint settings);
    [LibraryImport(Library)] internal static partial nint OSSL_LIB_CTX_new();
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint OSSL_PROVIDER_load(nint libraryContext, string name);
    [LibraryImport(Library)] internal static partial nuint ERR_get_error();
    [LibraryImport(Library)] internal static partial void ERR_clear_error();
    [LibraryImport(Library)] internal static partial void ERR_error_string_n(nuint error, byte* text, nuint length);

    // Ciphers.
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint EVP_CIPHER_fetch(nint libraryContext, string name, string? properties);
    [LibraryImport(Library)] internal static partial nint EVP_CIPHER_CTX_new();
    [LibraryImport(Library)] internal static partial void EVP_CIPHER_CTX_free(nint context);
    [LibraryImport(Library)] internal static partial int EVP_CIPHER_CTX_set_padding(nint context, int padding);
    [LibraryImport(Library)]
    internal static partial int EVP_CipherInit_ex2(nint context, nint cipher, byte* key, byte* iv, int encrypt, nint parameters);
    [LibraryImport(Library, EntryPoint = "EVP_CipherInit_ex2"), SuppressGCTransition]
    internal static partial int EVP_CipherInit_ex2_Short(nint context, nint cipher, byte* key, byte* iv, int encrypt, nint parameters);
    [LibraryImport(Library)]
    internal static partial int EVP_CipherUpdate(nint context, byte* output, int* outputLength, byte* input, int inputLength);
    [LibraryImport(Library, EntryPoint = "EVP_CipherUpdate"), SuppressGCTransition]
    internal static partial int EVP_CipherUpdate_Short(nint context, byte* output, int* outputLength, byte* input, int inputLength);
    [LibraryImport(Library), SuppressGCTransition]
    internal static partial int EVP_CipherFinal_ex(nint context, byte* output, int* outputLength);
    [LibraryImport(Library), SuppressGCTransition]
    internal static partial int EVP_CIPHER_CTX_ctrl(nint context, int type, int argument, byte* pointer);

    // Message authentication codes.
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint EVP_MD_fetch(nint libraryContext, string name, string? properties);
    [LibraryImport(Library)] internal static partial void EVP_MD_free(nint digest);
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint EVP_MAC_fetch(nint libraryContext, string name, string? properties);
    [LibraryImport(Library)] internal static partial nint EVP_MAC_CTX_new(nint mac);
    [LibraryImport(Library)] internal static partial void EVP_MAC_CTX_free(nint context);
    [LibraryImport(Library)] internal static partial int EVP_MAC_init(nint context, byte* key, nuint keyLength, Parameter* parameters);
    [LibraryImport(Library, EntryPoint = "EVP_MAC_init"), SuppressGCTransition]
    internal static partial int EVP_MAC_init_Short(nint context, byte* key, nuint keyLength, Parameter* parameters);
    [LibraryImport(Library)] internal static partial int EVP_MAC_update(nint context, byte* data, nuint length);
    [LibraryImport(Library, EntryPoint = "EVP_MAC_update"), SuppressGCTransition]
    internal static partial int EVP_MAC_update_Short(nint context, byte* data, nuint length);
    [LibraryImport(Library), SuppressGCTransition]
    internal static partial int EVP_MAC_final(nint context, byte* output, nuint* outputLength, nuint outputSize);

    // Big numbers and elliptic curves.
    [LibraryImport(Library)] internal static partial nint BN_CTX_new_ex(nint libraryContext);
    [LibraryImport(Library)] internal static partial void BN_CTX_free(nint context);
    [LibraryImport(Library)] internal static partial nint BN_new();
    [LibraryImport(Library)] internal static partial void BN_clear_free(nint number);
    [LibraryImport(Library)] internal static partial nint BN_bin2bn(byte* octets, int length, nint number);
    [LibraryImport(Library)] internal static partial int BN_bn2binpad(nint number, byte* destination, int length);
    [LibraryImport(Library)] internal static partial void BN_set_flags(nint number, int flags);
    [LibraryImport(Library)] internal static partial int BN_set_word(nint number, nuint value);
    [LibraryImport(Library)] internal static partial nint BN_get_rfc2409_prime_768(nint number);
    [LibraryImport(Library)] internal static partial nint BN_get_rfc2409_prime_1024(nint number);
    [LibraryImport(Library)] internal static partial nint BN_get_rfc3526_prime_1536(nint number);
    [LibraryImport(Library)] internal static partial nint BN_get_rfc3526_prime_2048(nint number);
    [LibraryImport(Library)] internal static partial nint BN_get_rfc3526_prime_3072(nint number);
    [LibraryImport(Library)] internal static partial nint BN_get_rfc3526_prime_4096(nint number);
    [LibraryImport(Library)] internal static partial nint BN_get_rfc3526_prime_6144(nint number);
    [LibraryImport(Library)] internal static partial nint BN_get_rfc3526_prime_8192(nint number);
    [LibraryImport(Library)] internal static partial nint BN_MONT_CTX_new();
    [LibraryImport(Library)] internal static partial int BN_MONT_CTX_set(nint montgomery, nint modulus, nint context);
    [LibraryImport(Library)]
    internal static partial int BN_mod_exp_mont_consttime(nint result, nint value, nint exponent, nint modulus, nint context, nint montgomery);
    [LibraryImport(Library)] internal static partial nint EC_GROUP_new_by_curve_name_ex(nint libraryContext, nint properties, int curve);
    [LibraryImport(Library)] internal static partial nint EC_GROUP_get0_order(nint group);
    [LibraryImport(Library)] internal static partial nint EC_GROUP_get0_field(nint group);
    [LibraryImport(Library)] internal static partial nint EC_POINT_new(nint group);
    [LibraryImport(Library)] internal static partial void EC_POINT_clear_free(nint point);
    [LibraryImport(Library)]
    internal static partial int EC_POINT_mul(nint group, nint result, nint generatorScalar, nint point, nint pointScalar, nint context);
    [LibraryImport(Library)] internal static partial int EC_POINT_is_at_infinity(nint group, nint point);
    [LibraryImport(Library)] internal static partial int EC_POINT_is_on_curve(nint group, nint point, nint context);
    [LibraryImport(Library)]
    internal static partial int EC_POINT_set_affine_coordinates(nint group, nint point, nint x, nint y, nint context);
    [LibraryImport(Library)]
    internal static partial int EC_POINT_get_affine_coordinates(nint group, nint point, nint x, nint y, nint context);

    // X25519 and X448.
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint EVP_KEYEXCH_fetch(nint libraryContext, string name, string? properties);
    [LibraryImport(Library)] internal static partial void EVP_KEYEXCH_free(nint exchange);
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint EVP_PKEY_new_raw_private_key_ex(nint libraryContext, string type, string? properties, byte* key, nuint length);
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint EVP_PKEY_new_raw_public_key_ex(nint libraryContext, string type, string? properties, byte* key, nuint length);
    [LibraryImport(Library)] internal static partial int EVP_PKEY_get_raw_public_key(nint key, byte* destination, nuint* length);
    [LibraryImport(Library)] internal static partial void EVP_PKEY_free(nint key);
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint EVP_PKEY_CTX_new_from_pkey(nint libraryContext, nint key, string? properties);
    [LibraryImport(Library)] internal static partial void EVP_PKEY_CTX_free(nint context);
    [LibraryImport(Library)] internal static partial int EVP_PKEY_derive_init(nint context);
    [LibraryImport(Library)] internal static partial int EVP_PKEY_derive_set_peer(nint context, nint peer);
    [LibraryImport(Library)] internal static partial int EVP_PKEY_derive(nint context, byte* destination, nuint* length);

    // ML-KEM. Keys are made from a seed that is given; EncapsulationFunctions has the responder's side.
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint EVP_KEM_fetch(nint libraryContext, string name, string? properties);
    [LibraryImport(Library)] internal static partial void EVP_KEM_free(nint mechanism);
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint EVP_PKEY_CTX_new_from_name(nint libraryContext, string name, string? properties);
    [LibraryImport(Library)] internal static partial int EVP_PKEY_fromdata_init(nint context);
    [LibraryImport(Library)] internal static partial int EVP_PKEY_fromdata(nint context, nint* key, int selection, Parameter* parameters);
    [LibraryImport(Library)] internal static partial int EVP_PKEY_decapsulate_init(nint context, Parameter* parameters);
    [LibraryImport(Library)]
    internal static partial int EVP_PKEY_decapsulate(nint context, byte* secret, nuint* secretLength, byte* ciphertext, nuint ciphertextLength);

    /// <summary>OSSL_PARAM of openssl/core.h; an array of them ends with one of key 0.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Parameter
    {
        internal const uint Integer = 1;
        internal const uint Utf8String = 4;
        internal const uint OctetString = 5;

        internal byte* Key;
        internal uint Type;
        internal byte* Data;
        internal nuint DataSize;
        internal nuint ReturnSize;
    }
}
