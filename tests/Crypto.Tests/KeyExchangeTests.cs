using System.Numerics;
using System.Security.Cryptography;
using Ipsec.Crypto;
using Ipsec.Crypto.OpenSsl;
using Ipsec.Crypto.Registry;
using Ipsec.Tests.Support;

namespace Ipsec.Crypto.Tests;

public sealed class KeyExchangeTests
{
    public static TheoryData<KeyExchangeMethod> Methods =>
        [.. AlgorithmRegistry.KeyExchanges.Select(entry => entry.Method).Where(KeyExchanges.IsSupported)];

    public static TheoryData<KeyExchangeMethod> Groups => [.. Methods.Select(row => row.Data).Where(method => method < KeyExchangeMethod.MlKem512)];

    [Theory, MemberData(nameof(Groups))]
    public void BothSidesAgree(KeyExchangeMethod method)
    {
        // The long primes take their time.
        ulong runs = KeyExchanges.PublicValueLength(method) > 256 ? 1u : 8;
        for (ulong seed = 0; seed < runs; seed++)
        {
            using IKeyExchange initiator = KeyExchanges.Create(method, new SeededRandomSource(2 * seed));
            using IKeyExchange responder = KeyExchanges.Create(method, new SeededRandomSource(2 * seed + 1));
            Assert.Equal(method, initiator.Method);
            Assert.Equal(KeyExchanges.PublicValueLength(method), initiator.PublicValue.Length);
            Assert.False(initiator.PublicValue.SequenceEqual(responder.PublicValue));

            Assert.True(initiator.TryDeriveSharedSecret(responder.PublicValue, out Secret? initiators));
            Assert.True(responder.TryDeriveSharedSecret(initiator.PublicValue, out Secret? responders));
            using (initiators)
            using (responders)
            {
                Assert.Equal(AlgorithmRegistry.Find(method)!.SecretLength, initiators.Length);
                Assert.Equal(initiators.Span, responders.Span);
            }
        }
    }

    [Theory, MemberData(nameof(Methods))]
    public void AResponderAnswersInOneCall(KeyExchangeMethod method)
    {
        using IKeyExchange initiator = KeyExchanges.Create(method, new SeededRandomSource(21));
        Assert.True(KeyExchanges.TryRespond(method, new SeededRandomSource(22), initiator.PublicValue, out byte[]? value, out Secret? responders));
        Assert.True(initiator.TryDeriveSharedSecret(value, out Secret? initiators));
        Assert.Equal(initiators.Span, responders.Span);
        initiators.Dispose();
        responders.Dispose();
        Assert.False(KeyExchanges.TryRespond(method, new SeededRandomSource(22), initiator.PublicValue[1..], out value, out responders));
        Assert.Null(value);
        Assert.Null(responders);
    }

    [Theory, MemberData(nameof(Methods))]
    public void TheSameSeedGivesTheSamePublicValue(KeyExchangeMethod method)
    {
        using IKeyExchange first = KeyExchanges.Create(method, new SeededRandomSource(7));
        using IKeyExchange second = KeyExchanges.Create(method, new SeededRandomSource(7));
        Assert.Equal(first.PublicValue, second.PublicValue);
    }

    [Theory, MemberData(nameof(Groups))]
    public void RefusesPeerValuesOfAnyOtherLength(KeyExchangeMethod method)
    {
        using IKeyExchange exchange = KeyExchanges.Create(method, new SeededRandomSource(1));
        using IKeyExchange peer = KeyExchanges.Create(method, new SeededRandomSource(2));
        byte[] longer = [.. peer.PublicValue, 0];
        for (int length = 0; length < longer.Length; length++)
        {
            if (length != peer.PublicValue.Length)
                Refuses(exchange, longer.AsSpan(0, length));
        }
        Refuses(exchange, longer);
        Refuses(exchange, [0, .. peer.PublicValue]);
    }

    [Theory]
    [InlineData(KeyExchangeMethod.Modp1024)]
    [InlineData(KeyExchangeMethod.Modp2048)]
    public void RefusesModpValuesOutOfRange(KeyExchangeMethod method)
    {
        int length = KeyExchanges.PublicValueLength(method);
        BigInteger prime = Prime(method);
        using IKeyExchange exchange = KeyExchanges.Create(method, new SeededRandomSource(3));
        foreach (BigInteger refused in (BigInteger[])[0, 1, prime - 1, prime, prime + 1, BigInteger.Pow(2, 8 * length) - 1])
            Refuses(exchange, BigEndian(refused, length));
        foreach (BigInteger accepted in (BigInteger[])[2, 256, prime - 2])
        {
            Assert.True(exchange.TryDeriveSharedSecret(BigEndian(accepted, length), out Secret? secret));
            secret.Dispose();
        }
    }

