using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;
using Ipsec.Crypto.Signatures;
using Ipsec.Tests.Support.Certificates;

namespace Ipsec.Crypto.Tests.Signatures;

/// <summary>Adversarial class 9: forged, malformed and oversized signatures and keys. What was a way in elsewhere is a plain "no" here.</summary>
public sealed class SignatureAttackTests
{
    static readonly byte[] Data = "to be signed"u8.ToArray();

    /// <summary>
    /// CVE-2018-16151, CVE-2018-16152, CVE-2026-50721, CVE-2026-50722: the recovered block was parsed, so that octets inside it could be anything. The
    /// holder of the private key makes every such block here: none verifies.
    /// </summary>
    [Fact]
    public void OnlyTheOneEncodedMessageVerifies()
    {
        using RSA rsa = RSA.Create(2048);
        Assert.True(PublicKey.TryParse(rsa.ExportSubjectPublicKeyInfo(), out PublicKey? key));
        SignatureMethod method = SignatureMethod.RsaPkcs1(SignatureHash.Sha256);
        byte[] hash = SHA256.HashData(Data);
        byte[] digestInfo = [.. Convert.FromHexString("3031300d060960864801650304020105000420"), .. hash];
        byte[] right = Block(digestInfo);
        Assert.True(key.Verify(method, Data, Raw(rsa, right)));

        // Excess data behind the DigestInfo, short padding.
        Refuses(Garbage(right, digestInfo, behind: 10));
        Refuses(Garbage(right, digestInfo, behind: 180));
        // Octets of padding that are not FF, a wrong first or second octet, no separator.
        for (int position = 0; position < right.Length - digestInfo.Length; position++)
        {
            byte[] changed = [.. right];
            changed[position] ^= 0x01;
            Refuses(changed);
        }
        // Within the DigestInfo: parameters other than NULL, none, a longer form of a length, another hash's name, a longer or shorter hash.
        Refuses(Block([.. Convert.FromHexString("302f300b0609608648016503040201" + "0420"), .. hash]));
        Refuses(Block([.. Convert.FromHexString("3033300f06096086480165030402010502ffff0420"), .. hash]));
        Refuses(Block([.. Convert.FromHexString("308131300d060960864801650304020105000420"), .. hash]));
        Refuses(Block([.. Convert.FromHexString("3031300d060960864801650304020205000420"), .. hash]));
        Refuses(Block([.. Convert.FromHexString("3032300d060960864801650304020105000421"), .. hash, 0]));
        Refuses(Block([.. Convert.FromHexString("3030300d06096086480165030402010500041f"), .. hash[..31]]));
        Refuses(Block(hash));
        Refuses(Block([]));
        Refuses(new byte[right.Length]);

        void Refuses(byte[] block) => Assert.False(key.Verify(method, Data, Raw(rsa, block)), Convert.ToHexString(block));
    }

    /// <summary>
    /// CVE-2013-2944: an error inside the library was taken for success. A value of all ones is no number below the modulus, m = n is none either
    /// (CVE-2017-11185).
    /// </summary>
    [Theory]
    [InlineData("rsa2048")]
    [InlineData("p256")]
    [InlineData("p384")]
    [InlineData("p521")]
    [InlineData("ed25519")]
    [InlineData("ed448")]
    public void AnErrorIsNeverSuccess(string kind)
    {
        using SigningKey key = TestKey.Read(kind);
        List<byte[]> values = [[], [0], new byte[1], new byte[10_000], [0x30, 0], [0x30, 6, 2, 1, 0, 2, 1, 0], [0x30, 0x80]];
        foreach (int length in new[] { 56, 63, 64, 65, 96, 114, 132, 255, 256, 257, 512 })
        {
            values.Add(new byte[length]);
            byte[] ones = new byte[length];
            Array.Fill(ones, (byte)0xFF);
            values.Add(ones);
        }
        if (key.Kind == SignatureKeyKind.Rsa)
        {
            byte[] modulus = Modulus(key.PublicKey);
            values.Add(modulus);
            values.Add([.. modulus[..^1], (byte)(modulus[^1] + 1)]);
            values.Add([.. new byte[255], 1]);
        }
        IEnumerable<SignatureMethod> methods = SignatureMethod.Names.Select(Named)
            .Concat([SignatureMethod.EcdsaFixed(SignatureHash.Sha256), SignatureMethod.EcdsaFixed(SignatureHash.Sha384),
                SignatureMethod.EcdsaFixed(SignatureHash.Sha512)]);
        foreach (SignatureMethod method in methods)
            Assert.All(values, value => Assert.False(key.PublicKey.Verify(method, Data, value)));
    }

