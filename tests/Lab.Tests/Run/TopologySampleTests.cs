using Ipsec.Lab.Graph;
using Ipsec.Lab.Tests.Support;
using Ipsec.Lab.Tests.Topology;
using Ipsec.Lab.Topology;

namespace Ipsec.Lab.Tests.Run;

/// <summary>samples/topologies: every topology of Azure's design page.</summary>
public class TopologySampleTests
{
    const int MostLines = 60;

    static string Folder => Path.Combine(Samples.Root, "samples", "topologies");

    public static TheoryData<string> Names() => [.. Directory.EnumerateFiles(Folder, "*.yaml").Select(path => Path.GetFileNameWithoutExtension(path))
        .Order(StringComparer.Ordinal)];

    [Fact]
    public void ThereAreThirteen() => Assert.Equal(13, Names().Count);

    [Theory]
    [MemberData(nameof(Names))]
    public void EveryExpectationHolds(string name) => Labs.AssertPassed(Labs.RunToEnd(Load(name)));

    [Theory]
    [MemberData(nameof(Names))]
    public void IsShortAndSaysWhatMustNotWork(string name)
    {
        string[] lines = File.ReadAllLines(Path.Combine(Folder, $"{name}.yaml"));
        Assert.InRange(lines.Length, 1, MostLines);
        Assert.StartsWith("# ", lines[0]);
        TopologyModel model = Load(name);
        Assert.Equal(name, model.Name);
        // Where everything is allowed, something goes wrong and must not show.
        Assert.True(!model.Faults.IsEmpty
            || model.Expectations.Any(expectation => expectation is PingExpectation { MustSucceed: false } or FetchExpectation { MustSucceed: false }));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void ItsPageShowsTheDrawingOfTheTool(string name)
    {
        string pages = Path.Combine(Samples.Root, "docs", "topologies");
        Assert.Equal(TopologyDrawing.ToSvg(Load(name)), File.ReadAllText(Path.Combine(pages, $"{name}.svg")));
        string page = File.ReadAllText(Path.Combine(pages, $"{name}.md"));
        Assert.Contains($"]({name}.svg)", page);
        Assert.Contains($"](../../samples/topologies/{name}.yaml)", page);
        Assert.Contains($"]({name}.md)", File.ReadAllText(Path.Combine(pages, "README.md")));
    }

    static TopologyModel Load(string name) => Samples.Load(File.ReadAllText(Path.Combine(Folder, $"{name}.yaml")));
}
