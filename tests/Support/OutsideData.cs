using Xunit;

namespace Ipsec.Tests.Support;

/// <summary>
/// Third-party captures and vectors that are not part of the repository. They are found through the environment variable
/// IPSEC_TEST_DATA; where it is not set, the tests that want them are skipped with that reason.
/// </summary>
public static class OutsideData
{
    public const string SkipReason = "outside data: IPSEC_TEST_DATA does not name a folder with third-party data";

    /// <summary>The path of a file below the outside data, or the calling test is skipped.</summary>
    public static string PathOf(string relativePath)
    {
        string? root = Environment.GetEnvironmentVariable("IPSEC_TEST_DATA");
        string path = Path.Combine(root ?? "", relativePath);
        Assert.SkipWhen(string.IsNullOrEmpty(root) || !File.Exists(path), SkipReason);
        return path;
    }
}
