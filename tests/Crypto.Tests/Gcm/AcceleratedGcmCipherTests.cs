using Ipsec.Crypto.BlockCiphers;
using Ipsec.Crypto.Gcm;
using Ipsec.Tests.Support;

namespace Ipsec.Crypto.Tests.Gcm;

/// <summary>Our own AES-GCM beside libcrypto's: the same octets for every length, nothing outside its buffer, nothing unauthenticated.</summary>
public sealed class AcceleratedGcmCipherTests
{
    const int Guard = 32;
    const byte GuardOctet = 0xA5;
    static readonly byte[] Header = [0x12, 0x34, 0x56, 0x78, 0, 0, 0, 9];
    static readonly byte[] Iv = [1, 2, 3, 4, 5, 6, 7, 8];

    public static TheoryData<EncryptionAlgorithm, int> Transforms
    {
        get
        {
            TheoryData<EncryptionAlgorithm, int> transforms = [];
            foreach (EncryptionAlgorithm algorithm in (EncryptionAlgorithm[])[EncryptionAlgorithm.AesGcm8, EncryptionAlgorithm.AesGcm12, EncryptionAlgorithm.AesGcm16])
            {
                foreach (int keyLength in (int[])[128, 192, 256])
                    transforms.Add(algorithm, keyLength);
            }
            return transforms;
        }
    }

    [Theory, MemberData(nameof(Transforms))]
    public void GivesLibCryptosAnswerForEveryLength(EncryptionAlgorithm algorithm, int keyLength)
    {
        RequireInstructions();
        var encryption = new EncryptionTransform(algorithm, keyLength);
        byte[] key = RandomOctets(encryption.KeyMaterialLength, (ulong)keyLength);
        using PacketCipher expected = GcmImplementation.LibCrypto.Create(encryption, key, forSealing: true);
        using PacketCipher cipher = GcmImplementation.Accelerated.Create(encryption, key, forSealing: true);
        for (int length = 0; length <= 1600; length++)
        {
            uint? high = length % 3 == 0 ? (uint)length : null;
            byte[] clear = RandomOctets(length, (ulong)length);
            byte[] expectedPayload = [.. clear];
            byte[] expectedIcv = new byte[expected.IcvLength];
            expected.Seal(Header, high, Iv, expectedPayload, expectedIcv);

            byte[] guarded = Guarded(clear);
            Span<byte> payload = guarded.AsSpan(Guard, length);
            byte[] icv = new byte[cipher.IcvLength];
            cipher.Seal(Header, high, Iv, payload, icv);
            Assert.Equal(expectedPayload, payload);
            Assert.Equal(expectedIcv, icv);
            Assert.True(cipher.TryOpen(Header, high, Iv, payload, icv));
            Assert.Equal(clear, payload);
            AssertGuards(guarded);
        }
    }

    [Fact]
    public void GivesLibCryptosAnswerForTheLongestPackets()
    {
        RequireInstructions();
        var encryption = new EncryptionTransform(EncryptionAlgorithm.AesGcm16, 256);
        byte[] key = RandomOctets(encryption.KeyMaterialLength, 1);
        using PacketCipher expected = GcmImplementation.LibCrypto.Create(encryption, key, forSealing: true);
        using PacketCipher cipher = GcmImplementation.Accelerated.Create(encryption, key, forSealing: true);
        foreach (int length in (int[])[4095, 8960, 16384, 65507, 65535])
        {
            byte[] payload = RandomOctets(length, 2);
            byte[] expectedPayload = [.. payload];
            byte[] icv = new byte[16];
            byte[] expectedIcv = new byte[16];
            expected.Seal(Header, null, Iv, expectedPayload, expectedIcv);
            cipher.Seal(Header, null, Iv, payload, icv);
            Assert.Equal(expectedPayload, payload);
            Assert.Equal(expectedIcv, icv);
        }
    }

