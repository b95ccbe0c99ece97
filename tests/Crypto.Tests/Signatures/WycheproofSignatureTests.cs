using System.Text.Json;
using Ipsec.Crypto.Signatures;
using Ipsec.Tests.Support;

namespace Ipsec.Crypto.Tests.Signatures;

/// <summary>Google's vectors against known mistakes in verification, from outside the repository.</summary>
public sealed class WycheproofSignatureTests
{
    [Theory]
    [InlineData("ecdsa_secp256r1_sha256_test.json", "ecdsa-sha256")]
    [InlineData("ecdsa_secp384r1_sha384_test.json", "ecdsa-sha384")]
    [InlineData("ecdsa_secp521r1_sha512_test.json", "ecdsa-sha512")]
    [InlineData("ed25519_test.json", "ed25519")]
    [InlineData("ed448_test.json", "ed448")]
    [InlineData("rsa_signature_2048_sha256_test.json", "rsa-sha256")]
    [InlineData("rsa_signature_3072_sha384_test.json", "rsa-sha384")]
    [InlineData("rsa_signature_4096_sha512_test.json", "rsa-sha512")]
    [InlineData("rsa_pss_2048_sha1_mgf1_20_test.json", "rsa-pss-sha1")]
    [InlineData("rsa_pss_2048_sha256_mgf1_32_test.json", "rsa-pss-sha256")]
    [InlineData("rsa_pss_2048_sha384_mgf1_48_test.json", "rsa-pss-sha384")]
    [InlineData("rsa_pss_3072_sha256_mgf1_32_test.json", "rsa-pss-sha256")]
    [InlineData("rsa_pss_4096_sha512_mgf1_64_test.json", "rsa-pss-sha512")]
    public void VerifiesExactlyTheValidVectors(string file, string name)
    {
        Assert.True(SignatureMethod.TryParse(name, out SignatureMethod? method));
        VerifyAll(file, method);
    }

    [Theory]
    [InlineData("ecdsa_secp256r1_sha256_p1363_test.json", SignatureHash.Sha256)]
    [InlineData("ecdsa_secp384r1_sha384_p1363_test.json", SignatureHash.Sha384)]
    [InlineData("ecdsa_secp521r1_sha512_p1363_test.json", SignatureHash.Sha512)]
    public void VerifiesExactlyTheValidVectorsOfFixedLength(string file, SignatureHash hash) => VerifyAll(file, SignatureMethod.EcdsaFixed(hash));

    static void VerifyAll(string file, SignatureMethod method)
    {
        int tested = 0;
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(OutsideData.PathOf("vectors/wycheproof/" + file)));
        foreach (JsonElement group in document.RootElement.GetProperty("testGroups").EnumerateArray())
        {
            if (!PublicKey.TryParse(HexText.Parse(group.GetProperty("publicKeyDer").GetString()!), out PublicKey? key))
            {
                Assert.Equal("03", group.GetProperty("publicKey").GetProperty("publicExponent").GetString());
                continue;
            }
            using (key)
            {
                foreach (JsonElement test in group.GetProperty("tests").EnumerateArray())
                {
                    bool verified = key.Verify(method, Octets(test, "msg"), Octets(test, "sig"));
                    // "acceptable" is a DigestInfo without NULL, which RFC 8017 §9.2 does not make.
                    bool valid = test.GetProperty("result").GetString() == "valid";
                    Assert.True(valid == verified, $"test {test.GetProperty("tcId").GetInt32()}: {test.GetProperty("comment").GetString()}");
                    tested++;
                }
            }
        }
        Assert.True(tested > 50);
    }

    static byte[] Octets(JsonElement test, string name) => HexText.Parse(test.GetProperty(name).GetString()!);
}
