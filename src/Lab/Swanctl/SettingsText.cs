using System.Text;

namespace Ipsec.Lab.Swanctl;

/// <summary>The settings syntax of strongSwan as it is written: sections in braces, one "key = value" to a line.</summary>
sealed class SettingsText
{
    readonly StringBuilder _text = new();
    int _depth;

    /// <summary>A comment of one line.</summary>
    public void Comment(string text) => Line($"# {text}");

    public void Open(string section)
    {
        Line($"{section} {{");
        _depth++;
    }

    public void Close()
    {
        _depth--;
        Line("}");
    }

    /// <summary>Quoted where it is more than one plain word or a list of such.</summary>
    public void Set(string key, string value) => Line($"{key} = {(value.All(IsPlain) ? value : Quoted(value))}");

    public override string ToString() => _text.ToString();

    void Line(string text) => _text.Append(' ', 2 * _depth).Append(text).Append('\n');

    static bool IsPlain(char character) =>
        char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or '.' or ',' or ' ' or '/' or '%' or '[' or ']' or ':';

    static string Quoted(string value) => $"\"{value.Replace("\\", @"\\").Replace("\"", "\\\"")}\"";
}
