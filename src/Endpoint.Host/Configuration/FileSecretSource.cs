using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Ipsec.Lab.Topology;

namespace Ipsec.EndpointHost.Configuration;

/// <summary>Key files and environment variables of this machine. Relative paths start at the topology file's folder.</summary>
sealed class FileSecretSource(string topologyFile) : ISecretSource
{
    /// <summary>No key is this long; somebody named the wrong file.</summary>
    const long MaximumOctets = 64 * 1024;

    readonly string _folder = Path.GetDirectoryName(Path.GetFullPath(topologyFile))!;

    public bool TryReadFile(string path, [NotNullWhen(true)] out byte[]? content, [NotNullWhen(false)] out string? reason)
    {
        content = null;
        reason = null;
        string fullPath = Path.Combine(_folder, path);
        try
        {
            using FileStream stream = File.OpenRead(fullPath);
            if (stream.Length > MaximumOctets)
            {
                reason = $"it is longer than {MaximumOctets / 1024} KiB";
                return false;
            }
            byte[] octets = new byte[MaximumOctets];
            int length = stream.ReadAtLeast(octets, octets.Length, throwOnEndOfStream: false);
            content = octets[..length];
            CryptographicOperations.ZeroMemory(octets);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            reason = FileText.ReasonFor(exception, fullPath);
            return false;
        }
    }

    public string? ReadEnvironment(string name) => Environment.GetEnvironmentVariable(name);
}
