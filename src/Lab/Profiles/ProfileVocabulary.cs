using System.Collections.Immutable;

namespace Ipsec.Lab.Profiles;

/// <summary>How a device's own command line or menu says things, as far as it is documented.</summary>
/// <param name="Menu">For each row of a device's configuration where it is typed, with {placeholders}.</param>
/// <param name="IkeWords">The device's word for an algorithm of the IKE SA, by the word of a proposal.</param>
/// <param name="EspWords">The same for child SAs.</param>
sealed record ProfileVocabulary(ImmutableSortedDictionary<string, string> Menu, ImmutableSortedDictionary<string, string> IkeWords,
    ImmutableSortedDictionary<string, string> EspWords)
{
    /// <summary>Stands in the lists for the integrity algorithm of a combined-mode cipher.</summary>
    const string CombinedMode = "aead";

    /// <summary>The text of a row with its placeholders filled; empty where the profile has none.</summary>
    public string Fill(string row, params ReadOnlySpan<(string Placeholder, string Value)> values)
    {
        string text = Menu.GetValueOrDefault(row, "");
        foreach ((string placeholder, string value) in values)
            text = text.Replace($"{{{placeholder}}}", value, StringComparison.Ordinal);
        return text;
    }

    /// <summary>The device's words for algorithms, first choice first; what has no word is marked.</summary>
    public static string Say(ImmutableSortedDictionary<string, string> words, IEnumerable<string> tokens) =>
        string.Join(' ', tokens.Select(token => words.GetValueOrDefault(token, $"({token}: no word in this profile)")));

    /// <summary>What the device wants to hear about integrity beside a combined-mode cipher.</summary>
    public static string SayCombinedMode(ImmutableSortedDictionary<string, string> words, string encryption) =>
        words.GetValueOrDefault(CombinedMode, "none").Replace("{encryption}", encryption, StringComparison.Ordinal);
}
