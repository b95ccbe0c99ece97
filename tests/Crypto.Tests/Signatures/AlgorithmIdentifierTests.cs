using System.Text.Json;
using Ipsec.Crypto.Signatures;
using Ipsec.Tests.Support;

namespace Ipsec.Crypto.Tests.Signatures;

/// <summary>RFC 7427 appendix A, RFC 8420 appendix A, and what must be refused: CVE-2018-6459, CVE-2021-41990, CVE-2013-5018's kind.</summary>
public sealed class AlgorithmIdentifierTests
{
    const string PssSha256 = "3046" + "06092a864886f70d01010a" + "3039" + "a00f" + "300d06096086480165030402010500"
        + "a11c" + "301a" + "06092a864886f70d010108" + "300d06096086480165030402010500" + "a203020120" + "a303020101";

    [Theory]
    [InlineData("300d06092a864886f70d0101050500", "rsa-sha1")] // appendix A.1.1
    [InlineData("300d06092a864886f70d01010b0500", "rsa-sha256")] // A.1.2
    [InlineData("300d06092a864886f70d01010c0500", "rsa-sha384")] // A.1.3
    [InlineData("300d06092a864886f70d01010d0500", "rsa-sha512")] // A.1.4
    [InlineData("300906072a8648ce3d0401", "ecdsa-sha1")] // A.3.1
    [InlineData("300a06082a8648ce3d040302", "ecdsa-sha256")] // A.3.2
    [InlineData("300a06082a8648ce3d040303", "ecdsa-sha384")] // A.3.3
    [InlineData("300a06082a8648ce3d040304", "ecdsa-sha512")] // A.3.4
    [InlineData("303e06092a864886f70d01010a3031a00b300906052b0e03021a0500a118301606092a864886f70d010108300906052b0e03021a0500a203020114a303020101", "rsa-pss-sha1")] // A.4.2
    [InlineData(PssSha256, "rsa-pss-sha256")] // A.4.3
    [InlineData("300506032b6570", "ed25519")] // RFC 8420 A.1
    [InlineData("300506032b6571", "ed448")] // A.2
    public void ReadsAndWritesTheExamplesOfTheRfc(string hex, string name)
    {
        byte[] der = Convert.FromHexString(hex);
        Assert.True(SignatureMethod.TryParseAlgorithmIdentifier(der, out SignatureMethod? method));
        Assert.Equal(name, method.ToString());
        Assert.Equal(der, method.ToAlgorithmIdentifier());
        for (int length = 0; length < der.Length; length++)
            Assert.False(SignatureMethod.TryParseAlgorithmIdentifier(der.AsSpan(0, length), out _));
        Assert.False(SignatureMethod.TryParseAlgorithmIdentifier([.. der, 0], out _));
    }

    [Fact]
    public void WritesWhatItReadsForEveryMethod()
    {
        foreach (string name in SignatureMethod.Names)
        {
            Assert.True(SignatureMethod.TryParse(name, out SignatureMethod? method));
            byte[] der = method.ToAlgorithmIdentifier();
            Assert.True(der.Length <= 255);
            Assert.True(SignatureMethod.TryParseAlgorithmIdentifier(der, out SignatureMethod? again));
            Assert.Equal(method, again);
        }
    }

