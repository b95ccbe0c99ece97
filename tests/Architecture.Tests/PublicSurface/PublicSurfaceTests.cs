using System.Reflection;

namespace Ipsec.Architecture.Tests.PublicSurface;

/// <summary>
/// Few public nouns: what each core assembly shows to others stands in a text beside this file, so that widening it is a decision
/// that somebody sees in the change.
/// </summary>
public sealed class PublicSurfaceTests
{
    /// <summary>Set to 1 for one run of these tests, it writes the texts anew.</summary>
    const string AcceptVariable = "IPSEC_ACCEPT_PUBLIC_SURFACE";

    public static TheoryData<string> Projects => [.. Repository.CoreProjects, "Crypto"];

    [Theory]
    [MemberData(nameof(Projects))]
    public void PublicSurfaceIsTheStoredOne(string project)
    {
        string file = Path.Combine(Repository.Root, "tests", "Architecture.Tests", "PublicSurface", $"{project}.txt");
        string actual = SurfaceText.Describe(Assembly.LoadFrom(Repository.AssemblyPath(project)));
        if (Environment.GetEnvironmentVariable(AcceptVariable) == "1")
            File.WriteAllText(file, actual);

        string[] stored = File.Exists(file) ? File.ReadAllLines(file) : [];
        string[] current = actual.Split('\n');
        string[] added = [.. current.Except(stored).Select(line => $"+ {line}")];
        string[] removed = [.. stored.Except(current).Select(line => $"- {line}")];
        Assert.True(string.Join('\n', stored).TrimEnd() == actual.TrimEnd(),
            $"The public surface of Ipsec.{project} is not the one in {Path.GetRelativePath(Repository.Root, file)}:\n"
            + $"{string.Join('\n', [.. added, .. removed])}\n"
            + $"If others need this, accept it with  {AcceptVariable}=1 dotnet run --project tests/Architecture.Tests  and commit the text; otherwise make " +
                "it internal.");
    }

    [Fact]
    public void TheTextTellsKindsMembersAndAccessors()
    {
        string[] lines = SurfaceText.Describe(Assembly.LoadFrom(Repository.AssemblyPath("Net"))).Split('\n');
        Assert.Contains("struct Ipsec.Net.IpPrefix", lines);
        Assert.Contains("    Int32 Length { get; }", lines);
        Assert.Contains("    static Boolean TryParse(String text, out IpPrefix prefix)", lines);
        Assert.Contains("enum Ipsec.Net.PathEncapsulation", lines);
        Assert.Contains("    RawEsp = 2", lines);
        Assert.Contains("ref struct Ipsec.Net.IpPacket", lines);
    }
}
