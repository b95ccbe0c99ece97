using System.Text;
using Ipsec.Crypto;
using Ipsec.Lab.Topology.Arm;
using Ipsec.Lab.Topology.Yaml;

namespace Ipsec.Lab.Topology.Reading;

/// <summary>
/// Reads a secret in its three spellings: text, <c>{file: …}</c> or <c>{env: …, default: …}</c>. No message shows a secret. The reader owns
/// what it has read and clears it when it is disposed; the configurations have copies of their own.
/// </summary>
sealed class SecretReader(ISecretSource source, ErrorList errors) : IDisposable
{
    readonly List<Secret> _secrets = [];

    /// <summary>Octets; longer than any key that somebody could mean.</summary>
    const int MaximumLength = 4096;

    /// <returns>The key, borrowed from this reader; an empty one after an error.</returns>
    public Secret Read(SourcedNode node, string? armPath = null) => node.Node switch
    {
        ScalarNode text => Checked(Encoding.UTF8.GetBytes(text.Text), node, "is empty", armPath),
        MappingNode mapping when mapping["file"] is ScalarNode file => ReadFile(file.Text, node, armPath),
        MappingNode mapping when mapping["env"] is ScalarNode name => ReadEnvironment(name.Text, mapping["default"] as ScalarNode, node, armPath),
        _ => Refuse(node, "must be text, {file: PATH} or {env: NAME, default: TEXT}", armPath),
    };

    /// <summary>A pre-shared key; one that can be guessed is worth a warning.</summary>
    public Secret ReadSharedKey(SourcedNode node, string? armPath = null)
    {
        Secret key = Read(node, armPath);
        if (key.Length > 0 && WeakSharedKey.Of(key) is string why)
            errors.Warn(node, $"is a key that can be guessed ({why})", armPath);
        return key;
    }

    public void Dispose()
    {
        foreach (Secret secret in _secrets)
            secret.Dispose();
    }

    Secret ReadFile(string path, SourcedNode node, string? armPath)
    {
        if (!source.TryReadFile(path, out byte[]? content, out string? reason))
            return Refuse(node, $"names the key file {path}, which cannot be read: {reason}", armPath);
        // An editor ends the last line of a file; no key ends in a line break.
        int length = content.AsSpan().TrimEnd("\r\n"u8).Length;
        Secret secret = Checked(content.AsSpan(0, length), node, $"names the key file {path}, which is empty", armPath);
        Array.Clear(content);
        return secret;
    }

    Secret ReadEnvironment(string name, ScalarNode? fallback, SourcedNode node, string? armPath)
    {
        string? value = source.ReadEnvironment(name) ?? fallback?.Text;
        return value is null
            ? Refuse(node, $"names the environment variable {name}, which is not set, and has no default", armPath)
            : Checked(Encoding.UTF8.GetBytes(value), node, $"names the environment variable {name}, which is empty", armPath);
    }

    Secret Checked(ReadOnlySpan<byte> octets, SourcedNode node, string emptyMessage, string? armPath)
    {
        if (octets.IsEmpty)
            return Refuse(node, emptyMessage, armPath);
        if (octets.Length > MaximumLength)
            return Refuse(node, $"must have at most {MaximumLength:N0} octets, not {octets.Length:N0}", armPath);
        Secret secret = new(octets);
        _secrets.Add(secret);
        return secret;
    }

    Secret Refuse(SourcedNode node, string message, string? armPath)
    {
        errors.Add(node, message, armPath);
        return new Secret([]);
    }
}
