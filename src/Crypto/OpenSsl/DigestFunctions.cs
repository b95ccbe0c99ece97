using System.Runtime.InteropServices;

namespace Ipsec.Crypto.OpenSsl;

/// <summary>
/// libcrypto's hashes below EVP, whose state is a plain structure that can be copied. They are deprecated and a library may be built without them: only
/// <see cref="Hmacs.IDigest"/> calls them, after it asked. Those marked <see cref="SuppressGCTransitionAttribute"/> take a few octets.
/// </summary>
static unsafe partial class DigestFunctions
{
    const string Library = "libcrypto.so.3";

    [LibraryImport(Library)] internal static partial int SHA1_Init(byte* state);
    [LibraryImport(Library)] internal static partial int SHA1_Update(byte* state, byte* data, nuint length);
    [LibraryImport(Library, EntryPoint = "SHA1_Update"), SuppressGCTransition]
    internal static partial int SHA1_Update_Short(byte* state, byte* data, nuint length);
    [LibraryImport(Library), SuppressGCTransition] internal static partial int SHA1_Final(byte* digest, byte* state);
    [LibraryImport(Library)] internal static partial int SHA256_Init(byte* state);
    [LibraryImport(Library)] internal static partial int SHA256_Update(byte* state, byte* data, nuint length);
    [LibraryImport(Library, EntryPoint = "SHA256_Update"), SuppressGCTransition]
    internal static partial int SHA256_Update_Short(byte* state, byte* data, nuint length);
    [LibraryImport(Library), SuppressGCTransition] internal static partial int SHA256_Final(byte* digest, byte* state);
    [LibraryImport(Library)] internal static partial int SHA384_Init(byte* state);
    [LibraryImport(Library)] internal static partial int SHA512_Init(byte* state);
    [LibraryImport(Library)] internal static partial int SHA512_Update(byte* state, byte* data, nuint length);
    [LibraryImport(Library, EntryPoint = "SHA512_Update"), SuppressGCTransition]
    internal static partial int SHA512_Update_Short(byte* state, byte* data, nuint length);
    [LibraryImport(Library), SuppressGCTransition] internal static partial int SHA512_Final(byte* digest, byte* state);
}
