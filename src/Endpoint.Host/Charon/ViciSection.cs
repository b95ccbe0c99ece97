namespace Ipsec.EndpointHost.Charon;

/// <summary>
/// A message as <c>swanctl --raw</c> prints it: <c>key=value</c>, <c>key=[item item]</c> and <c>name {…}</c>, one after the other. A value may hold blanks,
/// as a distinguished name does, "C=CH, CN=my branch": it ends where a key, a section or the end of this one follows, and not behind a comma.
/// </summary>
sealed class ViciSection
{
    readonly Dictionary<string, string> _values = [];

    internal List<KeyValuePair<string, ViciSection>> Sections { get; } = [];

    /// <summary>A value, or empty where the key is not there.</summary>
    internal string this[string key] => _values.GetValueOrDefault(key, "");

    internal ViciSection? Section(string name) => Sections.FirstOrDefault(section => section.Key == name).Value;

    /// <summary>Reads the events of one name from the output of a command: <c>list-sa event {…}</c>, one on each line.</summary>
    internal static List<ViciSection> ReadEvents(string output, string name)
    {
        string start = name + " event ";
        return [.. output.Split('\n').Where(line => line.StartsWith(start, StringComparison.Ordinal)).Select(line => Parse(line[start.Length..]))];
    }

    static ViciSection Parse(string text)
    {
        int position = text.IndexOf('{') + 1;
        return ParseBody(text, ref position);
    }

    static ViciSection ParseBody(string text, ref int position)
    {
        ViciSection section = new();
        while (true)
        {
            while (text[position] == ' ')
                position++;
            if (text[position] == '}')
            {
                position++;
                return section;
            }
            int end = text.IndexOfAny([' ', '=', '{'], position);
            string key = text[position..end];
            position = end;
            while (text[position] == ' ')
                position++;
            if (text[position] == '{')
            {
                position++;
                section.Sections.Add(new(key, ParseBody(text, ref position)));
                continue;
            }
            position++; // the equals sign
            int close = text[position] == '[' ? text.IndexOf(']', position) + 1 : EndOfValue(text, position);
            section._values[key] = text[position..close].Trim('[', ']');
            position = close;
        }
    }

    static int EndOfValue(string text, int position)
    {
        int end = text.IndexOfAny([' ', '}'], position);
        while (text[end] == ' ' && (text[end - 1] == ',' || IsWord(text, end + 1)))
            end = text.IndexOfAny([' ', '}'], end + 1);
        return end;
    }

    /// <summary>What stands there is neither the end of the section nor the name of a key or of a section.</summary>
    static bool IsWord(string text, int position)
    {
        int end = text.IndexOfAny([' ', '=', '{', '}'], position);
        return end != position && text[end] is ' ' or '}' && !(text[end] == ' ' && text[end + 1] == '{');
    }
}
