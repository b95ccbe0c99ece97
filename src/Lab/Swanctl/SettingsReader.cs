using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Ipsec.Lab.Swanctl;

/// <summary>
/// Reads the settings syntax of strongSwan's swanctl.conf: sections in braces, one "key = value" to a line, quoted values, comments, sections that take
/// over others ("name : other") and includes.
/// </summary>
sealed class SettingsReader
{
    const int MaximumDepth = 16;
    const int MaximumIncludes = 64;

    readonly Func<string, IReadOnlyList<string>> _include;
    string _text = "";
    int _position;
    int _line = 1;
    int _includes;
    string? _error;

    /// <param name="include">The texts of the files that an include's pattern names.</param>
    SettingsReader(Func<string, IReadOnlyList<string>> include) => _include = include;

    /// <param name="error">One sentence with the line.</param>
    public static bool TryRead(string text, Func<string, IReadOnlyList<string>> include, [NotNullWhen(true)] out SettingsSection? root,
        [NotNullWhen(false)] out string? error)
    {
        root = new SettingsSection("", 1);
        var reader = new SettingsReader(include);
        reader.ReadText(text, root, 0);
        error = reader._error;
        return error is null;
    }

    void ReadText(string text, SettingsSection into, int depth)
    {
        (string outerText, int outerPosition, int outerLine) = (_text, _position, _line);
        (_text, _position, _line) = (text, 0, 1);
        ReadSection(into, into, depth, isOutermost: true);
        (_text, _position, _line) = (outerText, outerPosition, outerLine);
    }

    void ReadSection(SettingsSection section, SettingsSection root, int depth, bool isOutermost)
    {
        if (depth > MaximumDepth)
            Fail($"sections are nested more than {MaximumDepth} deep");
        while (_error is null)
        {
            SkipBlank();
            if (_position == _text.Length)
            {
                if (!isOutermost)
                    Fail($"section {section.Name} of line {section.Line} is not closed");
                return;
            }
            if (_text[_position] == '}')
            {
                _position++;
                if (isOutermost)
                    Fail("a '}' closes no section");
                return;
            }
            ReadEntry(section, root, depth);
        }
    }

    void ReadEntry(SettingsSection section, SettingsSection root, int depth)
    {
        int line = _line;
        string name = ReadName();
        if (name == "include")
        {
            Include(ReadValue(), section, depth);
            return;
        }
        SkipSpaces();
        if (name.Length == 0 || _position == _text.Length)
        {
            Fail("a section or a \"key = value\" is expected");
            return;
        }
        switch (_text[_position])
        {
            case '=':
                _position++;
                section.Set(new SettingsValue(name, ReadValue(), line));
                break;
            case ':':
                _position++;
                ReadReferences(section.Open(name, line), section, root);
                ReadBody(section.Open(name, line), root, depth);
                break;
            default:
                ReadBody(section.Open(name, line), root, depth);
                break;
        }
    }

    void ReadBody(SettingsSection opened, SettingsSection root, int depth)
    {
        SkipBlank();
        if (_error is null && (_position == _text.Length || _text[_position] != '{'))
            Fail($"'{{' or '=' is expected behind {opened.Name}");
        if (_error is not null)
            return;
        _position++;
        ReadSection(opened, root, depth + 1, isOutermost: false);
    }

    /// <summary>"a, b.c": sections beside this one or from the top of the file, by their path.</summary>
    void ReadReferences(SettingsSection opened, SettingsSection parent, SettingsSection root)
    {
        do
        {
            SkipSpaces();
            string path = ReadName();
            SettingsSection? found = parent.Section(path) ?? path.Split('.').Aggregate((SettingsSection?)root, (at, part) => at?.Section(part));
            if (found is null || found == opened)
                Fail($"there is no section {path} that {opened.Name} could take over");
            else
                opened.TakeFrom(found);
            SkipSpaces();
        }
        while (_error is null && _position < _text.Length && _text[_position] == ',' && ++_position > 0);
    }

    void Include(string pattern, SettingsSection into, int depth)
    {
        foreach (string text in _include(pattern))
        {
            if (++_includes > MaximumIncludes)
                Fail($"more than {MaximumIncludes} files are included");
            if (_error is null)
                ReadText(text, into, depth);
        }
    }

    string ReadName()
    {
        int start = _position;
        while (_position < _text.Length && !char.IsWhiteSpace(_text[_position]) && _text[_position] is not ('{' or '}' or '=' or ':' or ',' or '#'))
            _position++;
        return _text[start.._position];
    }

    /// <summary>To the end of the line, or a quoted text that may go over several.</summary>
    string ReadValue()
    {
        SkipSpaces();
        if (_position < _text.Length && _text[_position] == '"')
            return ReadQuoted();
        int start = _position;
        while (_position < _text.Length && _text[_position] is not ('\n' or '#' or '}'))
            _position++;
        return _text[start.._position].Trim();
    }

    string ReadQuoted()
    {
        int line = _line;
        var value = new StringBuilder();
        for (_position++; _position < _text.Length && _text[_position] != '"'; _position++)
        {
            char character = _text[_position];
            if (character == '\n')
                _line++;
            if (character == '\\' && _position + 1 < _text.Length)
            {
                character = _text[++_position] switch { 'n' => '\n', 'r' => '\r', 't' => '\t', char other => other };
            }
            value.Append(character);
        }
        if (_position == _text.Length)
        {
            _line = line;
            Fail("a quoted text does not end");
        }
        else
        {
            _position++;
        }
        return value.ToString();
    }

    void SkipSpaces()
    {
        while (_position < _text.Length && _text[_position] is (' ' or '\t' or '\r'))
            _position++;
    }

    void SkipBlank()
    {
        for (; _position < _text.Length; _position++)
        {
            if (_text[_position] == '#')
            {
                int end = _text.IndexOf('\n', _position);
                _position = (end < 0 ? _text.Length : end) - 1;
            }
            else if (_text[_position] == '\n')
            {
                _line++;
            }
            else if (!char.IsWhiteSpace(_text[_position]))
            {
                return;
            }
        }
    }

    void Fail(string what) => _error ??= $"line {_line}: {what}";
}
