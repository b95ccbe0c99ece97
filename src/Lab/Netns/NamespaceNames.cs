using System.Text;

namespace Ipsec.Lab.Netns;

/// <summary>
/// Names of a lab on network namespaces. Each has a readable beginning; what was cut or replaced for it comes back as a short hash, so that two long names stay apart
/// and a file always gets the same ones.
/// </summary>
static class NamespaceNames
{
    /// <summary>Begins every namespace of a lab.</summary>
    public const string Prefix = "ipl-";

    const int LongestLab = 24;
    const int LongestNode = 36;

    /// <summary>IFNAMSIZ is 16, with its zero (linux/if.h).</summary>
    const int LongestInterface = 15;

    /// <summary>"ipl-01-site-to-site-pc1".</summary>
    public static string Namespace(string lab, string node) => $"{Prefix}{Bound(lab, LongestLab)}-{Bound(node, LongestNode)}";

    /// <summary>Of an interface that leads to a node.</summary>
    public static string Interface(string node) => Bound(node, LongestInterface);

    static string Bound(string name, int longest)
    {
        string clean = string.Concat(name.Select(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' ? character : '-'));
        if (clean == name && name.Length <= longest)
            return name;
        string hash = $"-{Hash(name):x4}";
        return clean[..Math.Min(clean.Length, longest - hash.Length)] + hash;
    }

    /// <summary>FNV-1a over the UTF-8 octets, folded to 16 bits: for telling names apart only.</summary>
    static uint Hash(string name)
    {
        uint hash = 2166136261;
        foreach (byte octet in Encoding.UTF8.GetBytes(name))
            hash = (hash ^ octet) * 16777619;
        return (hash >> 16) ^ (hash & 0xFFFF);
    }
}
