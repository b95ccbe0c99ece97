using System.Text.RegularExpressions;

namespace Ipsec.Architecture.Tests;

/// <summary>
/// Every reason for which a test may be skipped stands in tests/allowed-skips.txt, as the beginning of the reason, or begins with
/// one of the words for a machine that lacks what a run as root on Debian has; there such a skip is a failure of the run.
/// </summary>
public sealed partial class SkipReasonTests
{
    static readonly string[] MachinePrefixes = ["interop: ", "machine: "];

    static readonly string[] AllowedPrefixes = [.. MachinePrefixes, .. File.ReadLines(Path.Combine(Repository.Root, "tests", "allowed-skips.txt"))
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
    [InlineData("const string Why = \"because\"; void Test() { Assert.SkipWhen(File.Exists(\"a\"), Why + what); }", "because")]
    [InlineData("Assert.SkipWhen(condition, ReasonOf(condition));", "ReasonOf")]
    public void ReadsAReasonThatIsNotAllowed(string source, string reason)
    {
        Assert.Contains(reason, ReasonsIn(source));
        Assert.False(IsAllowed(reason));
    }

    static bool IsAllowed(string reason) => AllowedPrefixes.Any(prefix => reason.StartsWith(prefix, StringComparison.Ordinal));

    /// <summary>
    /// The reason of each skipping attribute and assertion: its last argument, which is a literal or begins with a constant of the
    /// same file. A reason that is neither comes back as its source text, which is not allowed.
    /// </summary>
    static IEnumerable<string> ReasonsIn(string source)
    {
        foreach (Match attribute in SkipAttribute().Matches(source))
            yield return attribute.Groups["reason"].Value;
        foreach (Match call in SkipCall().Matches(source))
        {
            string name = call.Groups["name"].Value;
            yield return call.Groups["reason"].Success ? call.Groups["reason"].Value
                : ConstantsIn(source).GetValueOrDefault(name, name);
        }
    }

    static Dictionary<string, string> ConstantsIn(string source)
    {
        Dictionary<string, string> constants = [];
        foreach (Match constant in StringConstant().Matches(source))
            constants[constant.Groups["name"].Value] = constant.Groups["reason"].Value;
        return constants;
    }

    [GeneratedRegex("\\bSkip\\s*=\\s*\\$?\"(?<reason>[^\"]*)\"")]
    private static partial Regex SkipAttribute();

    [GeneratedRegex("const string (?<name>\\w+)\\s*=\\s*\"(?<reason>[^\"]*)\"")]
    private static partial Regex StringConstant();

    // The condition may hold commas and literals of its own: the reason is what stands last before the end of the statement.
    [GeneratedRegex("Assert\\.Skip(?:When|Unless)?\\((?:[^;]*,)?\\s*(?:\\$?\"(?<reason>[^\"]*)\"|(?<name>\\w+)[^,\";]*)\\);")]
    private static partial Regex SkipCall();
}
