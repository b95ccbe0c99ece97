using System.Collections.Immutable;
using Ipsec.Lab.Topology.Arm;
using Ipsec.Lab.Topology.Reading;
using Ipsec.Lab.Topology.Schema;
using Ipsec.Lab.Topology.Sites;
using Ipsec.Lab.Topology.Yaml;

namespace Ipsec.Lab.Profiles;

/// <summary>Reads a profile: YAML, its schema, the settings as a topology file has them, and an origin for each of them.</summary>
static class ProfileReader
{
    static readonly TimeSpan DefaultRetryDelay = TimeSpan.FromSeconds(5);

    /// <exception cref="FormatException">The file is at fault; profiles are part of this program.</exception>
    public static DeviceProfile Read(string text, string fileName)
    {
        ErrorList errors = new(fileName);
        DeviceProfile? profile = null;
        if (!YamlLoader.TryLoad(text, out MappingNode? root, out YamlProblem problem))
            errors.Add(problem.Mark, "", problem.Message);
        else if (IsValid(root, errors))
            profile = Read(new NodeReader(new SourcedNode(root, "")), errors);
        return errors.IsEmpty ? profile! : throw new FormatException(string.Join(Environment.NewLine, errors.ToImmutable()));
    }

    static bool IsValid(MappingNode root, ErrorList errors)
    {
        foreach (SchemaViolation violation in SchemaValidator.Validate(root, SchemaDocument.DeviceProfile))
            errors.Add(violation.Mark, violation.Key, violation.Message);
        return errors.IsEmpty;
    }

    static DeviceProfile Read(NodeReader file, ErrorList errors)
    {
        ImmutableSortedDictionary<string, ProfileSource> sources = file.Named("sources").ToImmutableSortedDictionary(
            source => source.Name, source => new ProfileSource(source.Value.Text("title")!, source.Value.Text("url")!), StringComparer.Ordinal);
        NodeReader settings = file.Child("settings")!.Value;
        CheckOrigins(settings, file.Child("from")!.Value, errors);
        return new DeviceProfile
        {
            Name = file.Text("name")!,
            Title = file.Text("title")!,
            Device = file.Text("device")!,
            Settings = SettingsReader.Read(settings, errors).Over(new DeviceSettings { RetryDelay = DefaultRetryDelay }),
            Sources = sources,
            Origins = file.Named("from").ToImmutableSortedDictionary(
                origin => origin.Name, origin => ReadOrigin(origin.Value, sources, errors), StringComparer.Ordinal),
            Azure = [.. file.Items("azure").Select(NodeReader.TextOf)],
            Vocabulary = new ProfileVocabulary(Texts(file, "menu"), Texts(file, "ikeWords"), Texts(file, "espWords")),
        };
    }

    static void CheckOrigins(NodeReader settings, NodeReader origins, ErrorList errors)
    {
        foreach ((ScalarNode key, _) in ((MappingNode)settings.Source.Node).Entries.Where(entry => origins.Find(entry.Key.Text) is null))
            errors.Add(key.Mark, $"settings.{key.Text}", "has no entry under from");
    }

    static ProfileOrigin ReadOrigin(NodeReader origin, ImmutableSortedDictionary<string, ProfileSource> sources, ErrorList errors)
    {
        string? note = origin.Text("note");
        if (origin.Text("source") is not string name)
        {
            if (note is null)
                errors.Add(origin.Source, "must have a source, or a note that says what stands in");
            return new ProfileOrigin(null, note);
        }
        if (!sources.TryGetValue(name, out ProfileSource? source))
            errors.Add(origin.Source, $"names the source {name}; accepted: {string.Join(", ", sources.Keys)}");
        return new ProfileOrigin(source, note);
    }

    static ImmutableSortedDictionary<string, string> Texts(NodeReader file, string key) => file.Find(key) is not { Node: MappingNode mapping }
        ? ImmutableSortedDictionary<string, string>.Empty
        : mapping.Entries.ToImmutableSortedDictionary(entry => entry.Key.Text, entry => ((ScalarNode)entry.Value).Text, StringComparer.Ordinal);
}
