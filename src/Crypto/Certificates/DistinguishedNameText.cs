using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;
using System.Text;

namespace Ipsec.Crypto.Certificates;

/// <summary>Names as people write them; the short attribute names of RFC 4514 §3, of OpenSSL and of strongSwan.</summary>
static class DistinguishedNameText
{
    const string EmailAddress = "1.2.840.113549.1.9.1";
    const string DomainComponent = "0.9.2342.19200300.100.1.25";
    const string CountryName = "2.5.4.6";

    static readonly ImmutableArray<(string Name, string Type)> Attributes =
    [
        ("CN", "2.5.4.3"), ("SN", "2.5.4.4"), ("serialNumber", "2.5.4.5"), ("C", CountryName), ("L", "2.5.4.7"), ("ST", "2.5.4.8"), ("STREET", "2.5.4.9"),
        ("O", "2.5.4.10"), ("OU", "2.5.4.11"), ("T", "2.5.4.12"), ("D", "2.5.4.13"), ("N", "2.5.4.41"), ("G", "2.5.4.42"), ("I", "2.5.4.43"),
        ("dnQualifier", "2.5.4.46"), ("emailAddress", EmailAddress), ("unstructuredName", "1.2.840.113549.1.9.2"), ("DC", DomainComponent),
        ("UID", "0.9.2342.19200300.100.1.1"),
        // Other spellings that are read.
        ("S", "2.5.4.8"), ("E", EmailAddress), ("email", EmailAddress), ("title", "2.5.4.12"), ("GN", "2.5.4.42"), ("surname", "2.5.4.4"),
    ];

    internal static string Print(DistinguishedName name) =>
        string.Join(", ", name.RelativeNames.Select(relative => string.Join(" + ", relative.Select(Print))));

    internal static bool TryParse(string text, [NotNullWhen(true)] out DistinguishedName? name)
    {
        name = null;
        AsnWriter writer = new(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            int position = 0;
            if (text.StartsWith('/'))
                position = 1;
            while (position < text.Length)
            {
                int equals = text.IndexOf('=', position);
                if (equals < 0 || TypeOf(text[position..equals].Trim()) is not string type || ReadValue(text, equals + 1, out position) is not string value)
                    return false;
                Write(writer, type, value);
            }
        }
        return DistinguishedName.TryParse(writer.Encode(), out name) && !name.IsEmpty;
    }

    static string Print(NameAttribute attribute)
    {
        string type = Attributes.FirstOrDefault(entry => entry.Type == attribute.Type).Name ?? attribute.Type;
        if (attribute.Text is null)
            return $"{type}=#{Convert.ToHexStringLower(attribute.Encoding.Span)}";
        StringBuilder value = new();
        foreach (char character in attribute.Text)
        {
            if (character is ',' or '+' or '"' or '\\' or '/')
                value.Append('\\');
            value.Append(char.IsControl(character) || char.IsSurrogate(character) ? '?' : character);
        }
        return $"{type}={value}";
    }

    static string? TypeOf(string name)
    {
        if (Attributes.FirstOrDefault(entry => entry.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Type is string type)
            return type;
        return name.Length > 2 && char.IsAsciiDigit(name[0]) && name.All(character => char.IsAsciiDigit(character) || character == '.')
            && IsObjectIdentifier(name)
            ? name
            : null;
    }

    static bool IsObjectIdentifier(string name)
    {
        try
        {
            new AsnWriter(AsnEncodingRules.DER).WriteObjectIdentifier(name);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    /// <summary>The value up to the next separator, and the position behind it; null if it is empty or its quotes are not closed.</summary>
    static string? ReadValue(string text, int start, out int next)
    {
        StringBuilder value = new();
        bool quoted = false;
        for (next = start; next < text.Length; next++)
        {
            char character = text[next];
            if (character == '\\' && next + 1 < text.Length)
                value.Append(text[++next]);
            else if (character == '"')
                quoted = !quoted;
            else if (!quoted && character is ',' or '/')
                break;
            else
                value.Append(character);
        }
        next++;
        string result = value.ToString().Trim();
        return quoted || result.Length == 0 ? null : result;
    }

    static void Write(AsnWriter writer, string type, string value)
    {
        using (writer.PushSetOf())
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(type);
            writer.WriteCharacterString(TagOf(type, value), value);
        }
    }

    /// <summary>RFC 5280 §4.1.2.4 and appendix A: the types that a certificate's own name most likely has.</summary>
    static UniversalTagNumber TagOf(string type, string value) => type switch
    {
        EmailAddress or DomainComponent when value.All(char.IsAscii) => UniversalTagNumber.IA5String,
        _ when value.All(character => char.IsAsciiLetterOrDigit(character) || " '()+,-./:=?".Contains(character, StringComparison.Ordinal))
            => UniversalTagNumber.PrintableString,
        _ => UniversalTagNumber.UTF8String,
    };
}
