using Ipsec.Crypto.Hmacs;
using Ipsec.Crypto.OpenSsl;
using Ipsec.Crypto.Registry;
using Ipsec.Tests.Support;

namespace Ipsec.Crypto.Tests.Hmacs;

/// <summary>HMAC from saved states beside libcrypto's.</summary>
public sealed class SavedStateHmacTests
{
    const string Question = "what do ya want for nothing?";

    public static TheoryData<IntegrityAlgorithm> Algorithms =>
        [IntegrityAlgorithm.HmacSha1_96, IntegrityAlgorithm.HmacSha256_128, IntegrityAlgorithm.HmacSha384_192, IntegrityAlgorithm.HmacSha512_256];

    [Fact]
    public void EveryHashIsThere()
    {
        Assert.True(Sha1Digest.IsAvailable);
        Assert.True(Sha256Digest.IsAvailable);
        Assert.True(Sha384Digest.IsAvailable);
        Assert.True(Sha512Digest.IsAvailable);
    }

    [Theory, MemberData(nameof(Algorithms))]
    public void GivesLibCryptosAnswerForEveryLength(IntegrityAlgorithm algorithm)
    {
        IntegrityEntry entry = AlgorithmRegistry.Find(algorithm)!;
        byte[] key = RandomOctets(entry.KeyLength, 1);
        using MacContext expected = LibraryMac.Hmac(entry.Digest, entry.KeyLength, key);
        using MacContext hmac = Macs.Create(entry, key);
        for (int length = 0; length <= 2100; length++)
        {
            byte[] message = RandomOctets(length, (ulong)length);
            Assert.Equal(Code(expected, message, length / 3), Code(hmac, message, length / 2));
        }
    }

    [Theory, MemberData(nameof(Algorithms))]
    public void TakesKeysOfEveryLength(IntegrityAlgorithm algorithm)
    {
        IntegrityEntry entry = AlgorithmRegistry.Find(algorithm)!;
        PseudorandomFunction function = entry.ImpliedPrf;
        byte[] message = RandomOctets(100, 9);
        for (int length = 0; length <= 300; length++)
        {
            byte[] key = RandomOctets(length, (ulong)length);
            using MacContext expected = LibraryMac.Hmac(entry.Digest, function.OutputLength(), key);
            using MacContext hmac = Macs.Create(function, key);
            Assert.Equal(Code(expected, message, 0), Code(hmac, message, 100));
        }
    }

    [Theory]
    // RFC 4868 §2.7.2: AUTH256-2 to -4, AUTH384-2 and -3, AUTH512-2 and -3.
    [InlineData(IntegrityAlgorithm.HmacSha256_128, "4a656665", Question, 0, 0, "167f928588c5cc2eef8e3093caa0e87c9ff566a14794aa61648d81621a2a40c6")]
    [InlineData(IntegrityAlgorithm.HmacSha256_128, "aa", "", 0xdd, 50, "cdcb1220d1ecccea91e53aba3092f962e549fe6ce9ed7fdc43191fbde45c30b0")]
    [InlineData(IntegrityAlgorithm.HmacSha256_128, "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20", "", 0xcd, 50,
        "372efcf9b40b35c2115b1346903d2ef42fced46f0846e7257bb156d3d7b30d3f")]
    [InlineData(IntegrityAlgorithm.HmacSha384_192, "4a656665", Question, 0, 0,
        "2c7353974f1842fd66d53c452ca42122b28c0b594cfb184da86a368e9b8e16f5349524ca4e82400cbde0686d403371c9")]
    [InlineData(IntegrityAlgorithm.HmacSha384_192, "aa", "", 0xdd, 50,
        "809f439be00274321d4a538652164b53554a508184a0c3160353e3428597003d35914a18770f9443987054944b7c4b4a")]
    [InlineData(IntegrityAlgorithm.HmacSha512_256, "4a656665", Question, 0, 0,
        "cb370917ae8a7ce28cfd1d8f4705d6141c173b2a9362c15df235dfb251b154546aa334ae9fb9afc2184932d8695e397bfa0ffb93466cfcceaae38c833b7dba38")]
    [InlineData(IntegrityAlgorithm.HmacSha512_256, "aa", "", 0xdd, 50,
        "2ee7acd783624ca9398710f3ee05ae41b9f9b0510c87e49e586cc9bf961733d8623c7b55cebefccf02d5581acc1c9d5fb1ff68a1de45509fbe4da9a433922655")]
    public void GivesThePublishedCode(IntegrityAlgorithm algorithm, string repeatedKey, string text, int octet, int count, string code)
    {
        IntegrityEntry entry = AlgorithmRegistry.Find(algorithm)!;
        byte[] part = HexText.Parse(repeatedKey);
        byte[] key = [.. Enumerable.Range(0, entry.KeyLength).Select(index => part[index % part.Length])];
        byte[] message = [.. System.Text.Encoding.ASCII.GetBytes(text), .. Enumerable.Repeat((byte)octet, count)];
        using MacContext hmac = Macs.Create(entry, key);
        using MacContext library = LibraryMac.Hmac(entry.Digest, entry.KeyLength, key);
        Assert.Equal(code, Convert.ToHexStringLower(Code(hmac, message, message.Length)));
        Assert.Equal(code, Convert.ToHexStringLower(Code(library, message, message.Length)));
        if (algorithm == IntegrityAlgorithm.HmacSha256_128 && Sha256Lanes.IsSupported)
        {
            byte[] run = [.. Enumerable.Repeat(message, 16).SelectMany(octets => octets)];
            byte[] codes = new byte[16 * MacContext.LongestCode];
            // A packet of eight octets at least: of the message they are the first ones.
            hmac.Compute(new PacketRun(run, message.Length, ivLength: 0, icvLength: 0), [], codes);
            for (int i = 0; i < 16; i++)
                Assert.Equal(code, Convert.ToHexStringLower(codes.AsSpan(i * MacContext.LongestCode, 32)));
        }
    }

    [Fact]
    public void IsOfNoUseAfterDisposal()
    {
        MacContext hmac = Macs.Create(PseudorandomFunction.HmacSha256, new byte[32]);
        hmac.Dispose();
        Assert.Throws<ObjectDisposedException>(hmac.Reset);
        Assert.Throws<ObjectDisposedException>(() => hmac.Append(new byte[1]));
        Assert.Throws<ObjectDisposedException>(() => hmac.Finish(new byte[64]));
        hmac.Dispose();
    }

    /// <param name="cut">The message is given in two parts.</param>
    static byte[] Code(MacContext mac, byte[] message, int cut)
    {
        byte[] code = new byte[mac.OutputLength];
        mac.Reset();
        mac.Append(message.AsSpan(0, cut));
        mac.AppendShort(message.AsSpan(cut));
        mac.Finish(code);
        return code;
    }

    static byte[] RandomOctets(int length, ulong seed)
    {
        byte[] octets = new byte[length];
        new SeededRandomSource(seed).Fill(octets);
        return octets;
    }
}
