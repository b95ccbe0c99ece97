using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Ipsec.Lab.Topology;

namespace Ipsec.Lab.Tests.Topology;

/// <summary>The sample files of the repository, and files written in a test.</summary>
static class Samples
{
    public static string Root { get; } = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "../../.."));

    /// <summary>Every sample that is a topology file.</summary>
    public static IEnumerable<string> Names => Directory.EnumerateFiles(Path.Combine(Root, "samples"), "*.yaml").Select(path => Path.GetFileName(path))
        .Order(StringComparer.Ordinal);

    public static string Read(string name) => File.ReadAllText(Path.Combine(Root, "samples", name));

    public static TopologyModel Load(string text, ISecretSource? secrets = null)
    {
        bool isGood = TopologyFile.TryLoad(text, "test.yaml", secrets ?? new MemorySecrets(), out TopologyModel? model,
            out ImmutableArray<TopologyError> errors);
        Assert.True(isGood, string.Join('\n', errors));
        return model!;
    }

    /// <summary>The sentences of a file that must be refused.</summary>
    public static string[] Errors(string text, ISecretSource? secrets = null)
    {
        bool isGood = TopologyFile.TryLoad(text, "test.yaml", secrets ?? new MemorySecrets(), out _, out ImmutableArray<TopologyError> errors);
        Assert.False(isGood);
        Assert.NotEmpty(errors);
        return [.. errors.Select(error => error.ToString())];
    }

    static string ThisFile([CallerFilePath] string path = "") => path;
}
