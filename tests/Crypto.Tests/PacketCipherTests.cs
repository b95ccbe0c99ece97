using System.Buffers.Binary;
using System.Security.Cryptography;
using Ipsec.Crypto;
using Ipsec.Crypto.Registry;
using Ipsec.Tests.Support;

namespace Ipsec.Crypto.Tests;

public sealed class PacketCipherTests
{
    static readonly byte[] Header = [0x12, 0x34, 0x56, 0x78, 0, 0, 0, 9];

    public static TheoryData<EncryptionTransform, IntegrityAlgorithm> Suites
    {
        get
        {
            TheoryData<EncryptionTransform, IntegrityAlgorithm> suites = [];
            foreach (EncryptionEntry entry in AlgorithmRegistry.Encryptions)
                suites.Add(entry.Transform, entry.IsCombinedMode ? IntegrityAlgorithm.None : IntegrityAlgorithm.HmacSha256_128);
            foreach (IntegrityEntry entry in AlgorithmRegistry.Integrities.Where(entry => entry.Algorithm != IntegrityAlgorithm.HmacSha256_128))
                suites.Add(new EncryptionTransform(EncryptionAlgorithm.AesCbc, 256), entry.Algorithm);
            return suites;
        }
    }

    [Theory, MemberData(nameof(Suites))]
    public void WhatOneSideSealsTheOtherOpens(EncryptionTransform encryption, IntegrityAlgorithm integrity)
    {
        using Pair pair = new(encryption, integrity);
        for (int length = 0; length <= 1440; length += pair.Sealer.BlockLength * 15)
        {
            foreach (uint? high in (uint?[])[null, 0, 7, uint.MaxValue])
            {
                byte[] clear = RandomOctets(length, (ulong)length);
                byte[] payload = [.. clear];
                byte[] icv = new byte[pair.Sealer.IcvLength];
                byte[] iv = RandomOctets(pair.Sealer.IvLength, 1);
                pair.Sealer.Seal(Header, high, iv, payload, icv);
                Assert.Equal(length > 0 && Encrypts(encryption), !payload.AsSpan().SequenceEqual(clear));
                Assert.True(pair.Opener.TryOpen(Header, high, iv, payload, icv));
                Assert.Equal(clear, payload);
            }
        }
    }

    static bool Encrypts(EncryptionTransform encryption) => encryption.Algorithm is not (EncryptionAlgorithm.Null or EncryptionAlgorithm.NullAuthAesGmac);

    [Theory, MemberData(nameof(Suites))]
    public void RefusesAnyChangedBit(EncryptionTransform encryption, IntegrityAlgorithm integrity)
    {
        using Pair pair = new(encryption, integrity);
        byte[] payload = RandomOctets(48, 2);
        byte[] clear = [.. payload];
        byte[] icv = new byte[pair.Sealer.IcvLength];
        byte[] iv = RandomOctets(pair.Sealer.IvLength, 1);
        pair.Sealer.Seal(Header, 5, iv, payload, icv);

        byte[] packet = [.. Header, .. iv, .. payload, .. icv];
        for (int bit = 0; bit < packet.Length * 8; bit++)
        {
            byte[] forged = [.. packet];
            forged[bit / 8] ^= (byte)(1 << (bit % 8));
            Span<byte> forgedPayload = forged.AsSpan(Header.Length + iv.Length, payload.Length);
            Assert.False(pair.Opener.TryOpen(forged.AsSpan(0, Header.Length), 5, forged.AsSpan(Header.Length, iv.Length), forgedPayload,
                forged.AsSpan(packet.Length - icv.Length)));
            Assert.False(Encrypts(encryption) && forgedPayload.SequenceEqual(clear));
        }
        Assert.False(pair.Opener.TryOpen(Header, 4, iv, [.. payload], icv));
        Assert.False(pair.Opener.TryOpen(Header, null, iv, [.. payload], icv));
        Assert.False(pair.Opener.TryOpen(Header, 5, iv, [.. payload[..32]], icv));

        // A refusal leaves the context fit for the next packet.
        Assert.True(pair.Opener.TryOpen(Header, 5, iv, payload, icv));
        Assert.Equal(clear, payload);
    }

