using System.Diagnostics.CodeAnalysis;
using System.Text;
using Ipsec.Lab.Topology;

namespace Ipsec.Lab.Tests.Topology;

/// <summary>Key files and environment variables that exist only in a test.</summary>
sealed class MemorySecrets : ISecretSource
{
    public Dictionary<string, string> Files { get; } = [];
    public Dictionary<string, string> Environment { get; } = [];

    public bool TryReadFile(string path, [NotNullWhen(true)] out byte[]? content, [NotNullWhen(false)] out string? reason)
    {
        bool exists = Files.TryGetValue(path, out string? text);
        content = exists ? Encoding.UTF8.GetBytes(text!) : null;
        reason = exists ? null : "it does not exist";
        return exists;
    }

    public string? ReadEnvironment(string name) => Environment.GetValueOrDefault(name);
}
