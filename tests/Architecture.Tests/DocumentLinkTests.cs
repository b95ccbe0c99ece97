using System.Text.RegularExpressions;

namespace Ipsec.Architecture.Tests;

/// <summary>What the documents point at is there: RFC coverage names a file and a test for each section, and none of them may move unnoticed.</summary>
public sealed partial class DocumentLinkTests
{
    public static TheoryData<string> Documents =>
    [
        .. new[] { "README.md", "CONTRIBUTING.md" }
            .Concat(Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md").Select(file => Path.GetRelativePath(Repository.Root, file)))
            .Concat(Directory.EnumerateFiles(Path.Combine(Repository.Root, "captures"), "*.md").Select(file => Path.GetRelativePath(Repository.Root, file)))
            .Order(StringComparer.Ordinal),
    ];

    [Theory, MemberData(nameof(Documents))]
    public void EveryRelativeLinkLeadsToAFile(string document)
    {
        string path = Path.Combine(Repository.Root, document);
        string[] broken =
        [
            .. Links().Matches(File.ReadAllText(path))
                .Select(match => match.Groups["target"].Value)
                .Where(target => target.Length > 0 && !target.Contains("://", StringComparison.Ordinal))
                .Where(target => !Path.Exists(Path.Combine(Path.GetDirectoryName(path)!, target)))
                .Distinct(),
        ];
        Assert.True(broken.Length == 0, $"{document} points at what is not there: {string.Join(", ", broken)}");
    }

    [Fact]
    public void RfcCoverageNamesCodeAndTestsInEachRow()
    {
        string[] rows = [.. File.ReadLines(Path.Combine(Repository.Root, "docs", "rfc-coverage.md"))
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal) && line.Contains("](", StringComparison.Ordinal))];
        Assert.True(rows.Length > 40, $"only {rows.Length} rows");
        Assert.All(rows, row =>
        {
            Assert.Contains("](../src/", row, StringComparison.Ordinal);
            Assert.Contains("](../tests/", row, StringComparison.Ordinal);
        });
    }

    [GeneratedRegex(@"\]\((?<target>[^)#\s]*)(#[^)]*)?\)")]
    private static partial Regex Links();
}