    /// <summary>RFC 6989 §2.1 to §2.3, RFC 8031 §5: in each group, whatever the group.</summary>
    [Theory, MemberData(nameof(Groups))]
    public void RefusesWhatIsNoPublicValueOfItsGroup(KeyExchangeMethod method)
    {
        int length = KeyExchanges.PublicValueLength(method);
        using IKeyExchange exchange = KeyExchanges.Create(method, new SeededRandomSource(3));
        using IKeyExchange peer = KeyExchanges.Create(method, new SeededRandomSource(4));
        byte[] one = new byte[length];
        one[method is KeyExchangeMethod.Curve25519 or KeyExchangeMethod.Curve448 ? 0 : ^1] = 1;
        Refuses(exchange, new byte[length]);
        Refuses(exchange, one);
        if (ModpGroup.Find(method) is ModpGroup group)
        {
            byte[] prime = new byte[length];
            BigNumberHandle.Copy(group.Prime, prime);
            Refuses(exchange, prime);
            prime[^1]--;
            Refuses(exchange, prime);
            Refuses(exchange, [.. Enumerable.Repeat((byte)0xff, length)]);
            // Where the subgroup is small, most numbers are outside of it.
            if (method is KeyExchangeMethod.Modp1024Subgroup160 or KeyExchangeMethod.Modp2048Subgroup224 or KeyExchangeMethod.Modp2048Subgroup256)
                Refuses(exchange, [.. new byte[length - 1], 2]);
        }
        else if (EcpGroup.Find(method) is not null)
        {
            Refuses(exchange, [.. Enumerable.Repeat((byte)0xff, length)]);
            for (int bit = 0; bit < 8 * length; bit += 37)
            {
                byte[] moved = peer.PublicValue.ToArray();
                moved[bit / 8] ^= (byte)(1 << (bit % 8));
                Refuses(exchange, moved);
            }
        }
        Assert.True(exchange.TryDeriveSharedSecret(peer.PublicValue, out Secret? secret));
        secret.Dispose();
    }

    [Theory]
    [InlineData(KeyExchangeMethod.Modp1024)]
    [InlineData(KeyExchangeMethod.Modp2048)]
    public void ModpIsExponentiationModuloThePublishedPrime(KeyExchangeMethod method)
    {
        int length = KeyExchanges.PublicValueLength(method);
        byte[] exponent = new byte[32];
        new SeededRandomSource(11).Fill(exponent);
        exponent[0] = 0; // also an exponent that starts with zeros
        BigInteger x = new(exponent, isUnsigned: true, isBigEndian: true);
        using IKeyExchange exchange = KeyExchanges.Create(method, new ScriptedRandomSource(exponent));
        Assert.Equal(BigEndian(BigInteger.ModPow(2, x, Prime(method)), length), exchange.PublicValue);

        using IKeyExchange peer = KeyExchanges.Create(method, new SeededRandomSource(12));
        BigInteger peerValue = new(peer.PublicValue, isUnsigned: true, isBigEndian: true);
        Assert.True(exchange.TryDeriveSharedSecret(peer.PublicValue, out Secret? secret));
        Assert.Equal(BigEndian(BigInteger.ModPow(peerValue, x, Prime(method)), length), secret.Span);
        secret.Dispose();
    }

    [Theory]
    [InlineData(KeyExchangeMethod.Modp1024)]
    [InlineData(KeyExchangeMethod.Modp2048)]
    public void PadsASharedSecretThatStartsWithZeros(KeyExchangeMethod method)
    {
        // RFC 7296 §2.14: padded to the length of the modulus; with exponent 1 the secret is the peer's value itself.
        byte[] one = new byte[32];
        one[^1] = 1;
        using IKeyExchange exchange = KeyExchanges.Create(method, new ScriptedRandomSource(one));
        byte[] peer = BigEndian(5, KeyExchanges.PublicValueLength(method));
        Assert.True(exchange.TryDeriveSharedSecret(peer, out Secret? secret));
        Assert.Equal(peer, secret.Span);
        secret.Dispose();
    }

