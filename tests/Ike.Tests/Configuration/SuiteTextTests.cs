using Ipsec.Crypto;
using Ipsec.Ike.Configuration;

namespace Ipsec.Ike.Tests.Configuration;

public class SuiteTextTests
{
    [Fact]
    public void LeavesOutThePrfThatGoesWithTheIntegrityAlgorithm()
    {
        var suite = new IkeSuite(new EncryptionTransform(EncryptionAlgorithm.AesCbc, 256), PseudorandomFunction.HmacSha1,
            IntegrityAlgorithm.HmacSha1_96, KeyExchangeMethod.Modp1024);

        Assert.Equal("aes256-sha1-modp1024", SuiteText.Format(suite));
    }

    [Fact]
    public void NamesThePrfThatDiffersFromTheIntegrityAlgorithm()
    {
        var suite = new IkeSuite(new EncryptionTransform(EncryptionAlgorithm.TripleDesCbc, 0), PseudorandomFunction.HmacSha384,
            IntegrityAlgorithm.HmacSha256_128, KeyExchangeMethod.Curve25519);

        Assert.Equal("3des-sha256-prfsha384-curve25519", SuiteText.Format(suite));
    }

    [Fact]
    public void NamesThePrfOfCombinedModeEncryption()
    {
        var suite = new IkeSuite(new EncryptionTransform(EncryptionAlgorithm.AesGcm16, 256), PseudorandomFunction.HmacSha384,
            IntegrityAlgorithm.None, KeyExchangeMethod.Ecp384);

        Assert.Equal("aes256gcm16-prfsha384-ecp384", SuiteText.Format(suite));
    }

    [Theory]
    [InlineData(IntegrityAlgorithm.HmacSha512_256, false, KeyExchangeMethod.None, "aes128-sha512")]
    [InlineData(IntegrityAlgorithm.HmacSha384_192, true, KeyExchangeMethod.Modp2048, "aes128-sha384-modp2048-esn")]
    public void NamesTheGroupAndEsnOfAChildSaOnlyWhereTheyAreUsed(IntegrityAlgorithm integrity, bool esn, KeyExchangeMethod group, string expected)
    {
        var suite = new EspSuite(new EncryptionTransform(EncryptionAlgorithm.AesCbc, 128), integrity, esn, group);

        Assert.Equal(expected, SuiteText.Format(suite));
    }
}