    /// <summary>CVE-2021-41990: a salt that no modulus can hold is refused before anything is computed from it.</summary>
    [Fact]
    public void ASaltThatDoesNotFitIsRefused()
    {
        using SigningKey key = TestKey.Read("rsa2048");
        SignatureMethod most = SignatureMethod.RsaPss(SignatureHash.Sha256, SignatureHash.Sha256, 256 - 32 - 2);
        Assert.True(key.PublicKey.Verify(most, Data, key.Sign(most, Data)));
        SignatureMethod tooMuch = SignatureMethod.RsaPss(SignatureHash.Sha256, SignatureHash.Sha256, 256 - 32 - 1);
        Assert.False(key.Supports(tooMuch));
        Assert.Throws<ArgumentException>(() => key.Sign(tooMuch, Data));
        Assert.False(key.PublicKey.Verify(tooMuch, Data, new byte[256]));
        Assert.False(key.PublicKey.Verify(SignatureMethod.RsaPss(SignatureHash.Sha256, SignatureHash.Sha256, int.MaxValue), Data, new byte[256]));
    }

    [Fact]
    public void TheSaltAndMaskOfPssAreWhatTheMethodSays()
    {
        using SigningKey key = TestKey.Read("rsa2048");
        byte[] signature = key.Sign(SignatureMethod.RsaPss(SignatureHash.Sha256), Data);
        Assert.False(key.PublicKey.Verify(SignatureMethod.RsaPss(SignatureHash.Sha256, SignatureHash.Sha256, 20), Data, signature));
        Assert.False(key.PublicKey.Verify(SignatureMethod.RsaPss(SignatureHash.Sha256, SignatureHash.Sha256, 0), Data, signature));
        Assert.False(key.PublicKey.Verify(SignatureMethod.RsaPss(SignatureHash.Sha256, SignatureHash.Sha1, 32), Data, signature));
    }

    /// <summary>
    /// CVE-2017-9022, CVE-2018-17540, CVE-2026-14957: exponents 0, 1, 2, 3 and even ones, moduli of 0, few bits or even. Such a key verifies what nobody
    /// signed, or breaks the computation.
    /// </summary>
    [Fact]
    public void RefusesRsaKeysThatAreNone()
    {
        using RSA rsa = RSA.Create(2048);
        BigInteger modulus = new(rsa.ExportParameters(false).Modulus!, isUnsigned: true, isBigEndian: true);
        Assert.True(PublicKey.TryParse(Spki(modulus, 65537), out _));
        foreach (BigInteger exponent in new BigInteger[] { 0, 1, 2, 3, 17, 255, 32767, 65535, 65536, 65538, -65537, BigInteger.One << 64,
            (BigInteger.One << 64) + 1, modulus - 2, modulus })
            Assert.False(PublicKey.TryParse(Spki(modulus, exponent), out _), exponent.ToString());
        foreach (BigInteger number in new[] { BigInteger.Zero, BigInteger.One, 15, -modulus, modulus - 1, (BigInteger.One << 1023) - 1,
            (BigInteger.One << 8192) + 1, BigInteger.One << 2047 })
            Assert.False(PublicKey.TryParse(Spki(number, 65537), out _), number.GetBitLength().ToString());
        Assert.True(PublicKey.TryParse(Spki((BigInteger.One << 1024) - 1, 65537), out _));
    }

