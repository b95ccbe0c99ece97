using System.Security.Cryptography;
using Ipsec.Crypto.Signatures;

namespace Ipsec.Crypto.Tests.Signatures;

/// <summary>One private key of each kind, made once per run (RSA, ECDSA) or the first test vector of RFC 8032 §7.1 and §7.4.</summary>
static class TestKeys
{
    static readonly Dictionary<string, Lazy<byte[]>> Keys = new()
    {
        ["rsa2048"] = new(() => Rsa(2048)),
        ["rsa1024"] = new(() => Rsa(1024)),
        ["p256"] = new(() => Ecdsa(ECCurve.NamedCurves.nistP256)),
        ["p384"] = new(() => Ecdsa(ECCurve.NamedCurves.nistP384)),
        ["p521"] = new(() => Ecdsa(ECCurve.NamedCurves.nistP521)),
        ["ed25519"] = new(() => Convert.FromHexString("302e020100300506032b657004220420"
            + "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")),
        ["ed448"] = new(() => Convert.FromHexString("3047020100300506032b6571043b0439"
            + "6c82a562cb808d10d632be89c8513ebf6c929f34ddfa8c9f63c9960ef6e348a3528c8a3fcc2f044e39a3fc5b94492f8f032e7549a20098f95b")),
    };

    internal static IEnumerable<string> Names => Keys.Keys;

    internal static byte[] Pkcs8(string name) => Keys[name].Value;

    internal static SigningKey Read(string name)
    {
        Assert.True(SigningKey.TryRead(Pkcs8(name), [], out SigningKey? key, out string? error), error);
        return key;
    }

    /// <summary>By name, not by asking the code under test.</summary>
    internal static bool Signs(string key, string method) =>
        key.StartsWith("rsa", StringComparison.Ordinal) && method.StartsWith("rsa", StringComparison.Ordinal) && !(key == "rsa1024" && method == "rsa-pss-sha512")
        || key.StartsWith('p') && method.StartsWith("ecdsa", StringComparison.Ordinal)
        || key == method;

    static byte[] Rsa(int bits)
    {
        using RSA rsa = RSA.Create(bits);
        return rsa.ExportPkcs8PrivateKey();
    }

    static byte[] Ecdsa(ECCurve curve)
    {
        using ECDsa ecdsa = ECDsa.Create(curve);
        return ecdsa.ExportPkcs8PrivateKey();
    }
}
