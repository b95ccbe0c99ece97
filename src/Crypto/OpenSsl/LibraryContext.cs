using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Ipsec.Crypto.OpenSsl;

/// <summary>
/// Our own OSSL_LIB_CTX with the default provider, apart from the process's default one that .NET uses and that the machine's
/// configuration may change. It lives as long as the process, and so do the algorithms fetched from it.
/// </summary>
static class LibraryContext
{
    // .NET asks for the same: an exit handler would free the library under threads that still run.
    const ulong NoExitHandler = 0x00080000;

    static readonly ConcurrentDictionary<string, nint> Ciphers = new();
    static readonly ConcurrentDictionary<string, bool> Digests = new();

    internal static nint Handle { get; } = Create();

    /// <summary>EVP_MAC of HMAC.</summary>
    internal static nint Hmac { get; } = CheckPointer(LibCrypto.EVP_MAC_fetch(Handle, "HMAC", null), nameof(LibCrypto.EVP_MAC_fetch));

    /// <summary>EVP_MAC of CMAC.</summary>
    internal static nint Cmac { get; } = CheckPointer(LibCrypto.EVP_MAC_fetch(Handle, "CMAC", null), nameof(LibCrypto.EVP_MAC_fetch));

    /// <summary>EVP_CIPHER by its OpenSSL name.</summary>
    internal static nint Cipher(string name) => HasCipher(name) ? Ciphers[name] : throw new CryptographicException($"libcrypto has no {name}");

    internal static bool HasCipher(string name) => Ciphers.GetOrAdd(name, static name => Probed(LibCrypto.EVP_CIPHER_fetch(Handle, name, null))) != 0;

    internal static bool HasDigest(string name) => Digests.GetOrAdd(name, static name =>
    {
        nint digest = Probed(LibCrypto.EVP_MD_fetch(Handle, name, null));
        LibCrypto.EVP_MD_free(digest);
        return digest != 0;
    });

    internal static bool HasKeyExchange(string name)
    {
        nint exchange = Probed(LibCrypto.EVP_KEYEXCH_fetch(Handle, name, null));
        LibCrypto.EVP_KEYEXCH_free(exchange);
        return exchange != 0;
    }

    /// <summary>Asking for what is not there leaves nothing in the queue of errors.</summary>
    internal static nint Probed(nint result)
    {
        if (result == 0)
            LibCrypto.ERR_clear_error();
        return result;
    }

    /// <summary>Throws for a result that only our own mistake or a lack of memory can cause; never for what a peer sent.</summary>
    internal static void Check(int result, string function)
    {
        if (result <= 0)
            throw LastError(function);
    }

    internal static nint CheckPointer(nint result, string function) => result != 0 ? result : throw LastError(function);

    static nint Create()
    {
        Check(LibCrypto.OPENSSL_init_crypto(NoExitHandler, 0), nameof(LibCrypto.OPENSSL_init_crypto));
        nint context = CheckPointer(LibCrypto.OSSL_LIB_CTX_new(), nameof(LibCrypto.OSSL_LIB_CTX_new));
        CheckPointer(LibCrypto.OSSL_PROVIDER_load(context, "default"), nameof(LibCrypto.OSSL_PROVIDER_load));
        return context;
    }

    static unsafe CryptographicException LastError(string function)
    {
        Span<byte> text = stackalloc byte[256];
        text.Clear();
        fixed (byte* pointer = text)
            LibCrypto.ERR_error_string_n(LibCrypto.ERR_get_error(), pointer, (nuint)text.Length);
        LibCrypto.ERR_clear_error();
        return new CryptographicException($"libcrypto: {function} failed: {Encoding.ASCII.GetString(text[..text.IndexOf((byte)0)])}");
    }
}
