using Ipsec.Crypto.Registry;
using Ipsec.Crypto.Tests.PayloadCiphers;
using Ipsec.Tests.Support;

namespace Ipsec.Crypto.Tests;

/// <summary>Packets that are sealed and opened together are what they are one by one.</summary>
public sealed class PacketRunTests
{
    const int HeaderLength = 8;

    public static TheoryData<EncryptionTransform, IntegrityAlgorithm> Suites => PacketCipherTests.Suites;

    [Theory, MemberData(nameof(Suites))]
    public void SealsARunAsItsPacketsOneByOne(EncryptionTransform encryption, IntegrityAlgorithm integrity)
    {
        using PacketCipher sealer = Create(encryption, integrity, forSealing: true);
        using PacketCipher opener = Create(encryption, integrity, forSealing: false);
        for (int count = 1; count <= PacketCipher.LongestRun; count++)
        {
            foreach ((int blocks, int lastBlocks) in ((int, int)[])[(3, 3), (3, 0), (20, 17), (88, 88)])
            {
                byte[] clear = Run(sealer, count, blocks, lastBlocks, out int length);
                foreach (uint[] highs in (uint[][])[[], [.. Enumerable.Range(0, count).Select(index => uint.MaxValue - (uint)index)]])
                {
                    byte[] packets = [.. clear];
                    sealer.SealRun(packets, length, highs);
                    byte[] oneByOne = [.. clear];
                    for (int i = 0; i < count; i++)
                    {
                        Parts parts = Split(sealer, oneByOne, length, i);
                        sealer.Seal(parts.Header, highs.Length == 0 ? null : highs[i], parts.Iv, parts.Payload, parts.Icv);
                    }
                    Assert.Equal(oneByOne, packets);

                    Assert.Equal((1u << count) - 1, opener.OpenRun(packets, length, highs));
                    for (int i = 0; i < count; i++)
                        Assert.Equal(Split(sealer, clear, length, i).Payload, Split(sealer, packets, length, i).Payload);
                }
            }
        }
    }

    [Theory, MemberData(nameof(Suites))]
    public void OpensWhatIsAuthenticOfARun(EncryptionTransform encryption, IntegrityAlgorithm integrity)
    {
        using PacketCipher sealer = Create(encryption, integrity, forSealing: true);
        using PacketCipher opener = Create(encryption, integrity, forSealing: false);
        const int Count = PacketCipher.LongestRun;
        byte[] clear = Run(sealer, Count, 6, 2, out int length);
        byte[] packets = [.. clear];
        sealer.SealRun(packets, length, []);
        var random = new SeededRandomSource(9);
        byte[] draw = new byte[6];
        for (int round = 0; round < 60; round++)
        {
            byte[] received = [.. packets];
            random.Fill(draw);
            uint forged = (uint)(draw[0] | draw[1] << 8);
            for (int i = 0; i < Count; i++)
            {
                int packetLength = Math.Min(length, received.Length - i * length);
                if ((forged >> i & 1) != 0)
                    received[i * length + (draw[2] | draw[3] << 8) * (i + 1) % packetLength] ^= (byte)(1 << draw[4] % 8);
            }
            byte[] before = [.. received];
            Assert.Equal(0xFFFF & ~forged, opener.OpenRun(received, length, []));
            for (int i = 0; i < Count; i++)
            {
                ReadOnlySpan<byte> payload = Split(sealer, received, length, i).Payload;
                if ((forged >> i & 1) == 0)
                    Assert.Equal(Split(sealer, clear, length, i).Payload, payload);
                else if (encryption.Algorithm is not (EncryptionAlgorithm.Null or EncryptionAlgorithm.NullAuthAesGmac))
                    // As it came, or cleared: never decrypted.
                    Assert.True(payload.SequenceEqual(Split(sealer, before, length, i).Payload) || payload.IndexOfAnyExcept((byte)0) < 0);
            }
        }
    }

    [Theory, MemberData(nameof(Suites))]
    public void RefusesRunsOfOtherLengthsWithoutAnException(EncryptionTransform encryption, IntegrityAlgorithm integrity)
    {
        using PacketCipher opener = Create(encryption, integrity, forSealing: false);
        byte[] octets = RandomOctets(2000, 3);
        for (int length = 1; length < 130; length++)
        {
            for (int total = length; total <= Math.Min(octets.Length, PacketCipher.LongestRun * length); total += Math.Max(1, length * 3 - 1))
                Assert.Equal(0u, opener.OpenRun(octets.AsSpan(0, total), length, []));
        }
    }

