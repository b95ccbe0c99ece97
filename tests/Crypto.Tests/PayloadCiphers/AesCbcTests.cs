using System.Runtime.Intrinsics;
using Ipsec.Crypto.BlockCiphers;
using Ipsec.Crypto.PayloadCiphers;
using Ipsec.Tests.Support;

namespace Ipsec.Crypto.Tests.PayloadCiphers;

/// <summary>Our own AES-CBC beside libcrypto's: the same octets for every length, nothing outside its buffer.</summary>
public sealed class AesCbcTests
{
    const int Guard = 32;
    const byte GuardOctet = 0xA5;

    [Theory]
    [InlineData(128)]
    [InlineData(192)]
    [InlineData(256)]
    public void GivesLibCryptosAnswerForEveryLength(int keyLength)
    {
        CbcImplementations.RequireInstructions();
        byte[] key = RandomOctets(keyLength / 8, (ulong)keyLength);
        using PayloadCipher expected = CbcImplementation.LibCrypto.Create(key, encrypts: true);
        using PayloadCipher encryption = CbcImplementation.Accelerated.Create(key, encrypts: true);
        using PayloadCipher decryption = CbcImplementation.Accelerated.Create(key, encrypts: false);
        foreach (int length in Enumerable.Range(0, 2112 / 16 + 1).Select(blocks => blocks * 16).Concat([9008, 65504]))
        {
            byte[] iv = RandomOctets(16, (ulong)length + 1);
            byte[] clear = RandomOctets(length, (ulong)length);
            byte[] ciphertext = [.. clear];
            expected.Transform(iv, ciphertext);

            byte[] guarded = new byte[length + 2 * Guard];
            guarded.AsSpan().Fill(GuardOctet);
            Span<byte> payload = guarded.AsSpan(Guard, length);
            clear.CopyTo(payload);
            encryption.Transform(iv, payload);
            Assert.Equal(ciphertext, payload);
            decryption.Transform(iv, payload);
            Assert.Equal(clear, payload);
            Assert.Equal(-1, guarded.AsSpan(0, Guard).IndexOfAnyExcept(GuardOctet));
            Assert.Equal(-1, guarded.AsSpan(Guard + length).IndexOfAnyExcept(GuardOctet));
        }
    }

    [Theory]
    [InlineData(128)]
    [InlineData(192)]
    [InlineData(256)]
    public void EncryptsARunAsItsPacketsOneByOne(int keyLength)
    {
        CbcImplementations.RequireInstructions();
        const int IvLength = 16;
        const int IcvLength = 12;
        byte[] key = RandomOctets(keyLength / 8, (ulong)keyLength);
        using PayloadCipher expected = CbcImplementation.LibCrypto.Create(key, encrypts: true);
        using PayloadCipher encryption = CbcImplementation.Accelerated.Create(key, encrypts: true);
        for (int count = 1; count <= 17; count++)
        {
            foreach ((int blocks, int lastBlocks) in ((int, int)[])[(0, 0), (1, 1), (1, 0), (5, 5), (9, 3), (88, 88), (88, 1), (88, 87)])
            {
                int stride = 8 + IvLength + blocks * 16 + IcvLength;
                byte[] packets = RandomOctets(stride * count - (blocks - lastBlocks) * 16, (ulong)(count * 100 + blocks));
                byte[] oneByOne = [.. packets];
                var run = new PacketRun(oneByOne, stride, IvLength, IcvLength);
                Assert.Equal(count, run.Count);
                for (int i = 0; i < run.Count; i++)
                    expected.Transform(run.Iv(i), run.Payload(i));
                encryption.Transform(new PacketRun(packets, stride, IvLength, IcvLength));
                Assert.Equal(oneByOne, packets);
            }
        }
    }

    /// <summary>FIPS 197 appendix B's block and key, by the cipher that the initialization vectors are made with.</summary>
    [Fact]
    public unsafe void EncryptsThePublishedBlock()
    {
        CbcImplementations.RequireInstructions();
        byte[] schedule = new byte[AesKeySchedule.MaximumLength];
        AesKeySchedule.Expand(HexText.Parse("2b7e151628aed2a6abf7158809cf4f3c"), schedule);
        byte[] block = HexText.Parse("3243f6a8885a308d313198a2e0370734");
        fixed (byte* keys = schedule)
        {
            byte[] output = new byte[AesBlock.Length];
            Vector128.CopyTo(
                AesBlock.Encrypt((Vector128<byte>*)keys, 10, Vector128.Create(block)), output);
            Assert.Equal("3925841d02dc09fbdc118597196a0b32", Convert.ToHexStringLower(output));
        }
    }

    static byte[] RandomOctets(int length, ulong seed)
    {
        byte[] octets = new byte[length];
        new SeededRandomSource(seed).Fill(octets);
        return octets;
    }
}
