using System.Security.Cryptography;
using Ipsec.Crypto;
using Ipsec.Tests.Support;

namespace Ipsec.Crypto.Tests;

public sealed class PrfTests
{
    const string Key131 = "aa*131";

    [Theory]
    // RFC 2202 §3, test cases 1 to 7.
    [InlineData(PseudorandomFunction.HmacSha1, "0b*20", "4869205468657265", "b617318655057264e28bc0b6fb378c8ef146be00")]
    [InlineData(PseudorandomFunction.HmacSha1, "4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
        "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79")]
    [InlineData(PseudorandomFunction.HmacSha1, "aa*20", "dd*50", "125d7342b9ac11cd91a39af48aa17b4f63f175d3")]
    [InlineData(PseudorandomFunction.HmacSha1, "0102030405060708090a0b0c0d0e0f10111213141516171819", "cd*50",
        "4c9007f4026250c6bc8414f9bf50c86c2d7235da")]
    [InlineData(PseudorandomFunction.HmacSha1, "aa*80",
        "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d2048617368204b6579204669727374",
        "aa4ae5e15272d00e95705637ce8a3b55ed402112")]
    // RFC 4231 §4.2, §4.3, §4.4 and §4.7.
    [InlineData(PseudorandomFunction.HmacSha256, "0b*20", "4869205468657265",
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")]
    [InlineData(PseudorandomFunction.HmacSha384, "0b*20", "4869205468657265",
        "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6")]
    [InlineData(PseudorandomFunction.HmacSha512, "0b*20", "4869205468657265",
        "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854")]
    [InlineData(PseudorandomFunction.HmacSha256, "4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")]
    [InlineData(PseudorandomFunction.HmacSha384, "4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
        "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649")]
    [InlineData(PseudorandomFunction.HmacSha512, "4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
        "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737")]
    [InlineData(PseudorandomFunction.HmacSha256, "aa*20", "dd*50",
        "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe")]
    [InlineData(PseudorandomFunction.HmacSha384, "aa*20", "dd*50",
        "88062608d3e6ad8a0aa2ace014c8a86f0aa635d947ac9febe83ef4e55966144b2a5ab39dc13814b94e3ab6e101a34f27")]
    [InlineData(PseudorandomFunction.HmacSha512, "aa*20", "dd*50",
        "fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39bf3e848279a722c806b485a47e67c807b946a337bee8942674278859e13292fb")]
    [InlineData(PseudorandomFunction.HmacSha256, Key131,
        "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d2048617368204b6579204669727374",
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")]
    [InlineData(PseudorandomFunction.HmacSha384, Key131,
        "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d2048617368204b6579204669727374",
        "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c60c2ef6ab4030fe8296248df163f44952")]
    [InlineData(PseudorandomFunction.HmacSha512, Key131,
        "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d2048617368204b6579204669727374",
        "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f3526b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598")]
    public void ComputesThePublishedCodes(PseudorandomFunction prf, string key, string data, string expected)
    {
        byte[] code = new byte[prf.OutputLength()];
        Prf.Compute(prf, Octets(key), Octets(data), code);
        Assert.Equal(expected, Convert.ToHexStringLower(code));
    }

    [Theory]
    // prf+ (RFC 7296 §2.13) and HKDF-Expand (RFC 5869 §2.3) are the same construction: RFC 5869 appendices A.1, A.2, A.3 and A.4.
    [InlineData(PseudorandomFunction.HmacSha256, "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5", "f0f1f2f3f4f5f6f7f8f9",
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865")]
    [InlineData(PseudorandomFunction.HmacSha256, "06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244",
        "b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
        "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87")]
    [InlineData(PseudorandomFunction.HmacSha256, "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04", "",
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8")]
    [InlineData(PseudorandomFunction.HmacSha1, "9b6c18c432a7bf8f0e71c8eb88f4b30baa2ba243", "f0f1f2f3f4f5f6f7f8f9",
        "085a01ea1b10f36933068b56efa5ad81a4f14b822f5b091568a9cdd4f155fda2c22e422478d305f3f896")]
    public void ExpandsThePublishedKeys(PseudorandomFunction prf, string key, string seed, string expected)
    {
        byte[] expanded = new byte[expected.Length / 2];
        Prf.Plus(prf, Octets(key), Octets(seed), expanded);
        Assert.Equal(expected, Convert.ToHexStringLower(expanded));
    }

    [Theory]
    [InlineData(PseudorandomFunction.HmacSha1, "SHA1")]
    [InlineData(PseudorandomFunction.HmacSha256, "SHA256")]
    [InlineData(PseudorandomFunction.HmacSha384, "SHA384")]
    [InlineData(PseudorandomFunction.HmacSha512, "SHA512")]
    public void ExpandsToEveryLengthUpTo255BlocksAsAnIndependentImplementationDoes(PseudorandomFunction prf, string hash)
    {
        byte[] key = Octets("5a*64");
        byte[] seed = Octets("c3*77");
        int longest = 255 * prf.OutputLength();
        foreach (int length in (int[])[0, 1, prf.OutputLength() - 1, prf.OutputLength(), prf.OutputLength() + 1, 300, longest])
        {
            byte[] expanded = new byte[length];
            Prf.Plus(prf, key, seed, expanded);
            byte[] expected = length == 0 ? [] : HKDF.Expand(new HashAlgorithmName(hash), key, length, seed);
            Assert.Equal(expected, expanded);
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => Prf.Plus(prf, key, seed, new byte[longest + 1]));
    }

    [Fact]
    public void TakesAnEmptyKeyAndEmptyData()
    {
        byte[] code = new byte[32];
        Prf.Compute(PseudorandomFunction.HmacSha256, [], [], code);
        Assert.Equal(HMACSHA256.HashData([], []), code);
    }

    [Fact]
    public void HasTheOutputLengthsOfTheHashes()
    {
        Assert.Equal([20, 32, 48, 64, 0], new[]
        {
            PseudorandomFunction.HmacSha1, PseudorandomFunction.HmacSha256, PseudorandomFunction.HmacSha384,
            PseudorandomFunction.HmacSha512, PseudorandomFunction.None,
        }.Select(prf => prf.OutputLength()));
        Assert.Throws<ArgumentOutOfRangeException>(() => Prf.Compute(PseudorandomFunction.None, [], [], new byte[64]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Prf.Compute(PseudorandomFunction.HmacSha256, [], [], new byte[31]));
    }

    /// <summary>Hexadecimal text, or one octet and how often it stands: "aa*80".</summary>
    static byte[] Octets(string text) => text.Split('*') is [string octet, string count]
        ? [.. Enumerable.Repeat(Convert.ToByte(octet, 16), int.Parse(count, System.Globalization.CultureInfo.InvariantCulture))]
        : HexText.Parse(text);
}
