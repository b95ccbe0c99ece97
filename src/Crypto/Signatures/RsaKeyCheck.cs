using Ipsec.Crypto.OpenSsl;

namespace Ipsec.Crypto.Signatures;

/// <summary>
/// Refuses RSA keys that verify anything, or that no computation could use: a tiny or even modulus, an exponent of 0, 1, 3 or even
/// (CVE-2017-9022, CVE-2017-11185, CVE-2018-17540, CVE-2026-14957). FIPS 186-5 §5.1 asks for an odd exponent above 2^16; the bound above
/// keeps one verification short.
/// </summary>
static unsafe class RsaKeyCheck
{
    internal const int FewestBits = 1024;
    internal const int MostBits = 8192;
    const int FewestExponentBits = 17;
    const int MostExponentBits = 64;

    internal static bool IsAcceptable(KeyHandle key)
    {
        using BigNumberHandle? modulus = Number(key, "n");
        using BigNumberHandle? exponent = Number(key, "e");
        return modulus is not null && exponent is not null
            && SignatureFunctions.BN_num_bits(modulus.Pointer) is >= FewestBits and <= MostBits
            && SignatureFunctions.BN_is_odd(modulus.Pointer) == 1
            && SignatureFunctions.BN_num_bits(exponent.Pointer) is >= FewestExponentBits and <= MostExponentBits
            && SignatureFunctions.BN_is_odd(exponent.Pointer) == 1;
    }

    static BigNumberHandle? Number(KeyHandle key, string name)
    {
        nint number = 0;
        if (SignatureFunctions.EVP_PKEY_get_bn_param(key, name, &number) > 0 && number != 0)
            return BigNumberHandle.Own(number);
        LibCrypto.ERR_clear_error();
        return null;
    }
}