    [Theory, MemberData(nameof(Suites))]
    public void RefusesOtherLengthsWithoutAnException(EncryptionTransform encryption, IntegrityAlgorithm integrity)
    {
        using Pair pair = new(encryption, integrity);
        byte[] payload = RandomOctets(48, 2);
        byte[] icv = new byte[pair.Sealer.IcvLength];
        byte[] iv = RandomOctets(pair.Sealer.IvLength, 1);
        pair.Sealer.Seal(Header, null, iv, payload, icv);
        for (int length = 0; length < icv.Length; length++)
            Assert.False(pair.Opener.TryOpen(Header, null, iv, [.. payload], icv.AsSpan(0, length)));
        for (int length = 0; length < iv.Length; length++)
            Assert.False(pair.Opener.TryOpen(Header, null, iv.AsSpan(0, length), [.. payload], icv));
        for (int length = 0; length < payload.Length; length++)
            Assert.False(pair.Opener.TryOpen(Header, null, iv, payload[..length], icv));
        Assert.False(pair.Opener.TryOpen(Header, null, [.. iv, 0], [.. payload], icv));
        Assert.False(pair.Opener.TryOpen(Header, null, iv, [.. payload], [.. icv, 0]));
    }

    [Theory, MemberData(nameof(Suites))]
    public void AllocatesNothingPerPacket(EncryptionTransform encryption, IntegrityAlgorithm integrity)
    {
        using Pair pair = new(encryption, integrity);
        using CbcIvGenerator generator = new(new SeededRandomSource(4));
        byte[] payload = RandomOctets(1408, 2);
        byte[] icv = new byte[pair.Sealer.IcvLength];
        byte[] iv = new byte[pair.Sealer.IvLength];
        long allocated = 0;
        for (int packet = 0; packet < 40; packet++)
        {
            if (packet == 20)
                allocated = GC.GetAllocatedBytesForCurrentThread();
            generator.Next(iv);
            pair.Sealer.Seal(Header, 1, iv, payload, icv);
            if (packet % 4 == 3)
                icv[0] ^= 1; // a refusal allocates nothing either
            pair.Opener.TryOpen(Header, 1, iv, payload, icv);
        }
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - allocated);
    }

    [Fact]
    public void CombinedModeAssociatesTheWholeSequenceNumberBetweenSpiAndLowHalf()
    {
        // RFC 4106 §5: SPI | high | low.
        EncryptionTransform encryption = new(EncryptionAlgorithm.AesGcm16, 256);
        byte[] key = RandomOctets(36, 3);
        byte[] clear = RandomOctets(100, 5);
        byte[] iv = RandomOctets(8, 6);
        foreach (uint? high in (uint?[])[null, 0xA1B2C3D4])
        {
            byte[] sealedPayload = [.. clear];
            byte[] icv = new byte[16];
            using PacketCipher cipher = PacketCiphers.Create(encryption, key, IntegrityAlgorithm.None, [], forSealing: true);
            cipher.Seal(Header, high, iv, sealedPayload, icv);

            byte[] associated = high is null ? Header : [.. Header[..4], 0xA1, 0xB2, 0xC3, 0xD4, .. Header[4..]];
            byte[] expected = new byte[100];
            byte[] expectedTag = new byte[16];
            using AesGcm independent = new(key[..32], 16);
            byte[] nonce = [.. key[32..], .. iv];
            independent.Encrypt(nonce, clear, expected, expectedTag, associated);
            Assert.Equal(expected, sealedPayload);
            Assert.Equal(expectedTag, icv);
        }
    }

    [Theory]
    [InlineData(IntegrityAlgorithm.HmacSha1_96, 12)]
    [InlineData(IntegrityAlgorithm.HmacSha256_128, 16)]
    [InlineData(IntegrityAlgorithm.HmacSha384_192, 24)]
    [InlineData(IntegrityAlgorithm.HmacSha512_256, 32)]
    public void HmacCoversHeaderIvCiphertextAndThenTheHighHalf(IntegrityAlgorithm integrity, int icvLength)
    {
        EncryptionTransform encryption = new(EncryptionAlgorithm.AesCbc, 128);
        byte[] key = RandomOctets(16, 3);
        byte[] integrityKey = RandomOctets(integrity.KeyLength(), 4);
        byte[] iv = RandomOctets(16, 6);
        foreach (uint? high in (uint?[])[null, 0xA1B2C3D4])
        {
            byte[] payload = RandomOctets(64, 5);
            byte[] icv = new byte[icvLength];
            using PacketCipher cipher = PacketCiphers.Create(encryption, key, integrity, integrityKey, forSealing: true);
            cipher.Seal(Header, high, iv, payload, icv);

            byte[] highOctets = new byte[high is null ? 0 : 4];
            if (high is uint value)
                BinaryPrimitives.WriteUInt32BigEndian(highOctets, value);
            byte[] covered = [.. Header, .. iv, .. payload, .. highOctets];
            byte[] expected = integrity switch
            {
                IntegrityAlgorithm.HmacSha1_96 => HMACSHA1.HashData(integrityKey, covered),
                IntegrityAlgorithm.HmacSha256_128 => HMACSHA256.HashData(integrityKey, covered),
                IntegrityAlgorithm.HmacSha384_192 => HMACSHA384.HashData(integrityKey, covered),
                _ => HMACSHA512.HashData(integrityKey, covered),
            };
            Assert.Equal(expected[..icvLength], icv);
        }
    }

    [Fact]
    public void SaysWhatItSupports()
    {
        Assert.All(Suites, row => Assert.True(PacketCiphers.IsSupported(row.Data.Item1, row.Data.Item2)));
        Assert.False(PacketCiphers.IsSupported(new(EncryptionAlgorithm.AesGcm16, 256), IntegrityAlgorithm.HmacSha256_128));
        Assert.False(PacketCiphers.IsSupported(new(EncryptionAlgorithm.AesCbc, 256), IntegrityAlgorithm.None));
        Assert.False(PacketCiphers.IsSupported(new(EncryptionAlgorithm.AesCbc, 64), IntegrityAlgorithm.HmacSha1_96));
        Assert.False(PacketCiphers.IsSupported(new(EncryptionAlgorithm.None, 0), IntegrityAlgorithm.HmacSha1_96));
        Assert.False(PacketCiphers.IsSupported(new(EncryptionAlgorithm.AesCbc, 128), (IntegrityAlgorithm)99));
    }

    [Fact]
    public void RefusesKeysOfAnotherLength()
    {
        EncryptionTransform gcm = new(EncryptionAlgorithm.AesGcm16, 128);
        EncryptionTransform cbc = new(EncryptionAlgorithm.AesCbc, 128);
        Assert.Throws<ArgumentException>(() => PacketCiphers.Create(gcm, new byte[16], IntegrityAlgorithm.None, [], true));
        Assert.Throws<ArgumentException>(() => PacketCiphers.Create(gcm, new byte[20], IntegrityAlgorithm.None, new byte[1], true));
        Assert.Throws<ArgumentException>(() => PacketCiphers.Create(cbc, new byte[17], IntegrityAlgorithm.HmacSha1_96, new byte[20], true));
        Assert.Throws<ArgumentException>(() => PacketCiphers.Create(cbc, new byte[16], IntegrityAlgorithm.HmacSha1_96, new byte[19], true));
        Assert.Throws<ArgumentException>(() => PacketCiphers.Create(cbc, new byte[16], IntegrityAlgorithm.None, [], true));
    }

    [Theory, MemberData(nameof(Suites))]
    public void IsOfNoUseAfterDisposal(EncryptionTransform encryption, IntegrityAlgorithm integrity)
    {
        Pair pair = new(encryption, integrity);
        pair.Dispose();
        Assert.Throws<ObjectDisposedException>(() =>
            pair.Sealer.Seal(Header, null, new byte[pair.Sealer.IvLength], new byte[48], new byte[pair.Sealer.IcvLength]));
        Assert.Throws<ObjectDisposedException>(() =>
            pair.Opener.TryOpen(Header, null, new byte[pair.Sealer.IvLength], new byte[48], new byte[pair.Sealer.IcvLength]));
    }

    static byte[] RandomOctets(int length, ulong seed)
    {
        byte[] octets = new byte[length];
        new SeededRandomSource(seed).Fill(octets);
        return octets;
    }

    sealed class Pair : IDisposable
    {
        internal Pair(EncryptionTransform encryption, IntegrityAlgorithm integrity)
        {
            byte[] key = RandomOctets(encryption.KeyMaterialLength, 100);
            byte[] integrityKey = RandomOctets(integrity.KeyLength(), 101);
            Sealer = PacketCiphers.Create(encryption, key, integrity, integrityKey, forSealing: true);
            Opener = PacketCiphers.Create(encryption, key, integrity, integrityKey, forSealing: false);
        }

        internal PacketCipher Sealer { get; }

        internal PacketCipher Opener { get; }

        public void Dispose()
        {
            Sealer.Dispose();
            Opener.Dispose();
        }
    }
}
