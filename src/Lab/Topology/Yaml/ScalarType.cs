using System.Globalization;
using System.Text.RegularExpressions;

namespace Ipsec.Lab.Topology.Yaml;

enum ScalarType
{
    Text,
    Null,
    Boolean,
    Integer,
    Number,
}

/// <summary>What a plain scalar means: the core schema of YAML 1.2 §10.3.2. "yes" and "off" are text there, and so is everything in quotes.</summary>
static partial class ScalarTypes
{
    public static ScalarType Of(string text)
    {
        if (text is "" or "~" or "null" or "Null" or "NULL")
            return ScalarType.Null;
        if (text is "true" or "True" or "TRUE" or "false" or "False" or "FALSE")
            return ScalarType.Boolean;
        if (IntegerText().IsMatch(text) && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))
            return ScalarType.Integer;
        return NumberText().IsMatch(text) ? ScalarType.Number : ScalarType.Text;
    }

    // Octal and hexadecimal numbers have no use in a topology: they stay text, and a key that wants a number refuses them.
    [GeneratedRegex(@"^[-+]?[0-9]+\z")]
    private static partial Regex IntegerText();

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\z")]
    private static partial Regex NumberText();
}
