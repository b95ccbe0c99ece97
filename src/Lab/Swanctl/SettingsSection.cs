namespace Ipsec.Lab.Swanctl;

/// <summary>A section of a strongSwan settings file: keys with their values, and sections within it, each in the order of the file.</summary>
sealed class SettingsSection(string name, int line)
{
    readonly List<SettingsValue> _values = [];
    readonly List<SettingsSection> _sections = [];
    readonly List<SettingsSection> _bases = [];

    public string Name { get; } = name;
    public int Line { get; } = line;

    public SettingsValue? Find(string key) => _values.FindLast(value => value.Key == key)
        ?? _bases.Select(other => other.Find(key)).FirstOrDefault(found => found is not null);

    /// <summary>The text of a key, or what stands in where the file does not say.</summary>
    public string Text(string key, string otherwise) => Find(key)?.Text ?? otherwise;

    public SettingsSection? Section(string name) => Sections.FirstOrDefault(section => section.Name == name);

    /// <summary>Its own sections first, then those that it takes over and does not name itself.</summary>
    public IEnumerable<SettingsSection> Sections =>
        _sections.Concat(_bases.SelectMany(other => other.Sections).Where(taken => _sections.TrueForAll(own => own.Name != taken.Name)));

    public IEnumerable<SettingsValue> Values => _values;

    public void Set(SettingsValue value) => _values.Add(value);

    /// <summary>A section that is written twice is one section.</summary>
    public SettingsSection Open(string sectionName, int sectionLine)
    {
        SettingsSection? existing = _sections.Find(section => section.Name == sectionName);
        if (existing is null)
            _sections.Add(existing = new SettingsSection(sectionName, sectionLine));
        return existing;
    }

    /// <summary>What this section does not say is taken from another one ("name : other { }").</summary>
    public void TakeFrom(SettingsSection other) => _bases.Add(other);
}

/// <summary>One setting and its line in the file.</summary>
sealed record SettingsValue(string Key, string Text, int Line);
