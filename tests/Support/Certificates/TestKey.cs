using System.Security.Cryptography;
using Ipsec.Crypto.Signatures;

namespace Ipsec.Tests.Support.Certificates;

/// <summary>Private keys for tests: one of each kind and name, made once per run.</summary>
public static class TestKey
{
    static readonly Lock Gate = new();
    static readonly Dictionary<(string Kind, string Name), byte[]> Keys = [];

    /// <summary>"rsa2048", "rsa3072", "rsa4096", "rsa1024", "p256", "p384", "p521", "ed25519", "ed448".</summary>
    /// <param name="name">Whose key: the same name and kind give the same key.</param>
    public static byte[] Pkcs8(string kind, string name = "")
    {
        lock (Gate)
        {
            if (!Keys.TryGetValue((kind, name), out byte[]? key))
                Keys[(kind, name)] = key = Make(kind, name);
            return key;
        }
    }

    public static SigningKey Read(string kind, string name = "") =>
        SigningKey.TryRead(Pkcs8(kind, name), [], out SigningKey? key, out string? error) ? key : throw new InvalidOperationException(error);

    static byte[] Make(string kind, string name)
    {
        switch (kind)
        {
            case "p256":
                return Ecdsa(ECCurve.NamedCurves.nistP256);
            case "p384":
                return Ecdsa(ECCurve.NamedCurves.nistP384);
            case "p521":
                return Ecdsa(ECCurve.NamedCurves.nistP521);
            case "ed25519":
                // RFC 8410 §7: the key is any 32 octets.
                return [.. Convert.FromHexString("302e020100300506032b657004220420"), .. SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(name))];
            case "ed448":
                return [.. Convert.FromHexString("3047020100300506032b6571043b0439"),
                    .. SHA512.HashData(System.Text.Encoding.UTF8.GetBytes(name)).AsSpan(0, 57)];
            default:
                using (RSA rsa = RSA.Create(int.Parse(kind.AsSpan(3), System.Globalization.CultureInfo.InvariantCulture)))
                    return rsa.ExportPkcs8PrivateKey();
        }
    }

    static byte[] Ecdsa(ECCurve curve)
    {
        using ECDsa ecdsa = ECDsa.Create(curve);
        return ecdsa.ExportPkcs8PrivateKey();
    }
}
