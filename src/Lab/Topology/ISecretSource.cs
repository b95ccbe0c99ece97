using System.Diagnostics.CodeAnalysis;

namespace Ipsec.Lab.Topology;

/// <summary>Reads the secrets that a topology file refers to. The host implements it: the core reads no files and no environment.</summary>
public interface ISecretSource
{
    /// <summary>Reads a key file.</summary>
    /// <param name="path">As the topology file says it; a relative path starts at the topology file's folder.</param>
    /// <param name="content">The file's octets, unchanged.</param>
    /// <param name="reason">Why it cannot be read, a clause without a full stop: "it does not exist", "permission denied".</param>
    bool TryReadFile(string path, [NotNullWhen(true)] out byte[]? content, [NotNullWhen(false)] out string? reason);

    /// <summary>The value of an environment variable; null where it is not set.</summary>
    string? ReadEnvironment(string name);
}
