using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;

namespace Ipsec.Crypto.Certificates;

/// <summary>
/// An X.501 name: the subject of a certificate and the identity ID_DER_ASN1_DN (RFC 7296 §3.5). Equality follows RFC 5280 §7.1: the same attributes in
/// the same order, text compared without regard to case, to the string type and to repeated spaces.
/// </summary>
public sealed class DistinguishedName : IEquatable<DistinguishedName>
{
    /// <summary>Octets of the longest name that is taken.</summary>
    public const int LongestEncoding = 4096;

    /// <summary>As many relative names as one name may have.</summary>
    internal const int MostRelativeNames = 64;

    readonly byte[] _encoding;

    internal DistinguishedName(byte[] encoding, ImmutableArray<ImmutableArray<NameAttribute>> relativeNames)
    {
        _encoding = encoding;
        RelativeNames = relativeNames;
    }

    /// <summary>Name, DER.</summary>
    public ReadOnlySpan<byte> Encoding => _encoding;

    public bool IsEmpty => RelativeNames.IsEmpty;

    /// <summary>A value is "*" (see <see cref="Matches"/>).</summary>
    public bool IsPattern => RelativeNames.Any(relative => relative.Any(attribute => attribute.Text == NameAttribute.Any));

    /// <summary>As they stand in the encoding; nearly always one attribute each.</summary>
    internal ImmutableArray<ImmutableArray<NameAttribute>> RelativeNames { get; }

    /// <summary>Takes the DER of a Name. False for anything else.</summary>
    public static bool TryParse(ReadOnlySpan<byte> der, [NotNullWhen(true)] out DistinguishedName? name)
    {
        name = null;
        if (der.Length > LongestEncoding)
            return false;
        try
        {
            byte[] encoding = der.ToArray();
            AsnReader outer = new(encoding, AsnEncodingRules.DER);
            AsnReader sequence = outer.ReadSequence();
            outer.ThrowIfNotEmpty();
            ImmutableArray<ImmutableArray<NameAttribute>>.Builder relativeNames = ImmutableArray.CreateBuilder<ImmutableArray<NameAttribute>>();
            while (sequence.HasData)
            {
                if (relativeNames.Count == MostRelativeNames)
                    return false;
                // Names out of DER's order of a set are in use, and compare like all others.
                AsnReader set = sequence.ReadSetOf(skipSortOrderValidation: true);
                ImmutableArray<NameAttribute>.Builder attributes = ImmutableArray.CreateBuilder<NameAttribute>();
                while (set.HasData)
                    attributes.Add(NameAttribute.Read(set.ReadSequence()));
                if (attributes.Count == 0)
                    return false;
                relativeNames.Add(attributes.ToImmutable());
            }
            name = new DistinguishedName(encoding, relativeNames.ToImmutable());
            return true;
        }
        catch (AsnContentException)
        {
            return false;
        }
    }

    /// <summary>
    /// Takes a name as people write it: "C=CH, O=Example, CN=gateway.example.org"; the values of relative names may be "*" in a pattern
    /// (see <see cref="Matches"/>). Separators are commas or slashes; a backslash or double quotes keep one inside a value.
    /// </summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out DistinguishedName? name) => DistinguishedNameText.TryParse(text, out name);

    /// <summary>Whether this name fits a pattern: the same attributes in the same order, where a value "*" in the pattern stands for any one value.</summary>
    public bool Matches(DistinguishedName pattern)
    {
        if (RelativeNames.Length != pattern.RelativeNames.Length)
            return false;
        for (int index = 0; index < RelativeNames.Length; index++)
        {
            ImmutableArray<NameAttribute> ours = RelativeNames[index], wanted = pattern.RelativeNames[index];
            if (ours.Length != wanted.Length || !wanted.All(attribute => ours.Any(candidate => candidate.Matches(attribute))))
                return false;
        }
        return true;
    }

    public bool Equals(DistinguishedName? other)
    {
        if (other is null || RelativeNames.Length != other.RelativeNames.Length)
            return false;
        for (int index = 0; index < RelativeNames.Length; index++)
        {
            ImmutableArray<NameAttribute> ours = RelativeNames[index], theirs = other.RelativeNames[index];
            if (ours.Length != theirs.Length || !theirs.All(attribute => ours.Any(candidate => candidate.Equals(attribute))))
                return false;
        }
        return true;
    }

    public override bool Equals(object? obj) => Equals(obj as DistinguishedName);

    public override int GetHashCode() => RelativeNames.Length;

    /// <summary>As people write it, in the order of the encoding, control characters shown as "?".</summary>
    public override string ToString() => DistinguishedNameText.Print(this);
}
