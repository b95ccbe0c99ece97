using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Ipsec.Lab.Topology;

namespace Ipsec.EndpointHost.Configuration;

/// <summary>Key files and environment variables of this machine. Relative paths start at the topology file's folder.</summary>
sealed class FileSecretSource(string topologyFile) : ISecretSource
{
    /// <summary>No key, certificate or revocation list is this long; somebody named the wrong file.</summary>
    const int MaximumOctets = 16 * 1024 * 1024;

    readonly string _folder = Path.GetDirectoryName(Path.GetFullPath(topologyFile))!;

    public bool TryReadFile(string path, [NotNullWhen(true)] out byte[]? content, [NotNullWhen(false)] out string? reason)
    {
        content = null;
        reason = null;
        string fullPath = Path.Combine(_folder, path);
        try
        {
            using FileStream stream = File.OpenRead(fullPath);
            content = Read(stream);
            if (content is null)
                reason = $"it is longer than {MaximumOctets / 1024 / 1024} MiB";
            return content is not null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            reason = FileText.ReasonFor(exception, fullPath);
            return false;
        }
    }

    /// <summary>Null for too long a file. What is read on the way is cleared; a pipe says no length beforehand.</summary>
    static byte[]? Read(FileStream stream)
    {
        byte[] octets = new byte[4096];
        int length = 0;
        while (true)
        {
            length += stream.ReadAtLeast(octets.AsSpan(length), octets.Length - length, throwOnEndOfStream: false);
            if (length < octets.Length || length > MaximumOctets)
                break;
            byte[] larger = new byte[octets.Length * 2];
            octets.CopyTo(larger, 0);
            CryptographicOperations.ZeroMemory(octets);
            octets = larger;
        }
        byte[]? content = length > MaximumOctets ? null : octets[..length];
        CryptographicOperations.ZeroMemory(octets);
        return content;
    }

    public string? ReadEnvironment(string name) => Environment.GetEnvironmentVariable(name);
}