    [Theory]
    // RFC 5903 §8.1 and §8.2.
    [InlineData(KeyExchangeMethod.Ecp256,
        "C88F01F5 10D9AC3F 70A292DA A2316DE5 44E9AAB8 AFE84049 C62A9C57 862D1433",
        "DAD0B653 94221CF9 B051E1FE CA5787D0 98DFE637 FC90B9EF 945D0C37 72581180 5271A046 1CDB8252 D61F1C45 6FA3E59A B1F45B33 ACCF5F58 389E0577 B8990BB3",
        "C6EF9C5D 78AE012A 011164AC B397CE20 88685D8F 06BF9BE0 B283AB46 476BEE53",
        "D12DFB52 89C8D4F8 1208B702 70398C34 2296970A 0BCCB74C 736FC755 4494BF63 56FBF3CA 366CC23E 8157854C 13C58D6A AC23F046 ADA30F83 53E74F33 039872AB",
        "D6840F6B 42F6EDAF D13116E0 E1256520 2FEF8E9E CE7DCE03 812464D0 4B9442DE")]
    [InlineData(KeyExchangeMethod.Ecp384,
        "099F3C70 34D4A2C6 99884D73 A375A67F 7624EF7C 6B3C0F16 0647B674 14DCE655 E35B5380 41E649EE 3FAEF896 783AB194",
        "667842D7 D180AC2C DE6F74F3 7551F557 55C7645C 20EF73E3 1634FE72 B4C55EE6 DE3AC808 ACB4BDB4 C88732AE E95F41AA"
            + "9482ED1F C0EEB9CA FC498462 5CCFC23F 65032149 E0E144AD A0241815 35A0F38E EB9FCFF3 C2C947DA E69B4C63 4573A81C",
        "41CB0779 B4BDB85D 47846725 FBEC3C94 30FAB46C C8DC5060 855CC9BD A0AA2942 E0308312 916B8ED2 960E4BD5 5A7448FC",
        "E558DBEF 53EECDE3 D3FCCFC1 AEA08A89 A987475D 12FD950D 83CFA417 32BC509D 0D1AC43A 0336DEF9 6FDA41D0 774A3571"
            + "DCFBEC7A ACF31964 72169E83 8430367F 66EEBE3C 6E70C416 DD5F0C68 759DD1FF F83FA401 42209DFF 5EAAD96D B9E6386C",
        "11187331 C279962D 93D60424 3FD592CB 9D0A926F 422E4718 7521287E 7156C5C4 D6031355 69B9E9D0 9CF5D4A2 70F59746")]
    // RFC 8031 appendix A: the random values, which are clamped while they are used.
    [InlineData(KeyExchangeMethod.Curve25519,
        "751fb430 8655b476 b6789b73 25f9ea8c ddd16a58 533ff6d9 e6000946 4a5f9d94",
        "48d5ddd4 061257ba 166fa3f9 bbdb74f1 a4e81c08 9384fa77 f790709f 0dfbc766",
        "0a546452 53290d60 ddadd0e0 30bacd9e 5501efdc 220755a1 e978f1b8 39a05688",
        "0be7c1f5 aad87d7e 44866267 3298a443 478b8597 45179eaf 564c79c0 ef6eee25",
        "c7495060 7a12327f 3204d94b 6825bfb0 68b7f831 9a9e3708 ed3d43ce 8130c950")]
    // RFC 7748 §6.1.
    [InlineData(KeyExchangeMethod.Curve25519,
        "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
        "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
        "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
        "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
        "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742")]
    public void ComputesThePublishedValues(KeyExchangeMethod method, string i, string publicI, string r, string publicR, string shared)
    {
        using IKeyExchange initiator = KeyExchanges.Create(method, new ScriptedRandomSource(HexText.Parse(i)));
        using IKeyExchange responder = KeyExchanges.Create(method, new ScriptedRandomSource(HexText.Parse(r)));
        Assert.Equal(HexText.Parse(publicI), initiator.PublicValue);
        Assert.Equal(HexText.Parse(publicR), responder.PublicValue);
        Assert.True(initiator.TryDeriveSharedSecret(responder.PublicValue, out Secret? initiators));
        Assert.True(responder.TryDeriveSharedSecret(initiator.PublicValue, out Secret? responders));
        Assert.Equal(HexText.Parse(shared), initiators.Span);
        Assert.Equal(HexText.Parse(shared), responders.Span);
        initiators.Dispose();
        responders.Dispose();
    }