    /// <summary>RFC 5282 §5.1: IKE's associated data is its header, fragments' headers and what else stands before the IV.</summary>
    [Fact]
    public void AssociatesHeadersOfEveryLength()
    {
        RequireInstructions();
        var encryption = new EncryptionTransform(EncryptionAlgorithm.AesGcm16, 128);
        byte[] key = RandomOctets(encryption.KeyMaterialLength, 1);
        using PacketCipher expected = GcmImplementation.LibCrypto.Create(encryption, key, forSealing: true);
        using PacketCipher cipher = GcmImplementation.Accelerated.Create(encryption, key, forSealing: true);
        for (int length = 0; length <= 100; length++)
        {
            byte[] header = RandomOctets(length, 3);
            byte[] payload = RandomOctets(40, 4);
            byte[] expectedPayload = [.. payload];
            byte[] icv = new byte[16];
            byte[] expectedIcv = new byte[16];
            expected.Seal(header, null, Iv, expectedPayload, expectedIcv);
            cipher.Seal(header, null, Iv, payload, icv);
            Assert.Equal(expectedPayload, payload);
            Assert.Equal(expectedIcv, icv);
        }
    }

    [Theory, MemberData(nameof(Transforms))]
    public void LeavesNothingOfAForgedPacketThatWasDecrypted(EncryptionAlgorithm algorithm, int keyLength)
    {
        RequireInstructions();
        var encryption = new EncryptionTransform(algorithm, keyLength);
        using PacketCipher cipher = GcmImplementation.Accelerated.Create(encryption, RandomOctets(encryption.KeyMaterialLength, 7), forSealing: true);
        foreach (int length in (int[])[1, 15, 16, 100, 127, 128, 255, 256, 700, 1404])
        {
            byte[] clear = RandomOctets(length, 8);
            byte[] ciphertext = [.. clear];
            byte[] icv = new byte[cipher.IcvLength];
            cipher.Seal(Header, null, Iv, ciphertext, icv);
            for (int bit = 0; bit < icv.Length * 8; bit++)
            {
                byte[] forged = [.. icv];
                forged[bit / 8] ^= (byte)(1 << bit % 8);
                byte[] payload = [.. ciphertext];
                Assert.False(cipher.TryOpen(Header, null, Iv, payload, forged));
                Assert.All(payload, octet => Assert.Equal(0, octet));
            }
        }
    }

    /// <summary>FIPS 197 appendix A: the last words of the three expanded keys.</summary>
    [Theory]
    [InlineData("2b7e151628aed2a6abf7158809cf4f3c", 10, "d014f9a8c9ee2589e13f0cc8b6630ca6")]
    [InlineData("8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b", 12, "e98ba06f448c773c8ecc720401002202")]
    [InlineData("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4", 14, "fe4890d1e6188d0b046df344706c631e")]
    public void ExpandsKeysAsPublished(string key, int rounds, string lastRoundKey)
    {
        RequireInstructions();
        byte[] octets = HexText.Parse(key);
        byte[] schedule = new byte[AesKeySchedule.MaximumLength];
        Assert.Equal(rounds, AesKeySchedule.Rounds(octets.Length));
        AesKeySchedule.Expand(octets, schedule);
        Assert.Equal(lastRoundKey, Convert.ToHexStringLower(schedule.AsSpan(rounds * 16, 16)));
    }

    static void RequireInstructions()
    {
        if (!GcmKernel.IsSupported)
            Assert.Skip("processor feature: AES, AVX2 and VPCLMULQDQ");
    }

    static byte[] Guarded(ReadOnlySpan<byte> payload)
    {
        byte[] guarded = new byte[payload.Length + 2 * Guard];
        guarded.AsSpan().Fill(GuardOctet);
        payload.CopyTo(guarded.AsSpan(Guard));
        return guarded;
    }

    static void AssertGuards(ReadOnlySpan<byte> guarded)
    {
        Assert.Equal(-1, guarded[..Guard].IndexOfAnyExcept(GuardOctet));
        Assert.Equal(-1, guarded[^Guard..].IndexOfAnyExcept(GuardOctet));
    }

    static byte[] RandomOctets(int length, ulong seed)
    {
        byte[] octets = new byte[length];
        new SeededRandomSource(seed).Fill(octets);
        return octets;
    }
}
