using System.Text.Json;
using Ipsec.Crypto;
using Ipsec.Crypto.Tests.Gcm;
using Ipsec.Tests.Support;

namespace Ipsec.Crypto.Tests;

/// <summary>Google's vectors against known mistakes, from outside the repository.</summary>
public sealed class WycheproofTests
{
    [Fact]
    public void AesGcmAnswersEveryVectorWithANonceOfTwelveOctets()
    {
        int tested = 0;
        foreach ((JsonElement group, JsonElement test) in Tests("aes_gcm_test.json"))
        {
            if (group.GetProperty("ivSize").GetInt32() != 96)
                continue;

            byte[] nonce = Octets(test, "iv");
            byte[] key = [.. Octets(test, "key"), .. nonce[..4]];
            EncryptionTransform encryption = new(EncryptionAlgorithm.AesGcm16, (key.Length - 4) * 8);
            foreach (GcmImplementation implementation in GcmImplementations.All)
            {
                byte[] payload = Octets(test, "ct");
                using PacketCipher opener = implementation.Create(encryption, key, forSealing: false);
                bool opened = opener.TryOpen(Octets(test, "aad"), null, nonce[4..], payload, Octets(test, "tag"));
                Assert.Equal(IsValid(test), opened);

                byte[] sealedPayload = Octets(test, "msg");
                byte[] tag = new byte[16];
                using PacketCipher sealer = implementation.Create(encryption, key, forSealing: true);
                sealer.Seal(Octets(test, "aad"), null, nonce[4..], sealedPayload, tag);
                Assert.Equal(IsValid(test), tag.AsSpan().SequenceEqual(Octets(test, "tag")));
                if (opened)
                {
                    Assert.Equal(Octets(test, "msg"), payload);
                    Assert.Equal(Octets(test, "ct"), sealedPayload);
                }
            }
            tested++;
        }
        Assert.True(tested > 100);
    }

    [Theory]
    [InlineData(KeyExchangeMethod.Ecp256, "ecdh_secp256r1_ecpoint_test.json")]
    [InlineData(KeyExchangeMethod.Ecp384, "ecdh_secp384r1_ecpoint_test.json")]
    [InlineData(KeyExchangeMethod.Ecp521, "ecdh_secp521r1_ecpoint_test.json")]
    public void EllipticCurvesAnswerEveryVectorWithAnUncompressedPoint(KeyExchangeMethod method, string file)
    {
        int tested = 0;
        foreach ((_, JsonElement test) in Tests(file))
        {
            byte[] peer = Octets(test, "public");
            if (peer is not [4, ..])
                continue;

            byte[] privateValue = Octets(test, "private").AsSpan().TrimStart((byte)0).ToArray();
            privateValue = [.. new byte[KeyExchanges.PublicValueLength(method) / 2 - privateValue.Length], .. privateValue];
            using IKeyExchange exchange = KeyExchanges.Create(method, new ScriptedRandomSource(privateValue));
            bool agreed = exchange.TryDeriveSharedSecret(peer.AsSpan(1), out Secret? secret);
            Assert.Equal(IsValid(test), agreed);
            if (agreed)
                Assert.Equal(Octets(test, "shared"), secret!.Span);
            tested++;
        }
        Assert.True(tested > 200);
    }

    [Theory]
    [InlineData(KeyExchangeMethod.Curve25519, "x25519_test.json")]
    [InlineData(KeyExchangeMethod.Curve448, "x448_test.json")]
    public void MontgomeryCurvesAnswerEveryVectorAndRefuseThoseThatGiveZero(KeyExchangeMethod method, string file)
    {
        int tested = 0;
        foreach ((_, JsonElement test) in Tests(file))
        {
            byte[] peer = Octets(test, "public");
            byte[] shared = Octets(test, "shared");
            using IKeyExchange exchange = KeyExchanges.Create(method, new ScriptedRandomSource(Octets(test, "private")));
            bool agreed = exchange.TryDeriveSharedSecret(peer, out Secret? secret);
            Assert.Equal(peer.Length == KeyExchanges.PublicValueLength(method) && shared.Any(octet => octet != 0), agreed);
            if (agreed)
                Assert.Equal(shared, secret!.Span);
            tested++;
        }
        Assert.True(tested > 300);
    }

    [Theory]
    [InlineData(KeyExchangeMethod.MlKem512, "mlkem_512_test.json")]
    [InlineData(KeyExchangeMethod.MlKem768, "mlkem_768_test.json")]
    [InlineData(KeyExchangeMethod.MlKem1024, "mlkem_1024_test.json")]
    public void MlKemAnswersEveryVector(KeyExchangeMethod method, string file)
    {
        MlKemTests.SkipWithout(method);
        int tested = 0;
        foreach ((_, JsonElement test) in Tests(file))
        {
            byte[] seed = test.TryGetProperty("seed", out _) ? Octets(test, "seed") : [];
            if (seed.Length != 64)
                continue;
            using IKeyExchange exchange = KeyExchanges.Create(method, new ScriptedRandomSource(seed));
            if (test.TryGetProperty("ek", out _) && IsValid(test))
                Assert.Equal(Octets(test, "ek"), exchange.PublicValue);
            bool agreed = exchange.TryDeriveSharedSecret(Octets(test, "c"), out Secret? secret);
            Assert.Equal(IsValid(test), agreed);
            if (agreed)
                Assert.Equal(Octets(test, "K"), secret!.Span);
            tested++;
        }
        Assert.True(tested > 50, $"only {tested}");
    }

    [Theory]
    [InlineData(PseudorandomFunction.HmacSha1, "hmac_sha1_test.json")]
    [InlineData(PseudorandomFunction.HmacSha256, "hmac_sha256_test.json")]
    [InlineData(PseudorandomFunction.HmacSha384, "hmac_sha384_test.json")]
    [InlineData(PseudorandomFunction.HmacSha512, "hmac_sha512_test.json")]
    public void HmacAnswersEveryVector(PseudorandomFunction prf, string file)
    {
        int tested = 0;
        foreach ((_, JsonElement test) in Tests(file))
        {
            byte[] tag = Octets(test, "tag");
            byte[] code = new byte[prf.OutputLength()];
            Prf.Compute(prf, Octets(test, "key"), Octets(test, "msg"), code);
            Assert.Equal(IsValid(test), code.AsSpan(0, tag.Length).SequenceEqual(tag));
            tested++;
        }
        Assert.True(tested > 50);
    }

    static IEnumerable<(JsonElement Group, JsonElement Test)> Tests(string file)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(OutsideData.PathOf("vectors/wycheproof/" + file)));
        foreach (JsonElement group in document.RootElement.GetProperty("testGroups").EnumerateArray())
        {
            foreach (JsonElement test in group.GetProperty("tests").EnumerateArray())
                yield return (group, test);
        }
    }

    static byte[] Octets(JsonElement test, string name) => HexText.Parse(test.GetProperty(name).GetString()!);

    static bool IsValid(JsonElement test) => test.GetProperty("result").GetString() == "valid";
}
