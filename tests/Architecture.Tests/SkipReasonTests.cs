using System.Text.RegularExpressions;

namespace Ipsec.Architecture.Tests;

/// <summary>Every reason for which a test may be skipped stands in tests/allowed-skips.txt, as the beginning of the reason.</summary>
public sealed partial class SkipReasonTests
{
    static readonly string[] AllowedPrefixes = [.. File.ReadLines(Path.Combine(Repository.Root, "tests", "allowed-skips.txt"))
        .Select(line => line.Trim()).Where(line => line.Length > 0 && !line.StartsWith('#'))];

    [Fact]
    public void EverySkipReasonInTheSourcesIsAllowed()
    {
        List<string> refused = [];
        foreach (string file in Repository.SourceFiles("tests").Concat(Repository.SourceFiles("src/Interop.Tests")))
        {
            if (file.EndsWith($"{nameof(SkipReasonTests)}.cs", StringComparison.Ordinal))
                continue;
            foreach (string reason in ReasonsIn(File.ReadAllText(file)))
            {
                if (!IsAllowed(reason))
                    refused.Add($"{Path.GetRelativePath(Repository.Root, file)}: \"{reason}\"");
            }
        }
        Assert.Empty(refused);
    }

    [Fact]
    public void TheReasonsOfTheTestKitAreFound()
    {
        string kit = File.ReadAllText(Path.Combine(Repository.Root, "tests", "Support", "OutsideData.cs"));
        Assert.Contains(ReasonsIn(kit), reason => reason.StartsWith("outside data:", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("[Fact(Skip = \"too slow\")]", "too slow")]
    [InlineData("Assert.Skip(\"not today\");", "not today")]
    [InlineData("Assert.SkipUnless(IsRoot(), $\"wants root on {machine}\");", "wants root on {machine}")]
    [InlineData("Assert.SkipWhen(Missing(\"tshark\", 1), \"no tshark\");", "no tshark")]
    [InlineData("const string SomeSkipReason = \"because\";", "because")]
    public void ReadsAReasonThatIsNotAllowed(string source, string reason)
    {
        Assert.Contains(reason, ReasonsIn(source));
        Assert.False(IsAllowed(reason));
    }

    static bool IsAllowed(string reason) => AllowedPrefixes.Any(prefix => reason.StartsWith(prefix, StringComparison.Ordinal));

    /// <summary>The last string literal of each skipping statement: attribute, assertion, or constant whose name ends with SkipReason.</summary>
    static IEnumerable<string> ReasonsIn(string source)
    {
        foreach (Match match in SkipAttribute().Matches(source).Concat(SkipConstant().Matches(source)))
            yield return match.Groups["reason"].Value;
        foreach (Match call in SkipCall().Matches(source))
        {
            Match? literal = StringLiteral().Matches(call.Value).LastOrDefault();
            if (literal is not null)
                yield return literal.Groups["reason"].Value;
        }
    }

    [GeneratedRegex("\\bSkip\\s*=\\s*\\$?\"(?<reason>[^\"]*)\"")]
    private static partial Regex SkipAttribute();

    [GeneratedRegex("SkipReason\\s*=>?\\s*\\$?\"(?<reason>[^\"]*)\"")]
    private static partial Regex SkipConstant();

    [GeneratedRegex("Assert\\.Skip(When|Unless)?\\([^;]*;")]
    private static partial Regex SkipCall();

    [GeneratedRegex("\\$?\"(?<reason>[^\"]*)\"")]
    private static partial Regex StringLiteral();
}
