using System.Runtime.InteropServices;

namespace Ipsec.Crypto.OpenSsl;

/// <summary>
/// What this project takes from libcrypto to check certificate paths. None of it opens a file, fetches anything or reads a clock: certificates
/// and revocation lists come from memory, and the time is set before each check.
/// </summary>
static unsafe partial class CertificateFunctions
{
    const string Library = "libcrypto.so.3";

    [LibraryImport(Library)] internal static partial nint X509_new_ex(nint libraryContext, byte* properties);
    [LibraryImport(Library)] internal static partial nint d2i_X509(nint* certificate, byte** input, nint length);
    [LibraryImport(Library)] internal static partial void X509_free(nint certificate);
    [LibraryImport(Library)] internal static partial nint X509_CRL_new_ex(nint libraryContext, byte* properties);
    [LibraryImport(Library)] internal static partial nint d2i_X509_CRL(nint* list, byte** input, nint length);
    [LibraryImport(Library)] internal static partial void X509_CRL_free(nint list);

    [LibraryImport(Library)] internal static partial nint X509_STORE_new();
    [LibraryImport(Library)] internal static partial void X509_STORE_free(nint store);
    [LibraryImport(Library)] internal static partial int X509_STORE_add_cert(StoreHandle store, CertificateHandle certificate);
    [LibraryImport(Library)] internal static partial int X509_STORE_add_crl(StoreHandle store, RevocationListHandle list);

    [LibraryImport(Library)] internal static partial nint X509_STORE_CTX_new_ex(nint libraryContext, byte* properties);
    [LibraryImport(Library)] internal static partial void X509_STORE_CTX_free(nint context);
    [LibraryImport(Library)]
    internal static partial int X509_STORE_CTX_init(nint context, StoreHandle store, CertificateHandle certificate, nint untrusted);
    [LibraryImport(Library)] internal static partial nint X509_STORE_CTX_get0_param(nint context);
    [LibraryImport(Library)]
    internal static partial void X509_STORE_CTX_set_verify_cb(nint context, delegate* unmanaged<int, nint, int> callback);
    [LibraryImport(Library)] internal static partial int X509_STORE_CTX_get_error(nint context);
    [LibraryImport(Library)] internal static partial int X509_STORE_CTX_get_error_depth(nint context);
    [LibraryImport(Library)] internal static partial nint X509_STORE_CTX_get_current_cert(nint context);
    [LibraryImport(Library)] internal static partial nint X509_STORE_CTX_get0_chain(nint context);
    [LibraryImport(Library)] internal static partial int X509_verify_cert(nint context);
    [LibraryImport(Library)] internal static partial nint X509_verify_cert_error_string(nint error);

    [LibraryImport(Library)] internal static partial int X509_VERIFY_PARAM_set_flags(nint parameters, nuint flags);
    [LibraryImport(Library)] internal static partial void X509_VERIFY_PARAM_set_time(nint parameters, nint time);
    [LibraryImport(Library)] internal static partial void X509_VERIFY_PARAM_set_depth(nint parameters, int depth);
    [LibraryImport(Library)] internal static partial void X509_VERIFY_PARAM_set_auth_level(nint parameters, int level);

    [LibraryImport(Library)] internal static partial nint OPENSSL_sk_new_null();
    [LibraryImport(Library)] internal static partial int OPENSSL_sk_push(nint stack, nint element);
    [LibraryImport(Library)] internal static partial int OPENSSL_sk_num(nint stack);
    [LibraryImport(Library)] internal static partial nint OPENSSL_sk_value(nint stack, int index);
    [LibraryImport(Library)] internal static partial void OPENSSL_sk_free(nint stack);
}
