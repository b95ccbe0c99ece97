namespace Ipsec.Architecture.Tests;

/// <summary>Where the solution stands, found upwards from the test's own folder.</summary>
static class Repository
{
    /// <summary>The projects of the core, leaves first; none of them may do I/O, read a clock or draw randomness (design decision D1).</summary>
    public static readonly string[] CoreProjects = ["Net", "Esp", "Ike", "Endpoint", "Azure", "Lab", "Capture"];

    public static string Root { get; } = Find(AppContext.BaseDirectory);

    public static string AssemblyPath(string project) => Path.Combine(AppContext.BaseDirectory, $"Ipsec.{project}.dll");

    /// <summary>The C# files below a folder, without what a build made.</summary>
    public static IEnumerable<string> SourceFiles(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal)
                           && !file.Contains($"{Path.DirectorySeparatorChar}bin{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);

    static string Find(string folder)
    {
        for (DirectoryInfo? candidate = new(folder); candidate is not null; candidate = candidate.Parent)
        {
            if (File.Exists(Path.Combine(candidate.FullName, "Ipsec.sln")))
                return candidate.FullName;
        }
        throw new InvalidOperationException($"No folder above {folder} holds Ipsec.sln.");
    }
}
