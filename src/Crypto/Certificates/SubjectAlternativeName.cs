using System.Formats.Asn1;
using System.Text;

namespace Ipsec.Crypto.Certificates;

/// <summary>The kinds of GeneralName that an IKE identity can match (RFC 5280 §4.2.1.6, RFC 4945 §3.1).</summary>
public enum AlternativeNameKind
{
    Email = 1,
    Dns = 2,
    DirectoryName = 4,
    Uri = 6,
    IpAddress = 7,
}

/// <summary>One name of the subjectAltName extension.</summary>
/// <param name="Value">ASCII text; 4 or 16 octets of an address; the DER of a directory name.</param>
public sealed record SubjectAlternativeName(AlternativeNameKind Kind, ReadOnlyMemory<byte> Value)
{
    /// <summary>As many names as one certificate may have.</summary>
    internal const int Most = 128;

    public bool Equals(SubjectAlternativeName? other) => other is not null && Kind == other.Kind && Value.Span.SequenceEqual(other.Value.Span);

    public override int GetHashCode() => (int)Kind << 16 ^ Value.Length;

    /// <summary>For people: what is no printable text is shown as hexadecimal octets.</summary>
    public override string ToString() => Kind switch
    {
        AlternativeNameKind.IpAddress => string.Join(Value.Length == 4 ? "." : ":",
            Value.Length == 4 ? Value.ToArray().Select(octet => $"{octet}")
                : Enumerable.Range(0, 8).Select(group => $"{Value.Span[2 * group] << 8 | Value.Span[2 * group + 1]:x}")),
        AlternativeNameKind.DirectoryName => DistinguishedName.TryParse(Value.Span, out DistinguishedName? name) ? name.ToString() : "",
        _ => Encoding.ASCII.GetString(Value.Span),
    };

    /// <summary>GeneralNames; names of other kinds are left out. Null if malformed: text outside of ASCII, an address of another length.</summary>
    internal static List<SubjectAlternativeName>? ParseAll(ReadOnlyMemory<byte> extension)
    {
        AsnReader outer = new(extension, AsnEncodingRules.DER);
        AsnReader names = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        List<SubjectAlternativeName> result = [];
        int count = 0;
        while (names.HasData)
        {
            if (++count > Most)
                return null;
            Asn1Tag tag = names.PeekTag();
            if (tag.TagClass != TagClass.ContextSpecific)
                return null;
            var kind = (AlternativeNameKind)tag.TagValue;
            switch (kind)
            {
                case AlternativeNameKind.Email or AlternativeNameKind.Dns or AlternativeNameKind.Uri:
                    byte[] text = names.ReadOctetString(tag);
                    // An embedded zero or control character would be read differently by others.
                    if (text.Length == 0 || text.AsSpan().ContainsAnyExceptInRange((byte)0x20, (byte)0x7E))
                        return null;
                    result.Add(new SubjectAlternativeName(kind, text));
                    break;
                case AlternativeNameKind.IpAddress:
                    byte[] address = names.ReadOctetString(tag);
                    if (address.Length is not (4 or 16))
                        return null;
                    result.Add(new SubjectAlternativeName(kind, address));
                    break;
                case AlternativeNameKind.DirectoryName:
                    AsnReader explicitName = names.ReadSequence(tag);
                    ReadOnlyMemory<byte> name = explicitName.ReadEncodedValue();
                    if (explicitName.HasData || !DistinguishedName.TryParse(name.Span, out _))
                        return null;
                    result.Add(new SubjectAlternativeName(kind, name));
                    break;
                default:
                    names.ReadEncodedValue();
                    break;
            }
        }
        return result;
    }
}
