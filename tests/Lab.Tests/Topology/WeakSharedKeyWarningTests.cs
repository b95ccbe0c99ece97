namespace Ipsec.Lab.Tests.Topology;

/// <summary>
/// Class 14 of adversaries: a pre-shared key that can be guessed from one recorded IKE_AUTH is worth a warning (CVE-2018-5389,
/// CVE-2002-1623).
/// </summary>
public class WeakSharedKeyWarningTests
{
    [Theory]
    [InlineData("secret")]
    [InlineData("Password1")]
    [InlineData("correcthorse")]
    [InlineData("0123456789abcde")]
    [InlineData("123456789012345678")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("abcabcabcabcabcabc")]
    public void AKeyThatCanBeGuessedIsWarnedOfAndNotShown(string key)
    {
        string warning = Assert.Single(Warnings(key));
        Assert.Contains("sharedKey", warning);
        Assert.Contains("CVE-2018-5389", warning);
        Assert.DoesNotContain(key, warning);
    }

    [Theory]
    [InlineData("Gh7s0pQ2xV9k")]
    [InlineData("kq3v9z7m2x8c1n5b")]
    [InlineData("5f2a9c0e7b1d4836")]
    public void AKeyWithEnoughInItIsTakenSilently(string key) => Assert.Empty(Warnings(key));

    [Fact]
    public void ADevicesOwnKeyIsJudgedToo()
    {
        string text = Samples.Read("device-to-device.yaml").Replace("default: Gh7s0pQ2xV9k", "default: guessme", StringComparison.Ordinal);
        Assert.Contains("sharedKey is a key that can be guessed", Assert.Single(Samples.Load(text).Warnings.Select(warning => warning.ToString())));
    }

    static string[] Warnings(string key) =>
        [.. Samples.Load(Samples.Read("site-to-site.yaml").Replace("default: Gh7s0pQ2xV9k", $"default: \"{key}\"", StringComparison.Ordinal))
            .Warnings.Select(warning => warning.ToString()).Where(warning => warning.Contains("sharedKey", StringComparison.Ordinal))];
}
