namespace Ipsec.Lab.Tests.Topology;

/// <summary>
/// A weak algorithm that the file names is taken, with one warning; what profiles and Azure choose by themselves is nobody's to be warned of.
/// </summary>
public class WeakAlgorithmWarningTests
{
    [Fact]
    public void EachWeakAlgorithmOfAListIsNamedOnceWithItsReason() => Assert.Equal(
        [
            "test.yaml:16:100: sites.branch.device.proposals[0] names modp1024, which is weak (RFC 8247 §2.4: SHOULD NOT, its prime is within reach of a " +
                "well funded attacker).",
            "test.yaml:16:122: sites.branch.device.proposals[1] names md5, which is weak (RFC 8247 §2.3 and RFC 8221 §6: MUST NOT, MD5 is broken).",
        ],
        Warnings(Samples.Read("site-to-site.yaml").Replace("[aes256-sha1-modp1024]", "[aes256-sha1-modp1024, aes256-md5-modp1024]", StringComparison.Ordinal)));

    [Fact]
    public void TripleDesIsWeakInEspOnly()
    {
        string text = Samples.Read("site-to-site.yaml").Replace("[aes256-sha1-modp1024]", "[3des-sha1-modp2048], espProposals: [3des-sha1]",
            StringComparison.Ordinal);
        Assert.StartsWith("test.yaml:16:136: sites.branch.device.espProposals[0] names 3des, which is weak (RFC 8221 §5: SHOULD NOT",
            Assert.Single(Warnings(text)));
    }

    [Fact]
    public void DefaultsOfAzureAndOfProfilesWarnOfNothing()
    {
        // The gateway's default policy has group 2 and triple DES, and so have the profiles.
        string text = Samples.Read("site-to-site.yaml").Replace(", proposals: [aes256-sha1-modp1024]", "", StringComparison.Ordinal);
        Assert.Empty(Warnings(text));
        Assert.Empty(Warnings(text.Replace("profile: strongswan", "profile: azure-sample", StringComparison.Ordinal)));
    }

    [Fact]
    public void ACustomPolicyIsTheFilesOwnWords()
    {
        string text = Samples.Read("site-to-site.yaml").Replace("sharedKey: {",
            "ipsecPolicies: [{ ikeEncryption: DES, ikeIntegrity: MD5, dhGroup: DHGroup24, ipsecEncryption: DES3, ipsecIntegrity: SHA1, pfsGroup: PFS1, "
            + "saLifeTimeSeconds: 27000, saDataSizeKilobytes: 102400000 }], sharedKey: {", StringComparison.Ordinal);
        string[] warnings = [.. Warnings(text).Where(warning => warning.Contains("ipsecPolicies", StringComparison.Ordinal))];
        Assert.Equal(5, warnings.Length);
        Assert.Contains("(Microsoft.Network/connections/hub-to-branch properties.ipsecPolicies[0].ikeEncryption) is DES, which is weak (RFC 8247 §2.1",
            warnings[0]);
        Assert.Contains("dhGroup) is DHGroup24, which is weak (RFC 8247 §2.4: SHOULD NOT, it has small subgroups", warnings[2]);
    }

    static string[] Warnings(string text) => [.. Samples.Load(text).Warnings.Select(warning => warning.ToString())];
}
