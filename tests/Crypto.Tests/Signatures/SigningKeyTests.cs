using System.Security.Cryptography;
using System.Text;
using Ipsec.Crypto.Signatures;
using Ipsec.Tests.Support.Certificates;

namespace Ipsec.Crypto.Tests.Signatures;

public sealed class SigningKeyTests
{
    static readonly byte[] Data = "RealMessage | NonceRData | MACedIDForI"u8.ToArray();

    static readonly string[] Kinds = ["rsa2048", "rsa1024", "p256", "p384", "p521", "ed25519", "ed448"];

    public static TheoryData<string, string> KeysAndMethods
    {
        get
        {
            TheoryData<string, string> rows = [];
            foreach (string method in SignatureMethod.Names)
            {
                foreach (string key in Kinds.Where(key => Signs(key, method)))
                    rows.Add(key, method);
            }
            return rows;
        }
    }

    [Theory]
    [InlineData("rsa2048")]
    [InlineData("p256")]
    [InlineData("p521")]
    [InlineData("ed25519")]
    public void ItsPkcs8IsReadAsTheSameKey(string kind)
    {
        using SigningKey key = TestKey.Read(kind);
        using Secret octets = key.ToPkcs8();

        Assert.True(SigningKey.TryRead(octets.Span, [], out SigningKey? read, out string? error), error);
        using (read)
            Assert.Equal(key.PublicKey, read.PublicKey);
    }

    [Theory, MemberData(nameof(KeysAndMethods))]
    public void ItsPublicKeyVerifiesWhatItSigns(string keyName, string methodName)
    {
        using SigningKey key = TestKey.Read(keyName);
        SignatureMethod method = Method(methodName);
        Assert.True(key.Supports(method));
        byte[] signature = key.Sign(method, Data);

        Assert.True(PublicKey.TryParse(key.PublicKey.Encoding, out PublicKey? publicKey));
        Assert.Equal(key.PublicKey, publicKey);
        Assert.True(publicKey.Verify(method, Data, signature));
        Assert.False(publicKey.Verify(method, [.. Data, 0], signature));
        Assert.False(publicKey.Verify(method, Data[..^1], signature));
        Assert.False(publicKey.Verify(method, Data, []));
        Assert.False(publicKey.Verify(method, Data, signature[..^1]));
        Assert.False(publicKey.Verify(method, Data, [.. signature, 0]));
        Assert.False(publicKey.Verify(method, Data, [0, .. signature]));
        for (int index = 0; index < signature.Length; index += 7)
        {
            byte[] changed = [.. signature];
            changed[index] ^= 0x10;
            Assert.False(publicKey.Verify(method, Data, changed));
        }
    }

    [Theory, MemberData(nameof(KeysAndMethods))]
    public void NoOtherMethodVerifiesIt(string keyName, string methodName)
    {
        using SigningKey key = TestKey.Read(keyName);
        byte[] signature = key.Sign(Method(methodName), Data);
        foreach (string other in SignatureMethod.Names.Where(other => other != methodName))
            Assert.False(key.PublicKey.Verify(Method(other), Data, signature), other);
    }

    [Theory]
    [InlineData("p256", SignatureHash.Sha256, 64)]
    [InlineData("p384", SignatureHash.Sha384, 96)]
    [InlineData("p521", SignatureHash.Sha512, 132)]
    public void SignsInTheFixedFormOfTheOlderMethods(string keyName, SignatureHash hash, int length)
    {
        using SigningKey key = TestKey.Read(keyName);
        SignatureMethod method = SignatureMethod.EcdsaFixed(hash);
        for (int round = 0; round < 20; round++)
        {
            byte[] signature = key.Sign(method, Data);
            Assert.Equal(length, signature.Length);
            Assert.True(key.PublicKey.Verify(method, Data, signature));
            Assert.False(key.PublicKey.Verify(method, Data, [0, .. signature]));
            Assert.False(key.PublicKey.Verify(SignatureMethod.Ecdsa(hash), Data, signature));
        }
        Assert.False(key.PublicKey.Verify(method, Data, new byte[length]));
        Assert.All(Enum.GetValues<SignatureHash>().Where(other => other != hash && other != SignatureHash.Identity),
            other => Assert.False(key.Supports(SignatureMethod.EcdsaFixed(other))));
    }

    [Fact]
    public void ReadsEveryFormOfAnRsaKey()
    {
        using RSA rsa = RSA.Create(2048);
        byte[] spki = rsa.ExportSubjectPublicKeyInfo();
        Reads(rsa.ExportPkcs8PrivateKey(), "", spki);
        Reads(rsa.ExportRSAPrivateKey(), "", spki);
        Reads(Encoding.ASCII.GetBytes(rsa.ExportPkcs8PrivateKeyPem()), "", spki);
        Reads(Encoding.ASCII.GetBytes(rsa.ExportRSAPrivateKeyPem()), "", spki);
        Reads(Encoding.ASCII.GetBytes("A comment\n" + rsa.ExportRSAPrivateKeyPem() + "\n"), "", spki);
        PbeParameters encryption = new(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 2048);
        Reads(Encoding.ASCII.GetBytes(rsa.ExportEncryptedPkcs8PrivateKeyPem("päss", encryption)), "päss", spki);
        Reads(rsa.ExportEncryptedPkcs8PrivateKey("pass", encryption), "pass", spki);
    }

