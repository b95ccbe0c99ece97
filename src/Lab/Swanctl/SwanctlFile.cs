using System.Collections.Immutable;
using Ipsec.Crypto;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Wire;
using Ipsec.Lab.Topology;

namespace Ipsec.Lab.Swanctl;

/// <summary>
/// A strongSwan peer's swanctl.conf: its connections and pre-shared keys. What stands in other files (certificates, private keys) is not read.
/// </summary>
sealed record SwanctlFile(ImmutableArray<SwanctlConnection> Connections, ImmutableArray<PresharedKey> PresharedKeys)
{
    /// <param name="errors">One sentence for each fault, with its line and the accepted values; empty on success.</param>
    /// <param name="include">The texts of the files that an include's pattern names.</param>
    public static SwanctlFile? Load(string text, string fileName, Func<string, IReadOnlyList<string>> include, out ImmutableArray<TopologyError> errors)
    {
        if (!SettingsReader.TryRead(text, include, out SettingsSection? root, out string? fault))
        {
            errors = [Error(fileName, 0, "", $"{fault}.")];
            return null;
        }
        var reader = new SwanctlReader();
        ImmutableArray<SwanctlConnection> connections = [.. root.Section("connections")?.Sections.Select(reader.ReadConnection).OfType<SwanctlConnection>()
            ?? []];
        ImmutableArray<PresharedKey> keys = [.. root.Section("secrets")?.Sections.Where(section => section.Name.StartsWith("ike", StringComparison.Ordinal))
            .SelectMany(reader.ReadKeys) ?? []];
        errors = [.. reader.Errors.Select(error => Error(fileName, error.Line, error.Key, error.Text))];
        return errors.IsEmpty ? new SwanctlFile(connections, keys) : null;
    }

    static TopologyError Error(string fileName, int line, string key, string text) => new(fileName, line, 0, key, null, text);
}

/// <summary>A fault of a swanctl.conf.</summary>
sealed record SwanctlError(int Line, string Key, string Text);