    [Theory]
    // RFC 7748 §5.2.
    [InlineData("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
        "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
        "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552")]
    [InlineData("4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
        "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
        "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957")]
    public void MultipliesOnCurve25519AsPublished(string scalar, string peer, string shared)
    {
        using IKeyExchange exchange = KeyExchanges.Create(KeyExchangeMethod.Curve25519, new ScriptedRandomSource(HexText.Parse(scalar)));
        Assert.True(exchange.TryDeriveSharedSecret(HexText.Parse(peer), out Secret? secret));
        Assert.Equal(HexText.Parse(shared), secret.Span);
        secret.Dispose();
    }

    [Theory]
    [InlineData(KeyExchangeMethod.Ecp256, "FFFFFFFF 00000001 00000000 00000000 00000000 FFFFFFFF FFFFFFFF FFFFFFFF")]
    [InlineData(KeyExchangeMethod.Ecp384,
        "FFFFFFFF FFFFFFFF FFFFFFFF FFFFFFFF FFFFFFFF FFFFFFFF FFFFFFFF FFFFFFFE FFFFFFFF 00000000 00000000 FFFFFFFF")]
    public void RefusesPointsThatAreNotOnTheCurveInItsOnlySpelling(KeyExchangeMethod method, string fieldPrime)
    {
        byte[] prime = HexText.Parse(fieldPrime);
        int length = prime.Length;
        using IKeyExchange exchange = KeyExchanges.Create(method, new SeededRandomSource(5));
        using IKeyExchange peer = KeyExchanges.Create(method, new SeededRandomSource(6));

        Refuses(exchange, new byte[2 * length]);
        Refuses(exchange, [.. prime, .. prime]);
        Refuses(exchange, [.. Enumerable.Repeat((byte)0xff, 2 * length)]);
        for (int bit = 0; bit < 16 * length; bit += 37)
        {
            byte[] moved = peer.PublicValue.ToArray();
            moved[bit / 8] ^= (byte)(1 << (bit % 8));
            Refuses(exchange, moved);
        }

        // On the curve once reduced: x = 0 exists on both curves (b is a square), and p is congruent to it.
        BigInteger p = new(prime, isUnsigned: true, isBigEndian: true);
        BigInteger y = BigInteger.ModPow(B(method), (p + 1) / 4, p);
        Assert.Equal(B(method), y * y % p);
        Assert.True(exchange.TryDeriveSharedSecret([.. new byte[length], .. BigEndian(y, length)], out Secret? secret));
        secret.Dispose();
        Refuses(exchange, [.. prime, .. BigEndian(y, length)]);
    }

