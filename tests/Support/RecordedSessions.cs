namespace Ipsec.Tests.Support;

/// <summary>The sessions in <c>captures/</c> of the repository: a folder each, with packets and key tables.</summary>
public static class RecordedSessions
{
    static readonly string Root = Find();

    /// <summary>The folders' names, in order.</summary>
    public static IEnumerable<string> Names => Directory.GetDirectories(Root).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal);

    public static string PathOf(string session, string file) => Path.Combine(Root, session, file);

    static string Find()
    {
        for (DirectoryInfo? candidate = new(AppContext.BaseDirectory); candidate is not null; candidate = candidate.Parent)
        {
            if (File.Exists(Path.Combine(candidate.FullName, "Ipsec.sln")))
                return Path.Combine(candidate.FullName, "captures");
        }
        throw new InvalidOperationException($"No folder above {AppContext.BaseDirectory} holds Ipsec.sln.");
    }
}
