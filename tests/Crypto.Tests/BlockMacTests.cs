using Ipsec.Crypto;
using Ipsec.Crypto.Registry;
using Ipsec.Tests.Support;

namespace Ipsec.Crypto.Tests;

/// <summary>Codes over AES: XCBC, which is built here, and CMAC.</summary>
public sealed class BlockMacTests
{
    const string Key = "000102030405060708090a0b0c0d0e0f";

    [Theory]
    // RFC 3566 §4.6.
    [InlineData("", "75f0251d528ac01c4573dfd584d79f29")]
    [InlineData("000102", "5b376580ae2f19afe7219ceef172756f")]
    [InlineData("000102030405060708090a0b0c0d0e0f10111213", "47f51b4564966215b8985c63055ed308")]
    [InlineData("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", "f54f0ec8d2b9f3d36807734bd5283fd4")]
    public void XcbcIsThePublishedOneHoweverTheMessageIsCut(string message, string code)
    {
        byte[] octets = HexText.Parse(message);
        using XcbcMac mac = new(HexText.Parse(Key));
        for (int cut = 0; cut <= octets.Length; cut++)
        {
            mac.Reset();
            mac.Append(octets.AsSpan(0, cut));
            mac.AppendShort(octets.AsSpan(cut));
            byte[] actual = new byte[16];
            mac.Finish(actual);
            Assert.Equal(code, Convert.ToHexStringLower(actual));
        }
    }

    [Fact]
    public void XcbcOfALongMessageIsThePublishedOne()
    {
        // RFC 3566 §4.6, test case 7: 1000 octets of zero.
        using XcbcMac mac = new(HexText.Parse(Key));
        mac.Append(new byte[1000]);
        byte[] actual = new byte[16];
        mac.Finish(actual);
        Assert.Equal("f0dafee895db30253761103b5d84528f", Convert.ToHexStringLower(actual));
    }

    [Theory]
    // RFC 4493 §4: the code whose first 12 octets are AES-CMAC-96 (RFC 4494 §4).
    [InlineData("", "bb1d6929e95937287fa37d129b756746")]
    [InlineData("6bc1bee22e409f96e93d7e117393172a", "070a16b46b4d4144f79bdd9dd04a287c")]
    [InlineData("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411", "dfa66747de9ae63030ca32611497c827")]
    public void CmacIsThePublishedOneEachTimeTheContextIsUsed(string message, string code)
    {
        byte[] key = HexText.Parse("2b7e151628aed2a6abf7158809cf4f3c");
        using MacContext mac = Macs.Create(AlgorithmRegistry.Find(IntegrityAlgorithm.AesCmac96)!, key);
        for (int use = 0; use < 3; use++)
        {
            mac.Reset();
            mac.Append(HexText.Parse(message));
            byte[] actual = new byte[16];
            mac.Finish(actual);
            Assert.Equal(code, Convert.ToHexStringLower(actual));
        }
    }

    [Theory]
    // RFC 4434 §2 (keys of 16, 10 and 18 octets) and RFC 4615 §4 (18, 16 and 10).
    [InlineData(PseudorandomFunction.Aes128Xcbc, "000102030405060708090a0b0c0d0e0f", "000102030405060708090a0b0c0d0e0f10111213",
        "47f51b4564966215b8985c63055ed308")]
    [InlineData(PseudorandomFunction.Aes128Xcbc, "00010203040506070809", "000102030405060708090a0b0c0d0e0f10111213", "0fa087af7d866e7653434e602fdde835")]
    [InlineData(PseudorandomFunction.Aes128Xcbc, "000102030405060708090a0b0c0d0e0fedcb", "000102030405060708090a0b0c0d0e0f10111213",
        "8cd3c93ae598a9803006ffb67c40e9e4")]
    [InlineData(PseudorandomFunction.Aes128Cmac, "000102030405060708090a0b0c0d0e0fedcb", "000102030405060708090a0b0c0d0e0f10111213",
        "84a348a4a45d235babfffc0d2b4da09a")]
    [InlineData(PseudorandomFunction.Aes128Cmac, "000102030405060708090a0b0c0d0e0f", "000102030405060708090a0b0c0d0e0f10111213",
        "980ae87b5f4c9c5214f5b6a8455e4c2d")]
    [InlineData(PseudorandomFunction.Aes128Cmac, "00010203040506070809", "000102030405060708090a0b0c0d0e0f10111213", "290d9e112edb09ee141fcf64c0b72f3d")]
    public void PseudorandomFunctionsTakeKeysOfAnyLength(PseudorandomFunction prf, string key, string message, string output)
    {
        byte[] actual = new byte[16];
        Prf.Compute(prf, HexText.Parse(key), HexText.Parse(message), actual);
        Assert.Equal(output, Convert.ToHexStringLower(actual));
    }
}
