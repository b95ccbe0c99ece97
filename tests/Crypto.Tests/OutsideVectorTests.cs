using System.Text.Json;
using Ipsec.Crypto;
using Ipsec.Crypto.Registry;
using Ipsec.Crypto.Tests.Gcm;
using Ipsec.Tests.Support;

namespace Ipsec.Crypto.Tests;

/// <summary>Answers that other implementations publish in their own test suites, from outside the repository.</summary>
public sealed class OutsideVectorTests
{
    [Fact]
    public void EspPacketsOfTheGcmTestDraftOpen()
    {
        int tested = 0;
        foreach (JsonElement vector in OutsideVectors.Of("rfc/draft-mcgrew-gcm-test-01.json"))
        {
            byte[] key = [.. OutsideVectors.Octets(vector, "key"), .. OutsideVectors.Octets(vector, "salt")];
            byte[] associated = OutsideVectors.Octets(vector, "aad");
            bool extended = vector.GetProperty("esn").GetBoolean();
            byte[] header = extended ? [.. associated[..4], .. associated[8..]] : associated;
            uint? high = extended ? System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(associated.AsSpan(4)) : null;
            EncryptionTransform encryption = new(EncryptionAlgorithm.AesGcm16, (key.Length - 4) * 8);

            foreach (GcmImplementation implementation in GcmImplementations.All)
            {
                byte[] payload = OutsideVectors.Octets(vector, "plaintext_with_esp_trailer");
                byte[] icv = new byte[16];
                using PacketCipher sealer = implementation.Create(encryption, key, forSealing: true);
                sealer.Seal(header, high, OutsideVectors.Octets(vector, "iv"), payload, icv);
                Assert.Equal(OutsideVectors.Octets(vector, "ciphertext"), payload);
                Assert.Equal(OutsideVectors.Octets(vector, "icv"), icv);

                using PacketCipher opener = implementation.Create(encryption, key, forSealing: false);
                Assert.True(opener.TryOpen(header, high, OutsideVectors.Octets(vector, "iv"), payload, icv));
                Assert.Equal(OutsideVectors.Octets(vector, "plaintext_with_esp_trailer"), payload);
            }
            tested++;
        }
        Assert.Equal(10, tested);
    }

    [Fact]
    public void TripleDesGivesStrongSwansAnswers()
    {
        foreach (JsonElement vector in OutsideVectors.Of("strongswan/3des_cbc.json"))
        {
            byte[] payload = OutsideVectors.Octets(vector, "plain");
            MessageCipher.Seal(new(EncryptionAlgorithm.TripleDesCbc, 0), OutsideVectors.Octets(vector, "key"), IntegrityAlgorithm.HmacSha1_96, new byte[20],
                [], OutsideVectors.Octets(vector, "iv"), payload, new byte[12]);
            Assert.Equal(OutsideVectors.Octets(vector, "cipher"), payload);
        }
    }

    [Fact]
    public void ExpandedKeysAreStrongSwansAnswers()
    {
        foreach (JsonElement vector in OutsideVectors.Of("strongswan/kdf_prf_plus.json"))
        {
            byte[] expected = OutsideVectors.Octets(vector, "out");
            byte[] expanded = new byte[expected.Length];
            PseudorandomFunction prf = vector.GetProperty("arg.prf").GetString() switch
            {
                "PRF_HMAC_SHA2_256" => PseudorandomFunction.HmacSha256,
                "PRF_HMAC_SHA2_384" => PseudorandomFunction.HmacSha384,
                _ => PseudorandomFunction.HmacSha512,
            };
            Prf.Plus(prf, OutsideVectors.Octets(vector, "key"), OutsideVectors.Octets(vector, "salt"), expanded);
            Assert.Equal(expected, expanded);
        }
    }

    [Theory]
    [InlineData("strongswan/modp.json", "modp1024", KeyExchangeMethod.Modp1024)]
    [InlineData("strongswan/modp.json", "modp768", KeyExchangeMethod.Modp768)]
    [InlineData("strongswan/modpsub.json", "modp1024_160", KeyExchangeMethod.Modp1024Subgroup160)]
    [InlineData("strongswan/modpsub.json", "modp2048_224", KeyExchangeMethod.Modp2048Subgroup224)]
    [InlineData("strongswan/ecp.json", "ecp192", KeyExchangeMethod.Ecp192)]
    [InlineData("strongswan/ecp.json", "ecp224", KeyExchangeMethod.Ecp224)]
    [InlineData("strongswan/ecp.json", "ecp384", KeyExchangeMethod.Ecp384)]
    [InlineData("strongswan/ecp.json", "ecp521", KeyExchangeMethod.Ecp521)]
    [InlineData("strongswan/ecpbp.json", "ecp224bp", KeyExchangeMethod.Brainpool224)]
    [InlineData("strongswan/ecpbp.json", "ecp256bp", KeyExchangeMethod.Brainpool256)]
    [InlineData("strongswan/ecpbp.json", "ecp512bp", KeyExchangeMethod.Brainpool512)]
    [InlineData("strongswan/curve448.json", "curve448_1", KeyExchangeMethod.Curve448)]
    [InlineData("strongswan/curve25519.json", "curve25519_1", KeyExchangeMethod.Curve25519)]
    public void KeyExchangesGiveStrongSwansAnswers(string file, string name, KeyExchangeMethod method)
    {
        JsonElement vector = OutsideVectors.Of(file).First(vector => vector.GetProperty("name").GetString() == name);
        byte[] seed = OutsideVectors.Octets(vector, "seed");
        using IKeyExchange initiator = KeyExchanges.Create(method, new ScriptedRandomSource(seed[..(seed.Length / 2)]));
        using IKeyExchange responder = KeyExchanges.Create(method, new ScriptedRandomSource(seed[(seed.Length / 2)..]));
        Assert.Equal(OutsideVectors.Octets(vector, "pub_i"), initiator.PublicValue);
        Assert.Equal(OutsideVectors.Octets(vector, "pub_r"), responder.PublicValue);
        Assert.True(initiator.TryDeriveSharedSecret(responder.PublicValue, out Secret? secret));
        Assert.Equal(OutsideVectors.Octets(vector, "shared"), secret.Span);
        secret.Dispose();
    }

