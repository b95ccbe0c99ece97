using System.Globalization;
using Ipsec.Crypto.OpenSsl;

namespace Ipsec.Crypto;

/// <summary>Which libcrypto this process runs on.</summary>
public static class LibraryVersion
{
    /// <summary>As in "OpenSSL 3.0.19": for an error that says what is lacking.</summary>
    public static string Text { get; } = Read();

    static string Read()
    {
        nuint number = LibCrypto.OpenSSL_version_num();
        return string.Create(CultureInfo.InvariantCulture, $"OpenSSL {number >> 28}.{number >> 20 & 0xff}.{number >> 4 & 0xff}");
    }
}
