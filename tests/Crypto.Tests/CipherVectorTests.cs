using Ipsec.Crypto;
using Ipsec.Crypto.PayloadCiphers;
using Ipsec.Crypto.Registry;
using Ipsec.Crypto.Tests.Gcm;
using Ipsec.Crypto.Tests.PayloadCiphers;
using Ipsec.Tests.Support;

namespace Ipsec.Crypto.Tests;

/// <summary>The published answers of each cipher, by way of both seams: packets and messages.</summary>
public sealed class CipherVectorTests
{
    const string GcmClear =
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39";
    const string GcmAssociated = "feedfacedeadbeeffeedfacedeadbeefabaddad2";
    const string GcmIv = "cafebabe facedbaddecaf888";
    const string CbcClear =
        "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710";

    [Theory]
    // NIST's submission of GCM, appendix B, test cases 1, 2, 4, 10, 13, 14 and 16.
    [InlineData("00000000000000000000000000000000", "00000000 0000000000000000", "", "", "", "58e2fccefa7e3061367f1d57a4e7455a")]
    [InlineData("00000000000000000000000000000000", "00000000 0000000000000000", "", "00000000000000000000000000000000",
        "0388dace60b6a392f328c2b971b2fe78", "ab6e47d42cec13bdf53a67b21257bddf")]
    [InlineData("feffe9928665731c6d6a8f9467308308", GcmIv, GcmAssociated, GcmClear,
        "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091",
        "5bc94fbc3221a5db94fae95ae7121a47")]
    [InlineData("feffe9928665731c6d6a8f9467308308feffe9928665731c", GcmIv, GcmAssociated, GcmClear,
        "3980ca0b3c00e841eb06fac4872a2757859e1ceaa6efd984628593b40ca1e19c7d773d00c144c525ac619d18c84a3f4718e2448b2fe324d9ccda2710",
        "2519498e80f1478f37ba55bd6d27618c")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000", "00000000 0000000000000000", "", "", "",
        "530f8afbc74536b9a963b4f1c4cb738b")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000", "00000000 0000000000000000", "",
        "00000000000000000000000000000000", "cea7403d4d606b6e074ec5d3baf39d18", "d0d1c8a799996bf0265b98b5d48ab919")]
    [InlineData("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", GcmIv, GcmAssociated, GcmClear,
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
        "76fc6ece0f4e1768cddf8853bb2d551b")]
    public void GcmGivesThePublishedCiphertextAndTag(string key, string nonce, string associated, string clear, string ciphertext, string tag)
    {
        byte[] nonceOctets = HexText.Parse(nonce);
        byte[] material = [.. HexText.Parse(key), .. nonceOctets[..4]];
        EncryptionTransform encryption = new(EncryptionAlgorithm.AesGcm16, HexText.Parse(key).Length * 8);
        SealsAndOpens(encryption, material, IntegrityAlgorithm.None, [], HexText.Parse(associated), nonceOctets[4..], clear, ciphertext, tag);
        foreach (GcmImplementation implementation in GcmImplementations.All)
        {
            using PacketCipher cipher = implementation.Create(encryption, material, forSealing: true);
            byte[] payload = HexText.Parse(clear);
            byte[] icv = new byte[cipher.IcvLength];
            cipher.Seal(HexText.Parse(associated), null, nonceOctets.AsSpan(4), payload, icv);
            Assert.Equal(ciphertext, Convert.ToHexStringLower(payload));
            Assert.Equal(tag, Convert.ToHexStringLower(icv));
        }
    }

    [Theory]
    // RFC 3602 §4, cases 1 to 4.
    [InlineData("06a9214036b8a15b512e03d534120006", "3dafba429d9eb430b422da802c9fac41", "53696e676c6520626c6f636b206d7367",
        "e353779c1079aeb82708942dbe77181a")]
    [InlineData("c286696d887c9aa0611bbb3e2025a45a", "562e17996d093d28ddb3ba695a2e6f58",
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
        "d296cd94c2cccf8a3a863028b5e1dc0a7586602d253cfff91b8266bea6d61ab1")]
    [InlineData("6c3ea0477630ce21a2ce334aa746c2cd", "c782dc4c098c66cbd9cd27d825682c81",
        "5468697320697320612034382d62797465206d657373616765202865786163746c7920332041455320626c6f636b7329",
        "d0a02b3836451753d493665d33f0e8862dea54cdb293abc7506939276772f8d5021c19216bad525c8579695d83ba2684")]
    [InlineData("56e47a38c5598974bc46903dba290349", "8ce82eefbea0da3c44699ed7db51b7d9",
        "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedf",
        "c30e32ffedc0774e6aff6af0869f71aa0f3af07a9a31a9c684db207eb0ef8e4e35907aa632c3ffdf868bb7b29d3d46ad83ce9f9a102ee99d49a53e87f4c3da55")]
    // RFC 3602 §4, cases 5 and 6: the encrypted part of an ESP packet in transport mode.
    [InlineData("90d382b410eeba7ad938c46cec1a82bf", "e96e8c08ab465763fd098d45dd3ff893",
        "08000ebda70a00008e9c083db95b070008090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f3031323334353637"
            + "0102030405060708090a0b0c0d0e0e01",
        "f663c25d325c18c6a9453e194e120849a4870b66cc6b9965330013b4898dc856a4699e523a55db080b59ec3a8e4b7e52775b07d1db34ed9c538ab50c551b874a"
            + "a269add047ad2d5913ac19b7cfbad4a6")]
    [InlineData("90d382b410eeba7ad938c46cec1a82bf", "69d08df7d203329db093fc4924e5bd80",
        "0800b5e8a80a0500a69c083d0b660e0077777777777777777777777701020201",
        "f51995881ec4e0c4488987ce742e8109689bb379d2d750c0d915dca346a89f75")]
    // Cases 7 and 8: and in tunnel mode.
    [InlineData("0123456789abcdef0123456789abcdef", "f4e765244f6407adf13dc1380f673f37",
        "45000054090400004001f988c0a87b03c0a87bc808009f76a90a0100b49c083d02a2040008090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2021222324"
            + "25262728292a2b2c2d2e2f30313233343536370102030405060708090a0a04",
        "773b5241a4c449225e4f3ce5ed611b0c237ca96cf74a93013c1b0ea1a0cf70f8e4ecaec78ac53aad7a0f022b859243c647752e94a859352b8a4d4d2decd136e5c1"
            + "77f132ad3fbfb2201ac9904c74ee0a109e0ca1e4dfe9d5a100b842f1c22f0d")]
    [InlineData("0123456789abcdef0123456789abcdef", "85d47224b5f3dd5d2101d4ea8dffab22",
        "45000044090c00004001f990c0a87b03c0a87bc80800d63caa0a0200c69c083da3de0300ffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
            + "ffffffff0102030405060708090a0a04",
        "15b92683819596a8047232cc00f7048fe45318e11f8a0f62ede3c3fc61203bb50f980a08c9843fd3a1b06d5c07ff9639b7eb7dfb3512e5de435e7207ed971ef3"
            + "d2726d9b5ef6affc6d17a0decbb13892")]
    // NIST SP 800-38A appendix F.2: 128, 192 and 256 bits.
    [InlineData("2b7e151628aed2a6abf7158809cf4f3c", "000102030405060708090a0b0c0d0e0f", CbcClear,
        "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b273bed6b8e3c1743b7116e69e222295163ff1caa1681fac09120eca307586e1a7")]
    [InlineData("8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b", "000102030405060708090a0b0c0d0e0f", CbcClear,
        "4f021db243bc633d7178183a9fa071e8b4d9ada9ad7dedf4e5e738763f69145a571b242012fb7ae07fa9baac3df102e008b0e27988598881d920a9e64f5615cd")]
    [InlineData("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4", "000102030405060708090a0b0c0d0e0f", CbcClear,
        "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d39f23369a9d9bacfa530e26304231461b2eb05e2c39be9fcda6c19078c6a9d1b")]
    public void AesCbcGivesThePublishedCiphertext(string key, string iv, string clear, string ciphertext)
    {
        SealsAndOpens(new(EncryptionAlgorithm.AesCbc, key.Length * 4), HexText.Parse(key), IntegrityAlgorithm.HmacSha1_96, new byte[20],
            new byte[8], HexText.Parse(iv), clear, ciphertext, icv: null);
        foreach (CbcImplementation implementation in CbcImplementations.All)
        {
            using PayloadCipher encryption = implementation.Create(HexText.Parse(key), encrypts: true);
            using PayloadCipher decryption = implementation.Create(HexText.Parse(key), encrypts: false);
            byte[] payload = HexText.Parse(clear);
            encryption.Transform(HexText.Parse(iv), payload);
            Assert.Equal(ciphertext, Convert.ToHexStringLower(payload));
            decryption.Transform(HexText.Parse(iv), payload);
            Assert.Equal(clear, Convert.ToHexStringLower(payload));
        }
    }

    [Theory]
    // NIST SP 800-67 appendix B gives single blocks: one block of chaining under an initialization vector of zero.
    [InlineData("5468652071756663", "a826fd8ce53b855f")]
    [InlineData("6b2062726f776e20", "cce21c8112256fe6")]
    [InlineData("666f78206a756d70", "68d5c05dd9b6b900")]
    public void TripleDesGivesThePublishedCiphertext(string clear, string ciphertext) =>
        SealsAndOpens(new(EncryptionAlgorithm.TripleDesCbc, 0), HexText.Parse("0123456789abcdef 23456789abcdef01 456789abcdef0123"),
            IntegrityAlgorithm.HmacSha1_96, new byte[20], new byte[8], new byte[8], clear, ciphertext, icv: null);

    [Fact]
    public void TripleDesChainsBlocks()
    {
        // The second block of SP 800-67 appears again when its clear text is combined with the ciphertext before it.
        byte[] second = HexText.Parse("6b2062726f776e20");
        byte[] firstCiphertext = HexText.Parse("a826fd8ce53b855f");
        string clear = "5468652071756663" + Convert.ToHexStringLower([.. second.Zip(firstCiphertext, (a, b) => (byte)(a ^ b))]);
        TripleDesGivesThePublishedCiphertext(clear, "a826fd8ce53b855fcce21c8112256fe6");
    }

    [Theory]
    // RFC 2202 §3 case 1, cut to the length of RFC 2404; RFC 4868 §2.7.2 (AUTH256-1, AUTH384-1, AUTH512-1).
    [InlineData(IntegrityAlgorithm.HmacSha1_96, 20, "b617318655057264e28bc0b6")]
    [InlineData(IntegrityAlgorithm.HmacSha256_128, 32, "198a607eb44bfbc69903a0f1cf2bbdc5")]
    [InlineData(IntegrityAlgorithm.HmacSha384_192, 48, "b6a8d5636f5c6a7224f9977dcf7ee6c7fb6d0c48cbdee973")]
    [InlineData(IntegrityAlgorithm.HmacSha512_256, 64, "637edc6e01dce7e6742a99451aae82df23da3e92439e590e43e761b33e910fb8")]
    public void IntegrityCodesAreThePublishedOnesEachTimeTheContextIsUsed(IntegrityAlgorithm integrity, int keyLength, string icv)
    {
        byte[] key = [.. Enumerable.Repeat((byte)0x0b, keyLength)];
        using MacContext hmac = Macs.Create(AlgorithmRegistry.Find(integrity)!, key);
        byte[] code = new byte[hmac.OutputLength];
        for (int use = 0; use < 3; use++)
        {
            hmac.Reset();
            hmac.AppendShort("Hi "u8);
            hmac.Append("There"u8);
            hmac.Finish(code);
            Assert.Equal(icv, Convert.ToHexStringLower(code.AsSpan(0, integrity.IcvLength())));
        }
    }

    static void SealsAndOpens(EncryptionTransform encryption, byte[] key, IntegrityAlgorithm integrity, byte[] integrityKey,
        byte[] associated, byte[] iv, string clear, string ciphertext, string? icv)
    {
        byte[] clearOctets = HexText.Parse(clear);
        byte[] payload = [.. clearOctets];
        byte[] icvOctets = new byte[encryption.IsCombinedMode ? encryption.TagLength : integrity.IcvLength()];
        using PacketCipher sealer = PacketCiphers.Create(encryption, key, integrity, integrityKey, forSealing: true);
        sealer.Seal(associated, null, iv, payload, icvOctets);
        Assert.Equal(ciphertext, Convert.ToHexStringLower(payload));
        if (icv is not null)
            Assert.Equal(icv, Convert.ToHexStringLower(icvOctets));

        byte[] message = [.. clearOctets];
        byte[] messageIcv = new byte[icvOctets.Length];
        MessageCipher.Seal(encryption, key, integrity, integrityKey, associated, iv, message, messageIcv);
        Assert.Equal(payload, message);
        Assert.Equal(icvOctets, messageIcv);

        using PacketCipher opener = PacketCiphers.Create(encryption, key, integrity, integrityKey, forSealing: false);
        Assert.True(opener.TryOpen(associated, null, iv, payload, icvOctets));
        Assert.Equal(clearOctets, payload);
        Assert.True(MessageCipher.TryOpen(encryption, key, integrity, integrityKey, associated, iv, message, messageIcv));
        Assert.Equal(clearOctets, message);

        messageIcv[^1] ^= 1;
        Assert.False(MessageCipher.TryOpen(encryption, key, integrity, integrityKey, associated, iv, message, messageIcv));
    }
}
