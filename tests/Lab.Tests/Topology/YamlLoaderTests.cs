using System.Text;
using Ipsec.Lab.Topology.Yaml;

namespace Ipsec.Lab.Tests.Topology;

public class YamlLoaderTests
{
    [Fact]
    public void KeepsLineAndColumn()
    {
        MappingNode root = Load("a:\n  - b\n  - { c: d }\n");
        SequenceNode list = (SequenceNode)root["a"]!;

        Assert.Equal(new Mark(2, 3), list.Mark);
        Assert.Equal(new Mark(3, 10), ((MappingNode)list.Items[1])["c"]!.Mark);
    }

    [Theory]
    [InlineData("1", ScalarType.Integer)]
    [InlineData("-17", ScalarType.Integer)]
    [InlineData("1.5", ScalarType.Number)]
    [InlineData("1e3", ScalarType.Number)]
    [InlineData("123456789012345678901234567890", ScalarType.Number)]
    [InlineData("0x10", ScalarType.Text)]
    [InlineData("true", ScalarType.Boolean)]
    [InlineData("FALSE", ScalarType.Boolean)]
    [InlineData("yes", ScalarType.Text)]
    [InlineData("off", ScalarType.Text)]
    [InlineData("~", ScalarType.Null)]
    [InlineData("", ScalarType.Null)]
    [InlineData("\"1\"", ScalarType.Text)]
    [InlineData("'true'", ScalarType.Text)]
    [InlineData("10.1.0.0/16", ScalarType.Text)]
    public void PlainScalarsMeanWhatYaml12Says(string text, object type) =>
        Assert.Equal(type, ((ScalarNode)Load($"a: {text}\n")["a"]!).Type);

    [Fact]
    public void AliasStandsForItsAnchor()
    {
        MappingNode root = Load("a: &x { b: 1 }\nc: *x\n");

        Assert.Same(root["a"], root["c"]);
    }

    [Fact]
    public void AliasBombIsRefusedBeforeItGrows()
    {
        StringBuilder text = new("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (int level = 1; level < 30; level++)
            text.Append($"a{level}: &a{level} [{string.Join(", ", Enumerable.Repeat($"*a{level - 1}", 10))}]\n");

        Assert.Equal("has more than 50,000 values, what its aliases stand for included", Problem(text.ToString()).Message);
    }

    [Fact]
    public void AliasesDoNotAddUpToADepth()
    {
        StringBuilder text = new("a0: &a0 [[[[[[[[[[x]]]]]]]]]]\n");
        for (int level = 1; level < 5; level++)
            text.Append($"a{level}: &a{level} [[[[[[[[[[*a{level - 1}]]]]]]]]]]\n");

        Assert.Equal("is nested more than 32 levels deep", Problem(text.ToString()).Message);
    }

    [Fact]
    public void DepthIsBounded() => Assert.Equal("is nested more than 32 levels deep", Problem($"a: {new string('[', 100_000)}").Message);

    [Fact]
    public void SizeIsBounded() => Assert.Equal("is longer than 1,048,576 characters", Problem(new string('#', (1 << 20) + 1)).Message);

    [Theory]
    [InlineData("a: *a", "has an alias *a without an anchor before it")]
    [InlineData("a: &a [*a]", "has an alias *a without an anchor before it")]
    [InlineData("a: 1\na: 2", "has the key a twice in one mapping")]
    [InlineData("\"a\": 1\na: 2", "has the key a twice in one mapping")]
    [InlineData("[a]: 1", "has a list where a key must be text")]
    [InlineData("a: !!python/object x", "has the tag tag:yaml.org,2002:python/object; a topology has none")]
    [InlineData("a: 1\n---\nb: 2", "has a second document; a topology is one")]
    [InlineData("- a", "must be a mapping with the key name, not a list")]
    [InlineData("", "is empty; a topology has at least the key name")]
    [InlineData("# only a comment\n", "is empty; a topology has at least the key name")]
    public void SaysWhyATextIsNoTopology(string text, string message) => Assert.Equal(message, Problem(text).Message);

    [Theory]
    [InlineData("a: {")]
    [InlineData("a: \"")]
    [InlineData("a: @b")]
    [InlineData("a: b: c")]
    [InlineData("%YAML 9.9\n---\na: b")]
    public void BrokenYamlHasAPlace(string text)
    {
        YamlProblem problem = Problem(text);

        Assert.StartsWith("is not valid YAML", problem.Message);
        Assert.True(problem.Mark is { Line: >= 1, Column: >= 1 });
    }

    static MappingNode Load(string text)
    {
        Assert.True(YamlLoader.TryLoad(text, out MappingNode? root, out YamlProblem problem), problem.Message);
        return root!;
    }

    static YamlProblem Problem(string text)
    {
        Assert.False(YamlLoader.TryLoad(text, out _, out YamlProblem problem));
        return problem;
    }
}
