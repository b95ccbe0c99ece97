using System.Collections.Immutable;
using Ipsec.Ike.Configuration;
using Ipsec.Lab.Topology.Sites;

namespace Ipsec.Lab.Profiles;

/// <summary>What a kind of device does where the file says nothing, and the public document that says so: one data file of this folder.</summary>
sealed record DeviceProfile
{
    const string DefaultName = "strongswan";

    static readonly ImmutableSortedDictionary<string, Lazy<DeviceProfile>> ByName = ProfileFiles.Names.ToImmutableSortedDictionary(
        name => name, name => new Lazy<DeviceProfile>(() => ProfileReader.Read(ProfileFiles.Read(name), $"{name}.yaml")), StringComparer.Ordinal);

    public required string Name { get; init; }

    /// <summary>Vendor and product.</summary>
    public required string Title { get; init; }

    /// <summary>Versions, and how the device is used.</summary>
    public required string Device { get; init; }
    public required DeviceSettings Settings { get; init; }

    /// <summary>The documents, by the name that <see cref="Origins"/> uses.</summary>
    public required ImmutableSortedDictionary<string, ProfileSource> Sources { get; init; }

    /// <summary>For each setting the document that it is from.</summary>
    public required ImmutableSortedDictionary<string, ProfileOrigin> Origins { get; init; }

    /// <summary>What the device's documents want of the Azure side, in sentences.</summary>
    public ImmutableArray<string> Azure { get; init; } = [];
    public required ProfileVocabulary Vocabulary { get; init; }

    /// <summary>All names, sorted.</summary>
    public static IEnumerable<string> Names => ByName.Keys;

    public static DeviceProfile Default => Find(DefaultName)!;

    public static DeviceProfile? Find(string name) => ByName.GetValueOrDefault(name)?.Value;

    /// <summary>What charon 5.9 offers by itself.</summary>
    public static ImmutableArray<AlgorithmProposal> StrongSwanProposals => Default.Settings.Proposals!.Value;

    public static ImmutableArray<AlgorithmProposal> StrongSwanEspProposals => Default.Settings.EspProposals!.Value;
}

/// <summary>A public document.</summary>
sealed record ProfileSource(string Title, string Url);

/// <summary>Where a setting is from.</summary>
/// <param name="Source">Null: no document says it; then the note tells what stands in.</param>
sealed record ProfileOrigin(ProfileSource? Source, string? Note);
