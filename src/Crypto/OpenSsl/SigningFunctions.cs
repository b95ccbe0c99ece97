using System.Runtime.InteropServices;

namespace Ipsec.Crypto.OpenSsl;

/// <summary>
/// The one type whose native functions draw randomness: the nonce of ECDSA and the salt of PSS cannot be given to libcrypto. A signature is
/// therefore the result of an operation, and is recorded as such (design decision D1). The architecture test knows this type by name.
/// </summary>
static unsafe partial class SigningFunctions
{
    const string Library = "libcrypto.so.3";

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int EVP_DigestSignInit_ex(
        nint context, nint* keyContext, string? digest, nint libraryContext, string? properties, KeyHandle key, LibCrypto.Parameter* parameters);

    [LibraryImport(Library)]
    internal static partial int EVP_DigestSign(nint context, byte* signature, nuint* signatureLength, byte* data, nuint dataLength);
}
