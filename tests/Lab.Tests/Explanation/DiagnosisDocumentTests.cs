using System.Globalization;
using System.Text.RegularExpressions;
using Ipsec.Azure.Diagnostics;
using Ipsec.Lab.Tests.Topology;

namespace Ipsec.Lab.Tests.Explanation;

/// <summary>docs/diagnosis.md says what the code does.</summary>
public partial class DiagnosisDocumentTests
{
    static string Page => File.ReadAllText(Path.Combine(Samples.Root, "docs", "diagnosis.md"));

    [Fact]
    public void EveryErrorNumberStandsThereWithItsWordsAndReasons()
    {
        Match[] rows = [.. NumberRow().Matches(Page).Cast<Match>()];
        Assert.Equal(11, rows.Length);
        Assert.All(rows, row =>
        {
            int number = int.Parse(row.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
            Assert.Equal($"0x{number:X4}", row.Groups[2].Value);
            Assert.Equal(AzureErrorNumbers.MessageOf(number), row.Groups[3].Value);
            string[] codes = [.. Code().Matches(row.Groups[4].Value.Split(':')[0]).Cast<Match>().Select(code => code.Groups[1].Value)];
            Assert.NotEmpty(codes);
            Assert.All(codes, code => Assert.Equal(number, AzureErrorNumbers.Find(code)));
        });
    }

    [Fact]
    public void EveryEndOfTrafficStandsThere()
    {
        string[] sources = [.. Directory.EnumerateFiles(Path.Combine(Samples.Root, "src", "Lab", "Explanation", "Traffic"), "*.cs").Select(File.ReadAllText)];
        string[] codes = [.. sources.SelectMany(source => ReasonCode().Matches(source).Select(match => match.Groups[1].Value)).Distinct()];
        Assert.True(codes.Length > 15);
        Assert.All(codes, code => Assert.Contains($"`{code}`", Page));
    }

    [GeneratedRegex(@"^\| ([0-9]+) \((0x[0-9A-F]{4})\) \| ([^|]+) \| ([^|]+) \|$", RegexOptions.Multiline)]
    private static partial Regex NumberRow();

    [GeneratedRegex("`([a-z0-9-]+)`")]
    private static partial Regex Code();

    [GeneratedRegex("(?:Known|Reason)\\(\"([a-z-]+)\"")]
    private static partial Regex ReasonCode();
}
