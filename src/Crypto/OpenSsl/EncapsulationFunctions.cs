using System.Runtime.InteropServices;

namespace Ipsec.Crypto.OpenSsl;

/// <summary>
/// Encapsulation draws a message of its own unless it is given one. <see cref="MlKemKeyExchange"/>, the only user, always gives one, from
/// <see cref="IRandomSource"/>; so nothing here draws randomness. The architecture test knows this type by name.
/// </summary>
static unsafe partial class EncapsulationFunctions
{
    const string Library = "libcrypto.so.3";

    [LibraryImport(Library)]
    internal static partial int EVP_PKEY_encapsulate_init(nint context, LibCrypto.Parameter* parameters);

    [LibraryImport(Library)]
    internal static partial int EVP_PKEY_encapsulate(nint context, byte* ciphertext, nuint* ciphertextLength, byte* secret, nuint* secretLength);
}