    [Fact]
    public void RefusesOtherKeysThatAreNone()
    {
        using SigningKey p256 = TestKey.Read("p256");
        byte[] valid = p256.PublicKey.Encoding.ToArray();
        Assert.True(PublicKey.TryParse(valid, out _));
        for (int length = 0; length < valid.Length; length++)
            Assert.False(PublicKey.TryParse(valid.AsSpan(0, length), out _));
        Assert.False(PublicKey.TryParse([.. valid, 0], out _));
        // Off the curve, the point at infinity, a hybrid form.
        Assert.False(PublicKey.TryParse([.. valid[..^1], (byte)(valid[^1] ^ 1)], out _));
        Assert.False(PublicKey.TryParse(Convert.FromHexString("3019301306072a8648ce3d020106082a8648ce3d03010703020000"), out _));
        // The curve spelled out, another curve, implicit parameters, the wrong length for Ed25519.
        using ECDsa ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using ECDsa spelled = ECDsa.Create(ecdsa.ExportExplicitParameters(false));
        Assert.False(PublicKey.TryParse(spelled.ExportSubjectPublicKeyInfo(), out _));
        using ECDsa brainpool = ECDsa.Create(ECCurve.NamedCurves.brainpoolP256r1);
        Assert.False(PublicKey.TryParse(brainpool.ExportSubjectPublicKeyInfo(), out _));
        Assert.False(PublicKey.TryParse([0x30, 0x29, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x20, 0, .. new byte[31]], out _));
        Assert.False(PublicKey.TryParse([0x30, 0x2B, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x22, 0, .. new byte[33]], out _));
        // X25519 agrees and does not sign.
        Assert.False(PublicKey.TryParse([0x30, 0x2A, 0x30, 5, 6, 3, 0x2b, 0x65, 0x6e, 3, 0x21, 0, .. new byte[32]], out _));
        Assert.False(PublicKey.TryParse(new byte[100_000], out _));
    }

    static SignatureMethod Named(string name) => SignatureMethod.TryParse(name, out SignatureMethod? method) ? method : throw new ArgumentException(name);

    static byte[] Block(byte[] tail)
    {
        byte[] block = new byte[256];
        Array.Fill(block, (byte)0xFF);
        (block[0], block[1], block[^(tail.Length + 1)]) = (0, 1, 0);
        tail.CopyTo(block, block.Length - tail.Length);
        return block;
    }

    static byte[] Garbage(byte[] right, byte[] digestInfo, int behind)
    {
        byte[] block = [.. right];
        int start = block.Length - digestInfo.Length - behind;
        block[start - 1] = 0;
        digestInfo.CopyTo(block, start);
        block.AsSpan(block.Length - behind).Fill(0x42);
        return block;
    }

    /// <summary>block^d mod n: whatever the block says.</summary>
    static byte[] Raw(RSA rsa, byte[] block)
    {
        RSAParameters parameters = rsa.ExportParameters(true);
        BigInteger value = BigInteger.ModPow(Number(block), Number(parameters.D!), Number(parameters.Modulus!));
        byte[] result = new byte[256];
        byte[] octets = value.ToByteArray(isUnsigned: true, isBigEndian: true);
        octets.CopyTo(result, result.Length - octets.Length);
        return result;
    }

    static BigInteger Number(byte[] octets) => new(octets, isUnsigned: true, isBigEndian: true);

    static byte[] Modulus(PublicKey key)
    {
        using RSA rsa = RSA.Create();
        rsa.ImportSubjectPublicKeyInfo(key.Encoding, out _);
        return rsa.ExportParameters(false).Modulus!;
    }

    static byte[] Spki(BigInteger modulus, BigInteger exponent)
    {
        AsnWriter inner = new(AsnEncodingRules.DER);
        using (inner.PushSequence())
        {
            inner.WriteInteger(modulus);
            inner.WriteInteger(exponent);
        }
        AsnWriter writer = new(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier("1.2.840.113549.1.1.1");
                writer.WriteNull();
            }
            writer.WriteBitString(inner.Encode());
        }
        return writer.Encode();
    }
}
