using Ipsec.Crypto;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.KeyDerivation;
using Ipsec.Ike.Tests.Wire;

namespace Ipsec.Ike.Tests.KeyDerivation;

public class IkeKeysTests
{
    [Theory]
    [InlineData(EncryptionAlgorithm.AesGcm16, 256, IntegrityAlgorithm.None, 36, 0)]
    [InlineData(EncryptionAlgorithm.AesGcm16, 128, IntegrityAlgorithm.HmacSha256_128, 20, 0)]
    [InlineData(EncryptionAlgorithm.AesCbc, 192, IntegrityAlgorithm.HmacSha512_256, 24, 64)]
    [InlineData(EncryptionAlgorithm.TripleDesCbc, 0, IntegrityAlgorithm.HmacSha1_96, 24, 20)]
    public void CutsKeysOfTheirLengths(EncryptionAlgorithm algorithm, int bits, IntegrityAlgorithm integrity, int encryptionLength, int integrityLength)
    {
        var encryption = new EncryptionTransform(algorithm, bits);
        using var seed = new Secret(MessageSamples.Octets(32, 1));
        using var keys = IkeKeys.Derive(new IkeSuite(encryption, PseudorandomFunction.HmacSha384, integrity, KeyExchangeMethod.Ecp384), seed,
            MessageSamples.Octets(16, 1), MessageSamples.Octets(16, 2), 1, 2);
        Assert.All([keys.SkD, keys.SkPi, keys.SkPr], key => Assert.Equal(48, key.Length));
        Assert.All([keys.SkEi, keys.SkEr], key => Assert.Equal(encryptionLength, key.Length));
        Assert.All([keys.SkAi, keys.SkAr], key => Assert.Equal(integrityLength, key.Length));
        Assert.False(keys.SkEi.Span.SequenceEqual(keys.SkEr.Span));
    }

    [Fact]
    public void ClearsItsKeys()
    {
        using var seed = new Secret(MessageSamples.Octets(32, 1));
        IkeKeys keys = IkeKeys.Derive(new IkeSuite(new EncryptionTransform(EncryptionAlgorithm.AesCbc, 128), PseudorandomFunction.HmacSha256,
            IntegrityAlgorithm.HmacSha256_128, KeyExchangeMethod.Ecp256), seed, MessageSamples.Octets(16, 1), MessageSamples.Octets(16, 2), 1, 2);
        Secret[] all = [keys.SkD, keys.SkAi, keys.SkAr, keys.SkEi, keys.SkEr, keys.SkPi, keys.SkPr];
        Assert.All(all, key => Assert.NotEqual(-1, key.Span.IndexOfAnyExcept((byte)0)));
        keys.Dispose();
        Assert.All(all, key => Assert.Throws<ObjectDisposedException>(() => key.Span[0]));
    }

    [Fact]
    public void BothSidesOfARekeyUseTheOldPrfForTheSeed()
    {
        using var skD = new Secret(MessageSamples.Octets(32, 1));
        using var shared = new Secret(MessageSamples.Octets(32, 9));
        using Secret old = SkeySeed.DeriveForRekey(PseudorandomFunction.HmacSha256, skD, shared, MessageSamples.Octets(16, 1), MessageSamples.Octets(16, 2));
        using Secret other = SkeySeed.DeriveForRekey(PseudorandomFunction.HmacSha512, skD, shared, MessageSamples.Octets(16, 1), MessageSamples.Octets(16, 2));
        Assert.Equal((32, 64), (old.Length, other.Length));
    }
}