    [Theory]
    [InlineData("1.2.840.10045.3.1.7")]
    [InlineData("1.3.132.0.34")]
    [InlineData("1.3.132.0.35")]
    public void ReadsEveryFormOfAnEcdsaKey(string curve)
    {
        using ECDsa ecdsa = ECDsa.Create(ECCurve.CreateFromValue(curve));
        byte[] spki = ecdsa.ExportSubjectPublicKeyInfo();
        Reads(ecdsa.ExportPkcs8PrivateKey(), "", spki);
        Reads(ecdsa.ExportECPrivateKey(), "", spki);
        Reads(Encoding.ASCII.GetBytes(ecdsa.ExportECPrivateKeyPem()), "", spki);
        Reads(Encoding.ASCII.GetBytes("-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n" + ecdsa.ExportECPrivateKeyPem()), "",
            spki);
    }

    [Fact]
    public void SaysWhatIsWrongWithAKey()
    {
        using RSA rsa = RSA.Create(2048);
        PbeParameters encryption = new(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 2048);
        byte[] encrypted = Encoding.ASCII.GetBytes(rsa.ExportEncryptedPkcs8PrivateKeyPem("right", encryption));
        Assert.Equal("is encrypted and needs its password", Refusal(encrypted, ""));
        Assert.Equal("cannot be decrypted with the password that is given for it", Refusal(encrypted, "wrong"));
        Assert.Equal("holds PUBLIC KEY where a private key is expected", Refusal(Encoding.ASCII.GetBytes(rsa.ExportSubjectPublicKeyInfoPem()), ""));
        Assert.Equal("is no private key in PKCS#8, PKCS#1 or SEC 1 form", Refusal("hello"u8.ToArray(), ""));
        Assert.Equal("is no private key in PKCS#8, PKCS#1 or SEC 1 form", Refusal([], ""));
        using ECDsa brainpool = ECDsa.Create(ECCurve.NamedCurves.brainpoolP256r1);
        Assert.StartsWith("is no RSA key of 1024 to 8192 bits", Refusal(brainpool.ExportPkcs8PrivateKey(), ""), StringComparison.Ordinal);

        RSAParameters parameters = rsa.ExportParameters(includePrivateParameters: true);
        using RSA other = RSA.Create(2048);
        (parameters.D, parameters.DP) = (other.ExportParameters(includePrivateParameters: true).D, other.ExportParameters(includePrivateParameters: true).DP);
        Assert.Equal("is damaged: its private and public halves do not belong together", Refusal(RawRsa(parameters), ""));
    }

    [Fact]
    public void NeverPrintsItsPrivateHalf()
    {
        using ECDsa ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Assert.True(SigningKey.TryRead(ecdsa.ExportPkcs8PrivateKey(), [], out SigningKey? key, out _));
        using (key)
        {
            string hex = Convert.ToHexStringLower(ecdsa.ExportParameters(includePrivateParameters: true).D!);
            Assert.DoesNotContain(hex[..16], key.ToString(), StringComparison.Ordinal);
            Assert.StartsWith("SigningKey(EcdsaP256 256, SHA-256 ", key.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void CannotSignOnceDisposed()
    {
        SigningKey key = TestKey.Read("p256");
        key.Dispose();
        Assert.ThrowsAny<Exception>(() => key.Sign(SignatureMethod.Ecdsa(SignatureHash.Sha256), Data));
    }

    /// <summary>By name, not by asking the code under test.</summary>
    static bool Signs(string key, string method) =>
        key.StartsWith("rsa", StringComparison.Ordinal) && method.StartsWith("rsa", StringComparison.Ordinal)
            && !(key == "rsa1024" && method == "rsa-pss-sha512")
        || key.StartsWith('p') && method.StartsWith("ecdsa", StringComparison.Ordinal)
        || key == method;

    static SignatureMethod Method(string name)
    {
        Assert.True(SignatureMethod.TryParse(name, out SignatureMethod? method));
        Assert.Equal(name, method.ToString());
        return method;
    }

    static void Reads(byte[] text, string password, byte[] subjectPublicKeyInfo)
    {
        Assert.True(SigningKey.TryRead(text, Encoding.UTF8.GetBytes(password), out SigningKey? key, out string? error), error);
        using (key)
            Assert.Equal(subjectPublicKeyInfo, key.PublicKey.Encoding);
    }

    static string Refusal(byte[] text, string password)
    {
        Assert.False(SigningKey.TryRead(text, Encoding.UTF8.GetBytes(password), out _, out string? error));
        return error;
    }

    static byte[] RawRsa(RSAParameters parameters)
    {
        System.Formats.Asn1.AsnWriter writer = new(System.Formats.Asn1.AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(0);
            foreach (byte[]? number in new[] { parameters.Modulus, parameters.Exponent, parameters.D, parameters.P, parameters.Q, parameters.DP, parameters.DQ,
                parameters.InverseQ })
                writer.WriteIntegerUnsigned(number.AsSpan().TrimStart((byte)0));
        }
        return writer.Encode();
    }
}
