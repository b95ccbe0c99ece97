using System.Text.Json;
using Ipsec.Crypto;
using Ipsec.Tests.Support;

namespace Ipsec.Crypto.Tests;

/// <summary>Answers that other implementations publish in their own test suites, from outside the repository.</summary>
public sealed class OutsideVectorTests
{
    [Fact]
    public void EspPacketsOfTheGcmTestDraftOpen()
    {
        int tested = 0;
        foreach (JsonElement vector in Vectors("rfc/draft-mcgrew-gcm-test-01.json"))
        {
            byte[] key = [.. Octets(vector, "key"), .. Octets(vector, "salt")];
            byte[] associated = Octets(vector, "aad");
            bool extended = vector.GetProperty("esn").GetBoolean();
            byte[] header = extended ? [.. associated[..4], .. associated[8..]] : associated;
            uint? high = extended ? System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(associated.AsSpan(4)) : null;
            EncryptionTransform encryption = new(EncryptionAlgorithm.AesGcm16, (key.Length - 4) * 8);

            byte[] payload = Octets(vector, "plaintext_with_esp_trailer");
            byte[] icv = new byte[16];
            using PacketCipher sealer = PacketCiphers.Create(encryption, key, IntegrityAlgorithm.None, [], forSealing: true);
            sealer.Seal(header, high, Octets(vector, "iv"), payload, icv);
            Assert.Equal(Octets(vector, "ciphertext"), payload);
            Assert.Equal(Octets(vector, "icv"), icv);

            using PacketCipher opener = PacketCiphers.Create(encryption, key, IntegrityAlgorithm.None, [], forSealing: false);
            Assert.True(opener.TryOpen(header, high, Octets(vector, "iv"), payload, icv));
            Assert.Equal(Octets(vector, "plaintext_with_esp_trailer"), payload);
            tested++;
        }
        Assert.Equal(10, tested);
    }

    [Fact]
    public void TripleDesGivesStrongSwansAnswers()
    {
        foreach (JsonElement vector in Vectors("strongswan/3des_cbc.json"))
        {
            byte[] payload = Octets(vector, "plain");
            MessageCipher.Seal(new(EncryptionAlgorithm.TripleDesCbc, 0), Octets(vector, "key"), IntegrityAlgorithm.HmacSha1_96, new byte[20],
                [], Octets(vector, "iv"), payload, new byte[12]);
            Assert.Equal(Octets(vector, "cipher"), payload);
        }
    }

    [Fact]
    public void ExpandedKeysAreStrongSwansAnswers()
    {
        foreach (JsonElement vector in Vectors("strongswan/kdf_prf_plus.json"))
        {
            byte[] expected = Octets(vector, "out");
            byte[] expanded = new byte[expected.Length];
            PseudorandomFunction prf = vector.GetProperty("arg.prf").GetString() switch
            {
                "PRF_HMAC_SHA2_256" => PseudorandomFunction.HmacSha256,
                "PRF_HMAC_SHA2_384" => PseudorandomFunction.HmacSha384,
                _ => PseudorandomFunction.HmacSha512,
            };
            Prf.Plus(prf, Octets(vector, "key"), Octets(vector, "salt"), expanded);
            Assert.Equal(expected, expanded);
        }
    }

    [Theory]
    [InlineData("strongswan/modp.json", "modp1024", KeyExchangeMethod.Modp1024)]
    [InlineData("strongswan/ecp.json", "ecp384", KeyExchangeMethod.Ecp384)]
    [InlineData("strongswan/curve25519.json", "curve25519_1", KeyExchangeMethod.Curve25519)]
    public void KeyExchangesGiveStrongSwansAnswers(string file, string name, KeyExchangeMethod method)
    {
        JsonElement vector = Vectors(file).First(vector => vector.GetProperty("name").GetString() == name);
        byte[] seed = Octets(vector, "seed");
        using IKeyExchange initiator = KeyExchanges.Create(method, new ScriptedRandomSource(seed[..(seed.Length / 2)]));
        using IKeyExchange responder = KeyExchanges.Create(method, new ScriptedRandomSource(seed[(seed.Length / 2)..]));
        Assert.Equal(Octets(vector, "pub_i"), initiator.PublicValue);
        Assert.Equal(Octets(vector, "pub_r"), responder.PublicValue);
        Assert.True(initiator.TryDeriveSharedSecret(responder.PublicValue, out Secret? secret));
        Assert.Equal(Octets(vector, "shared"), secret.Span);
        secret.Dispose();
    }

    static List<JsonElement> Vectors(string file)
    {
        JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(OutsideData.PathOf("vectors/" + file)));
        return [.. document.RootElement.GetProperty("vectors").EnumerateArray()];
    }

    static byte[] Octets(JsonElement vector, string name) => HexText.Parse(vector.GetProperty(name).GetString()!);
}