    [Theory]
    [InlineData(128, IntegrityAlgorithm.HmacSha1_96)]
    [InlineData(192, IntegrityAlgorithm.HmacSha256_128)]
    [InlineData(256, IntegrityAlgorithm.HmacSha256_128)]
    [InlineData(256, IntegrityAlgorithm.HmacSha384_192)]
    [InlineData(256, IntegrityAlgorithm.HmacSha512_256)]
    public void GivesLibCryptosAnswerForEveryLengthAndCount(int keyLength, IntegrityAlgorithm integrity)
    {
        EncryptionTransform encryption = new(EncryptionAlgorithm.AesCbc, keyLength);
        using PacketCipher sealer = Create(encryption, integrity, forSealing: true);
        using PacketCipher library = CbcImplementations.CreateByLibCrypto(keyLength, integrity, Key(encryption), IntegrityKey(integrity), forSealing: true);
        using PacketCipher libraryOpener =
            CbcImplementations.CreateByLibCrypto(keyLength, integrity, Key(encryption), IntegrityKey(integrity), forSealing: false);
        for (int blocks = 0; blocks <= 132; blocks++)
        {
            int count = 1 + blocks % PacketCipher.LongestRun;
            byte[] clear = Run(sealer, count, blocks, blocks - blocks % 3, out int length);
            byte[] packets = [.. clear];
            byte[] expected = [.. clear];
            sealer.SealRun(packets, length, []);
            library.SealRun(expected, length, []);
            Assert.Equal(expected, packets);
            Assert.Equal((1u << count) - 1, libraryOpener.OpenRun(packets, length, []));
        }
    }

    [Fact]
    public void RefusesToSealWhatIsNotPadded()
    {
        using PacketCipher sealer = Create(new EncryptionTransform(EncryptionAlgorithm.AesCbc, 256), IntegrityAlgorithm.HmacSha256_128, forSealing: true);
        Assert.Throws<ArgumentException>(() => sealer.SealRun(new byte[2 * 57], 57, []));
        Assert.Throws<ArgumentException>(() => sealer.SealRun(new byte[56 + 41], 56, []));
    }

    static byte[] Run(PacketCipher cipher, int count, int blocks, int lastBlocks, out int length)
    {
        int rest = HeaderLength + cipher.IvLength + cipher.IcvLength;
        length = rest + blocks * 16;
        return RandomOctets(length * (count - 1) + rest + lastBlocks * 16, (ulong)(count * 1000 + blocks));
    }

    static Parts Split(PacketCipher cipher, Span<byte> packets, int length, int index)
    {
        Span<byte> packet = packets[(index * length)..];
        packet = packet[..Math.Min(length, packet.Length)];
        int payload = HeaderLength + cipher.IvLength;
        return new Parts(packet[..HeaderLength], packet[HeaderLength..payload], packet[payload..^cipher.IcvLength], packet[^cipher.IcvLength..]);
    }

    static PacketCipher Create(EncryptionTransform encryption, IntegrityAlgorithm integrity, bool forSealing) =>
        PacketCiphers.Create(encryption, Key(encryption), integrity, IntegrityKey(integrity), forSealing);

    static byte[] Key(EncryptionTransform encryption) => RandomOctets(encryption.KeyMaterialLength, 100);

    static byte[] IntegrityKey(IntegrityAlgorithm integrity) => RandomOctets(integrity.KeyLength(), 101);

    static byte[] RandomOctets(int length, ulong seed)
    {
        byte[] octets = new byte[length];
        new SeededRandomSource(seed).Fill(octets);
        return octets;
    }

    readonly ref struct Parts(Span<byte> header, Span<byte> iv, Span<byte> payload, Span<byte> icv)
    {
        public Span<byte> Header { get; } = header;
        public Span<byte> Iv { get; } = iv;
        public Span<byte> Payload { get; } = payload;
        public Span<byte> Icv { get; } = icv;
    }
}
