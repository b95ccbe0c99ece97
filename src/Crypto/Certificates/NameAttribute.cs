using System.Formats.Asn1;
using System.Text;

namespace Ipsec.Crypto.Certificates;

/// <summary>AttributeTypeAndValue of a name (RFC 5280 §4.1.2.4).</summary>
/// <param name="Type">Object identifier in dots.</param>
/// <param name="Text">The value as text; null if it is of no string type.</param>
/// <param name="Encoding">The value's DER, with its tag.</param>
sealed record NameAttribute(string Type, string? Text, ReadOnlyMemory<byte> Encoding)
{
    /// <summary>In a pattern: any value.</summary>
    internal const string Any = "*";

    internal static NameAttribute Read(AsnReader attribute)
    {
        string type = attribute.ReadObjectIdentifier();
        Asn1Tag tag = attribute.PeekTag();
        ReadOnlyMemory<byte> value = attribute.PeekEncodedValue();
        string? text = TextOf(attribute, tag);
        attribute.ThrowIfNotEmpty();
        return new NameAttribute(type, text, value);
    }

    internal bool Matches(NameAttribute pattern) => pattern.Text == Any ? Type == pattern.Type : Equals(pattern);

    public bool Equals(NameAttribute? other)
    {
        if (other is null || Type != other.Type)
            return false;
        return Text is not null && other.Text is not null
            ? string.Equals(Prepared(Text), Prepared(other.Text), StringComparison.OrdinalIgnoreCase)
            : Encoding.Span.SequenceEqual(other.Encoding.Span);
    }

    public override int GetHashCode() => Type.Length;

    /// <summary>Insignificant spaces removed (RFC 4518 §2.6.1, of which RFC 5280 §7.1 asks for this much).</summary>
    static string Prepared(string text) => string.Join(' ', text.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    static string? TextOf(AsnReader attribute, Asn1Tag tag)
    {
        if (tag.TagClass == TagClass.Universal
            && (UniversalTagNumber)tag.TagValue is UniversalTagNumber.UTF8String or UniversalTagNumber.PrintableString or UniversalTagNumber.IA5String
                or UniversalTagNumber.NumericString or UniversalTagNumber.VisibleString or UniversalTagNumber.BMPString or UniversalTagNumber.T61String)
            return attribute.ReadCharacterString((UniversalTagNumber)tag.TagValue);
        attribute.ReadEncodedValue();
        return null;
    }
}
