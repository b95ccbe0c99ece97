using Ipsec.Crypto;
using Ipsec.Crypto.Tests.PayloadCiphers;
using Ipsec.Tests.Support;

namespace Ipsec.Crypto.Tests;

public sealed class CbcIvGeneratorTests
{
    [Theory]
    [InlineData(8)]
    [InlineData(16)]
    public void GivesVectorsThatDifferAndDoNotShowTheirCounter(int length)
    {
        using CbcIvGenerator generator = new(new SeededRandomSource(1));
        HashSet<string> seen = [];
        int ones = 0;
        for (int packet = 0; packet < 4096; packet++)
        {
            byte[] iv = new byte[length];
            generator.Next(iv);
            Assert.True(seen.Add(Convert.ToHexString(iv)));
            ones += iv.Sum(octet => System.Numerics.BitOperations.PopCount(octet));
        }
        int bits = 4096 * length * 8;
        Assert.InRange(ones, bits * 0.49, bits * 0.51);
    }

    [Fact]
    public void TheSameSeedGivesTheSameVectorsAndAnotherSeedOthers()
    {
        static byte[] Third(ulong seed)
        {
            using CbcIvGenerator generator = new(new SeededRandomSource(seed));
            byte[] iv = new byte[16];
            for (int packet = 0; packet < 3; packet++)
                generator.Next(iv);
            return iv;
        }

        Assert.Equal(Third(1), Third(1));
        Assert.NotEqual(Third(1), Third(2));
    }

    [Fact]
    public void LibCryptoAndTheProcessorGiveTheSameVectors()
    {
        CbcImplementations.RequireInstructions();
        using CbcIvGenerator library = new(new SeededRandomSource(1), usesInstructions: false);
        using CbcIvGenerator processor = new(new SeededRandomSource(1), usesInstructions: true);
        byte[] expected = new byte[16];
        byte[] iv = new byte[16];
        for (int packet = 0; packet < 300; packet++)
        {
            library.Next(expected);
            processor.Next(iv);
            Assert.Equal(expected, iv);
        }
    }

    [Fact]
    public void IsOfNoUseAfterDisposal()
    {
        CbcIvGenerator generator = new(new SeededRandomSource(1));
        generator.Dispose();
        Assert.Throws<ObjectDisposedException>(() => generator.Next(new byte[16]));
    }
}
