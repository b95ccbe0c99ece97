using System.Formats.Asn1;
using System.Numerics;

namespace Ipsec.Crypto.Signatures;

/// <summary>
/// Refuses RSA keys that verify anything, or that no computation could use: a tiny, even or negative modulus, an exponent of 0, 1, 3 or even
/// (CVE-2017-9022, CVE-2017-11185, CVE-2018-17540, CVE-2026-14957). FIPS 186-5 §5.1 asks for an odd exponent above 2^16; the bound above
/// keeps one verification short.
/// </summary>
static class RsaKeyCheck
{
    const int FewestBits = 1024;
    const int MostBits = 8192;
    const int FewestExponentBits = 17;
    const int MostExponentBits = 64;

    /// <param name="key">RSAPublicKey ::= SEQUENCE { modulus INTEGER, publicExponent INTEGER } (RFC 8017 appendix A.1.1).</param>
    /// <exception cref="AsnContentException">It is not that.</exception>
    internal static bool IsAcceptable(ReadOnlyMemory<byte> key)
    {
        AsnReader outer = new(key, AsnEncodingRules.DER);
        AsnReader numbers = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        BigInteger modulus = numbers.ReadInteger();
        BigInteger exponent = numbers.ReadInteger();
        numbers.ThrowIfNotEmpty();
        return modulus.Sign > 0 && !modulus.IsEven && modulus.GetBitLength() is >= FewestBits and <= MostBits
            && exponent.Sign > 0 && !exponent.IsEven && exponent.GetBitLength() is >= FewestExponentBits and <= MostExponentBits;
    }
}