    [Theory]
    [InlineData("strongswan/aes_ccm.json")]
    [InlineData("strongswan/aes_gcm.json")]
    [InlineData("strongswan/chacha20poly1305.json")]
    public void CombinedModesGiveStrongSwansAnswers(string file)
    {
        int tested = 0;
        foreach (JsonElement vector in OutsideVectors.Of(file))
        {
            byte[] key = OutsideVectors.Octets(vector, "key");
            EncryptionEntry? entry = AlgorithmRegistry.Encryptions.FirstOrDefault(entry => entry.IsCombinedMode
                && entry.KeyLength + entry.SaltLength == key.Length
                && entry.IanaName.Replace("_CCM_", "_CCM_ICV", StringComparison.Ordinal).Replace("_GCM_", "_GCM_ICV", StringComparison.Ordinal)
                    == vector.GetProperty("alg").GetString());
            byte[] iv = OutsideVectors.Octets(vector, "iv");
            if (entry is null || iv.Length != entry.IvLength)
                continue;
            byte[] payload = OutsideVectors.Octets(vector, "plain");
            byte[] icv = new byte[entry.TagLength];
            MessageCipher.Seal(entry.Transform, key, IntegrityAlgorithm.None, [], OutsideVectors.Octets(vector, "adata"), iv, payload, icv);
            Assert.Equal(OutsideVectors.Octets(vector, "cipher"), (byte[])[.. payload, .. icv]);
            Assert.True(MessageCipher.TryOpen(entry.Transform, key, IntegrityAlgorithm.None, [], OutsideVectors.Octets(vector, "adata"), iv, payload, icv));
            Assert.Equal(OutsideVectors.Octets(vector, "plain"), payload);
            tested++;
        }
        Assert.True(tested >= 3, $"only {tested}");
    }

    [Theory]
    [InlineData("strongswan/aes_ctr.json", EncryptionAlgorithm.AesCtr)]
    [InlineData("strongswan/camellia_cbc.json", EncryptionAlgorithm.CamelliaCbc)]
    public void CiphersGiveStrongSwansAnswers(string file, EncryptionAlgorithm algorithm)
    {
        foreach (JsonElement vector in OutsideVectors.Of(file))
        {
            byte[] key = OutsideVectors.Octets(vector, "key");
            EncryptionEntry entry = AlgorithmRegistry.Encryptions.Single(entry => entry.Transform.Algorithm == algorithm
                && entry.KeyLength + entry.SaltLength == key.Length);
            byte[] payload = OutsideVectors.Octets(vector, "plain");
            MessageCipher.Seal(entry.Transform, key, IntegrityAlgorithm.HmacSha1_96, new byte[20], [], OutsideVectors.Octets(vector, "iv"), payload,
                new byte[12]);
            Assert.Equal(OutsideVectors.Octets(vector, "cipher"), payload);
        }
    }

    [Theory]
    [InlineData("strongswan/md5_hmac.json", IntegrityAlgorithm.HmacMd5_96, "AUTH_HMAC_MD5_96")]
    [InlineData("strongswan/aes_xcbc.json", IntegrityAlgorithm.AesXcbc96, "AUTH_AES_XCBC_96")]
    [InlineData("strongswan/aes_cmac.json", IntegrityAlgorithm.AesCmac96, "AUTH_AES_CMAC_96")]
    public void IntegrityCodesAreStrongSwansAnswers(string file, IntegrityAlgorithm integrity, string name)
    {
        int tested = 0;
        foreach (JsonElement vector in OutsideVectors.Of(file).Where(vector => vector.GetProperty("alg").GetString() == name))
        {
            byte[] icv = new byte[integrity.IcvLength()];
            MessageCipher.Seal(new(EncryptionAlgorithm.Null, 0), [], integrity, OutsideVectors.Octets(vector, "key"), [], [],
                OutsideVectors.Octets(vector, "data"), icv);
            Assert.Equal(OutsideVectors.Octets(vector, "mac"), icv);
            tested++;
        }
        Assert.True(tested > 0);
    }
}
