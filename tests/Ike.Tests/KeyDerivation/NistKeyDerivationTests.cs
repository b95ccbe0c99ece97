using System.Text.Json;
using Ipsec.Crypto;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.KeyDerivation;
using Ipsec.Tests.Support;

namespace Ipsec.Ike.Tests.KeyDerivation;

/// <summary>
/// NIST CAVS vectors of the IKEv2 key derivation (SP 800-135 §4.1.2): a selection that is part of the repository, and the larger
/// file where the outside data is.
/// </summary>
public class NistKeyDerivationTests
{
    [Fact]
    public void RecomputesTheSelection()
    {
        using Stream stream = typeof(NistKeyDerivationTests).Assembly.GetManifestResourceStream("nist-cavs-ikev2.json")!;
        using var document = JsonDocument.Parse(stream);
        string[] columns = [.. document.RootElement.GetProperty("columns").EnumerateArray().Select(column => column.GetString()!)];
        int count = 0;
        foreach (JsonElement group in document.RootElement.GetProperty("groups").EnumerateArray())
        {
            foreach (JsonElement test in group.GetProperty("tests").EnumerateArray())
            {
                Check(group.GetProperty("hash").GetString()!, name => HexText.Parse(test[Array.IndexOf(columns, name)].GetString()!));
                count++;
            }
        }
        Assert.Equal(74, count);
    }

    [Fact]
    public void RecomputesTheLargerFile()
    {
        using var document = JsonDocument.Parse(File.ReadAllText(OutsideData.PathOf("vectors/nist-cavs-ike/ikev2.json")));
        int count = 0;
        foreach (JsonElement group in document.RootElement.GetProperty("groups").EnumerateArray())
        {
            foreach (JsonElement test in group.GetProperty("tests").EnumerateArray())
            {
                Check(group.GetProperty("hash").GetString()!, name => HexText.Parse(test.GetProperty(name).GetString()!));
                count++;
            }
        }
        Assert.Equal(108, count);
    }

    static void Check(string hash, Func<string, byte[]> value)
    {
        (PseudorandomFunction prf, IntegrityAlgorithm integrity) = hash switch
        {
            "SHA-1" => (PseudorandomFunction.HmacSha1, IntegrityAlgorithm.HmacSha1_96),
            "SHA-256" => (PseudorandomFunction.HmacSha256, IntegrityAlgorithm.HmacSha256_128),
            "SHA-384" => (PseudorandomFunction.HmacSha384, IntegrityAlgorithm.HmacSha384_192),
            _ => (PseudorandomFunction.HmacSha512, IntegrityAlgorithm.HmacSha512_256),
        };
        byte[] ni = value("Ni");
        byte[] nr = value("Nr");
        byte[] spis = [.. value("SPIi"), .. value("SPIr")];
        using Secret shared = new(value("g^ir"));
        using Secret newShared = new(value("g^ir (new)"));

        using Secret skeySeed = SkeySeed.Derive(prf, ni, nr, shared);
        Equal(value("SKEYSEED"), skeySeed.Span);

        var keyMaterial = KeyMaterial.Expand(prf, skeySeed, [.. ni, .. nr, .. spis], value("DKM").Length);
        using Secret dkm = keyMaterial.Take(value("DKM").Length);
        Equal(value("DKM"), dkm.Span);

        // The same octets cut into the keys of a suite; SHA-384's answer is shorter than its seven keys.
        var encryption = new EncryptionTransform(EncryptionAlgorithm.AesCbc, 128);
        using var keys = IkeKeys.Derive(new IkeSuite(encryption, prf, integrity, KeyExchangeMethod.Modp2048), skeySeed, ni, nr,
            System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(spis), System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(spis.AsSpan(8)));
        byte[] cut = [.. keys.SkD.Span, .. keys.SkAi.Span, .. keys.SkAr.Span, .. keys.SkEi.Span, .. keys.SkEr.Span, .. keys.SkPi.Span, .. keys.SkPr.Span];
        int common = Math.Min(cut.Length, dkm.Length);
        Equal(dkm.Span[..common], cut.AsSpan(0, common));

        // SP 800-135: the first octets of DKM, as many as the PRF puts out, are SK_d.
        using var child = ChildKeys.Derive(prf, keys.SkD, new EspSuite(encryption, integrity, false, KeyExchangeMethod.None), null, ni, nr);
        StartsWith(value("DKM(Child SA)"), child);
        using var pfsChild = ChildKeys.Derive(prf, keys.SkD, new EspSuite(encryption, integrity, false, KeyExchangeMethod.Modp2048), newShared, ni, nr);
        StartsWith(value("DKM(Child SA D-H)"), pfsChild);

        using Secret rekeyed = SkeySeed.DeriveForRekey(prf, keys.SkD, newShared, ni, nr);
        Equal(value("SKEYSEED(Rekey)"), rekeyed.Span);
    }

    static void StartsWith(byte[] keyMaterial, ChildKeys keys)
    {
        byte[] cut = [.. keys.InitiatorEncryption.Span, .. keys.InitiatorIntegrity.Span, .. keys.ResponderEncryption.Span, .. keys.ResponderIntegrity.Span];
        int common = Math.Min(cut.Length, keyMaterial.Length);
        Equal(keyMaterial.AsSpan(0, common), cut.AsSpan(0, common));
    }

    static void Equal(ReadOnlySpan<byte> expected, ReadOnlySpan<byte> actual) => Assert.Equal(Convert.ToHexString(expected), Convert.ToHexString(actual));
}
