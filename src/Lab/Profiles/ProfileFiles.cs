using System.Collections.Immutable;
using System.Reflection;
using System.Text;

namespace Ipsec.Lab.Profiles;

/// <summary>The data files of this folder, which are part of the assembly.</summary>
static class ProfileFiles
{
    const string Prefix = "profile/";
    const string Suffix = ".yaml";

    /// <summary>Sorted.</summary>
    public static ImmutableArray<string> Names { get; } =
    [
        .. Assembly.GetExecutingAssembly().GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(name => name[Prefix.Length..^Suffix.Length]).Order(StringComparer.Ordinal),
    ];

    public static string Read(string name)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"{Prefix}{name}{Suffix}")!;
        byte[] octets = new byte[stream.Length];
        stream.ReadExactly(octets);
        return Encoding.UTF8.GetString(octets);
    }
}