    [Theory]
    [InlineData("300d06092a864886f70d01010a3000", "rsa-pss-sha1")] // A.4.1: empty parameters are the defaults
    [InlineData("300b06092a864886f70d01010b", "rsa-sha256")] // without NULL, RFC 4055 §5
    [InlineData("304206092a864886f70d01010a3035a00d300b0609608648016503040201a11a301806092a864886f70d010108300b0609608648016503040201a203020120a303020101",
        "rsa-pss-sha256")]
    [InlineData("304106092a864886f70d01010a3034a00f300d06096086480165030402010500a11c301a06092a864886f70d010108300d06096086480165030402010500a203020120",
        "rsa-pss-sha256")]
    [InlineData("304106092a864886f70d01010a3034a00f300d06096086480165030402010500a11c301a06092a864886f70d010108300d06096086480165030402010500a203020100",
        "rsa-pss-sha256 (mgf1 sha256, salt 0)")]
    [InlineData("304106092a864886f70d01010a3034a00f300d06096086480165030402010500a11c301a06092a864886f70d010108300d06096086480165030402020500a203020120",
        "rsa-pss-sha256 (mgf1 sha384, salt 32)")]
    public void ReadsTheOtherFormsThatTheRfcAllows(string hex, string printed)
    {
        Assert.True(SignatureMethod.TryParseAlgorithmIdentifier(Convert.FromHexString(hex), out SignatureMethod? method));
        Assert.Equal(printed, method.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("3000")]
    [InlineData("0500")]
    [InlineData("30800609")]
    [InlineData("300906072a8648ce380403")] // dsa-with-sha1
    [InlineData("300b0609608648016503040302")] // dsa-with-sha256
    [InlineData("300d06092a864886f70d0101010500")] // rsaEncryption is no signature
    [InlineData("300d06092a864886f70d0101040500")] // MD5
    [InlineData("300f06092a864886f70d01010b05000500")] // something behind NULL
    [InlineData("300e06092a864886f70d01010b020101")] // a number for NULL
    [InlineData("300c06082a8648ce3d0403020500")] // ECDSA has no NULL, RFC 5758 §3.2
    [InlineData("300706032b65700500")] // nor has Ed25519, RFC 8410 §3
    [InlineData("300b06092a864886f70d01010a")] // PSS without parameters
    [InlineData("300d06092a864886f70d01010a0500")] // PSS with NULL
    [InlineData("303206092a864886f70d01010a3025a00f300d06096086480165030402010500a10d300b06092a864886f70d010108a203020120")] // MGF1 without its hash (CVE-2018-6459)
    [InlineData("304606092a864886f70d01010a3039a00f300d06096086480165030402010500a11c301a06092a864886f70d010109300d06096086480165030402010500a203020120a303020101")] // no MGF1
    [InlineData("304606092a864886f70d01010a3039a00f300d06096086480165030402010500a11c301a06092a864886f70d010108300d06096086480165030402010500a203020120a303020102")] // trailer 2
    [InlineData("304606092a864886f70d01010a3039a00f300d06096086480165030402010500a11c301a06092a864886f70d010108300d06096086480165030402010500a2030201ffa303020101")] // salt -1
    [InlineData("304706092a864886f70d01010a303aa00f300d06096086480165030402010500a11c301a06092a864886f70d010108300d06096086480165030402010500a20402020401a303020101")] // salt 1025
    [InlineData("304906092a864886f70d01010a303ca00f300d06096086480165030402010500a11c301a06092a864886f70d010108300d06096086480165030402010500a20602047fffffffa303020101")] // salt 2^31-1 (CVE-2021-41990)
    [InlineData("304a06092a864886f70d01010a303da00f300d06096086480165030402010500a11c301a06092a864886f70d010108300d06096086480165030402010500a207020500ffffffffa303020101")]
    [InlineData("304606092a864886f70d01010a3039a203020120a00f300d06096086480165030402010500a11c301a06092a864886f70d010108300d06096086480165030402010500a303020101")] // out of order
    public void RefusesEverythingElse(string hex) => Assert.False(SignatureMethod.TryParseAlgorithmIdentifier(Convert.FromHexString(hex), out _));

    [Fact]
    public void NoMutationThrows()
    {
        byte[] valid = Convert.FromHexString(PssSha256);
        SeededRandomSource random = new(7427);
        byte[] draw = new byte[3];
        for (int round = 0; round < 20_000; round++)
        {
            byte[] changed = [.. valid];
            for (int change = 0; change <= round % 3; change++)
            {
                random.Fill(draw);
                changed[draw[0] % changed.Length] = draw[1];
            }
            if (SignatureMethod.TryParseAlgorithmIdentifier(changed, out SignatureMethod? method))
                Assert.True(method.SaltLength <= 1024 && method.ToAlgorithmIdentifier().Length <= 255);
        }
    }

    [Fact]
    public void AnswersTheVectorsFromOutside()
    {
        foreach (string file in new[] { "rfc7427_algorithm_identifiers.json", "rfc8420_algorithm_identifiers.json" })
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(OutsideData.PathOf("vectors/rfc/" + file)));
            foreach (JsonElement vector in document.RootElement.GetProperty("vectors").EnumerateArray())
            {
                bool isDsa = vector.GetProperty("name").GetString()!.StartsWith("dsa", StringComparison.Ordinal);
                Assert.Equal(!isDsa, SignatureMethod.TryParseAlgorithmIdentifier(HexText.Parse(vector.GetProperty("der").GetString()!), out _));
            }
        }
    }
}