    [Theory]
    // The points of small order that RFC 7748 §6.1 and §7 speak of: 0, 1, the two of order 8, p - 1, p, p + 1.
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("0100000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800")]
    [InlineData("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157")]
    [InlineData("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    [InlineData("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    [InlineData("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    public void RefusesCurve25519ValuesThatGiveZero(string peer)
    {
        using IKeyExchange exchange = KeyExchanges.Create(KeyExchangeMethod.Curve25519, new SeededRandomSource(9));
        Refuses(exchange, HexText.Parse(peer));
    }

    [Theory]
    [InlineData(KeyExchangeMethod.Modp1024, "00*32")]
    [InlineData(KeyExchangeMethod.Modp2048, "00*32")]
    [InlineData(KeyExchangeMethod.Ecp256, "00*32")]
    [InlineData(KeyExchangeMethod.Ecp256, "ff*32")]
    [InlineData(KeyExchangeMethod.Ecp256, "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551")] // the order itself
    [InlineData(KeyExchangeMethod.Ecp384, "00*48")]
    [InlineData(KeyExchangeMethod.Ecp384, "ff*48")]
    public void DrawsAgainWhereAPrivateValueIsOutOfRange(KeyExchangeMethod method, string refused)
    {
        byte[] first = refused.Split('*') is [string octet, string count]
            ? [.. Enumerable.Repeat(Convert.ToByte(octet, 16), int.Parse(count, System.Globalization.CultureInfo.InvariantCulture))]
            : HexText.Parse(refused);
        byte[] second = new byte[first.Length];
        new SeededRandomSource(13).Fill(second);
        using IKeyExchange redrawn = KeyExchanges.Create(method, new ScriptedRandomSource(first, second));
        using IKeyExchange drawn = KeyExchanges.Create(method, new ScriptedRandomSource(second));
        Assert.Equal(drawn.PublicValue, redrawn.PublicValue);
        Assert.Throws<CryptographicException>(() => KeyExchanges.Create(method, new ScriptedRandomSource([.. Enumerable.Repeat(first, 256)])));
    }

    [Fact]
    public void SaysWhatItSupports()
    {
        Assert.All(Methods, row => Assert.True(KeyExchanges.IsSupported(row.Data)));
        Assert.False(KeyExchanges.IsSupported(KeyExchangeMethod.None));
        Assert.Equal(0, KeyExchanges.PublicValueLength((KeyExchangeMethod)33));
        Assert.Throws<ArgumentOutOfRangeException>(() => KeyExchanges.Create((KeyExchangeMethod)33, new SeededRandomSource(1)));
        // What every libcrypto has, so that none of the theories above is empty.
        Assert.All((KeyExchangeMethod[])[KeyExchangeMethod.Modp8192, KeyExchangeMethod.Modp2048Subgroup256, KeyExchangeMethod.Ecp521,
            KeyExchangeMethod.Curve448],
            method => Assert.True(KeyExchanges.IsSupported(method)));
    }

    [Theory, MemberData(nameof(Methods))]
    public void IsOfNoUseAfterDisposal(KeyExchangeMethod method)
    {
        IKeyExchange exchange = KeyExchanges.Create(method, new SeededRandomSource(1));
        using IKeyExchange peer = KeyExchanges.Create(method, new SeededRandomSource(2));
        exchange.Dispose();
        Assert.Throws<ObjectDisposedException>(() => exchange.TryDeriveSharedSecret(peer.PublicValue, out _));
    }

    static void Refuses(IKeyExchange exchange, ReadOnlySpan<byte> peer)
    {
        Assert.False(exchange.TryDeriveSharedSecret(peer, out Secret? secret));
        Assert.Null(secret);
    }

    static byte[] BigEndian(BigInteger number, int length)
    {
        byte[] octets = number.ToByteArray(isUnsigned: true, isBigEndian: true);
        return [.. new byte[length - octets.Length], .. octets];
    }

    static BigInteger Hexadecimal(string text) => new(HexText.Parse(text), isUnsigned: true, isBigEndian: true);

    /// <summary>The constant of the curve's equation, RFC 5903 §3.</summary>
    static BigInteger B(KeyExchangeMethod method) => Hexadecimal(method == KeyExchangeMethod.Ecp256
        ? "5AC635D8 AA3A93E7 B3EBBD55 769886BC 651D06B0 CC53B0F6 3BCE3C3E 27D2604B"
        : "B3312FA7 E23EE7E4 988E056B E3F82D19 181D9C6E FE814112 0314088F 5013875A C656398D 8A2ED19D 2A85C8ED D3EC2AEF");

    /// <summary>RFC 2409 §6.2 and RFC 3526 §3.</summary>
    static BigInteger Prime(KeyExchangeMethod method) => Hexadecimal(method == KeyExchangeMethod.Modp1024
        ? """
            FFFFFFFF FFFFFFFF C90FDAA2 2168C234 C4C6628B 80DC1CD1
            29024E08 8A67CC74 020BBEA6 3B139B22 514A0879 8E3404DD
            EF9519B3 CD3A431B 302B0A6D F25F1437 4FE1356D 6D51C245
            E485B576 625E7EC6 F44C42E9 A637ED6B 0BFF5CB6 F406B7ED
            EE386BFB 5A899FA5 AE9F2411 7C4B1FE6 49286651 ECE65381
            FFFFFFFF FFFFFFFF
            """
        : """
            FFFFFFFF FFFFFFFF C90FDAA2 2168C234 C4C6628B 80DC1CD1
            29024E08 8A67CC74 020BBEA6 3B139B22 514A0879 8E3404DD
            EF9519B3 CD3A431B 302B0A6D F25F1437 4FE1356D 6D51C245
            E485B576 625E7EC6 F44C42E9 A637ED6B 0BFF5CB6 F406B7ED
            EE386BFB 5A899FA5 AE9F2411 7C4B1FE6 49286651 ECE45B3D
            C2007CB8 A163BF05 98DA4836 1C55D39A 69163FA8 FD24CF5F
            83655D23 DCA3AD96 1C62F356 208552BB 9ED52907 7096966D
            670C354E 4ABC9804 F1746C08 CA18217C 32905E46 2E36CE3B
            E39E772C 180E8603 9B2783A2 EC07A28F B5C55DF0 6F4C52C9
            DE2BCBF6 95581718 3995497C EA956AE5 15D22618 98FA0510
            15728E5A 8AACAA68 FFFFFFFF FFFFFFFF
            """);
}
