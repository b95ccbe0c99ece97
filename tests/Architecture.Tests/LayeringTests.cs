using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Xml.Linq;

namespace Ipsec.Architecture.Tests;

/// <summary>Dependencies point one way (docs/architecture.md, "Layers"), and Ike and Esp do not know each other.</summary>
public sealed class LayeringTests
{
    /// <summary>Each project and the projects that its project file references, exactly.</summary>
    static readonly Dictionary<string, string[]> Picture = new()
    {
        ["Net"] = [],
        ["Crypto"] = [],
        ["Capture"] = ["Crypto", "Net"],
        ["Esp"] = ["Crypto", "Net"],
        ["Ike"] = ["Crypto", "Net"],
        ["Endpoint"] = ["Esp", "Ike"],
        ["Azure"] = ["Endpoint"],
        ["Lab"] = ["Azure", "Capture"],
        ["Endpoint.Host"] = ["Lab"],
        ["Interop.Tests"] = ["Endpoint.Host", "Support"],
    };

    public static TheoryData<string> Projects => [.. Picture.Keys];

    public static TheoryData<string> CoreAndCrypto => [.. Repository.CoreProjects, "Crypto"];

    [Fact]
    public void EveryProjectBelowSrcStandsInThePicture()
    {
        IEnumerable<string> found = Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.csproj", SearchOption.AllDirectories)
            .Select(file => Path.GetFileNameWithoutExtension(file));
        Assert.Equal(Picture.Keys.Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void ProjectReferencesAreThoseOfThePicture(string project)
    {
        XDocument file = XDocument.Load(Path.Combine(Repository.Root, "src", project, $"{project}.csproj"));
        IEnumerable<string> references = file.Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(((string)reference.Attribute("Include")!).Replace('\\', '/')));
        Assert.Equal(Picture[project].Order(StringComparer.Ordinal), references.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(CoreAndCrypto))]
    public void AssembliesReferenceOnlyWhatLiesBelowThem(string project)
    {
        HashSet<string> below = [.. Below(project).Select(name => $"Ipsec.{name}")];
        IEnumerable<string> references = ReferencedAssemblies(project).Where(name => name.StartsWith("Ipsec.", StringComparison.Ordinal));
        Assert.DoesNotContain(references, reference => !below.Contains(reference));
    }

    [Theory]
    [InlineData("Ike", "Esp")]
    [InlineData("Esp", "Ike")]
    public void IkeAndEspDoNotKnowEachOther(string project, string other) =>
        Assert.DoesNotContain($"Ipsec.{other}", ReferencedAssemblies(project));

    [Fact]
    public void EndpointKnowsBothHalves()
    {
        // What the tests above forbid is found where it is allowed, so they look in the right place.
        Assert.Contains("Ipsec.Ike", ReferencedAssemblies("Endpoint"));
        Assert.Contains("Ipsec.Esp", ReferencedAssemblies("Endpoint"));
    }

    static HashSet<string> Below(string project)
    {
        HashSet<string> below = [];
        foreach (string reference in Picture[project])
        {
            below.Add(reference);
            below.UnionWith(Below(reference));
        }
        return below;
    }

    static List<string> ReferencedAssemblies(string project)
    {
        using PEReader file = new(File.OpenRead(Repository.AssemblyPath(project)));
        MetadataReader metadata = file.GetMetadataReader();
        return [.. metadata.AssemblyReferences.Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name))];
    }
}
