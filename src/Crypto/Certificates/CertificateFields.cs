using System.Collections.Immutable;
using System.Formats.Asn1;
using System.Numerics;

namespace Ipsec.Crypto.Certificates;

/// <summary>What we read ourselves of a Certificate (RFC 5280 §4.1), strictly in DER.</summary>
sealed class CertificateFields
{
    const string SubjectAlternativeNameExtension = "2.5.29.17";
    const string BasicConstraintsExtension = "2.5.29.19";
    const string KeyUsageExtension = "2.5.29.15";
    const string ExtendedKeyUsageExtension = "2.5.29.37";
    const string CrlDistributionPointsExtension = "2.5.29.31";
    const string AuthorityInformationAccessExtension = "1.3.6.1.5.5.7.1.1";
    const string OnlineStatus = "1.3.6.1.5.5.7.48.1";

    const int MostExtensions = 64;
    const int MostPurposes = 64;
    const int LongestSerialNumber = 32;

    internal required byte[] SerialNumber { get; init; }
    internal required DistinguishedName Issuer { get; init; }
    internal required DistinguishedName Subject { get; init; }
    internal required DateTimeOffset NotBefore { get; init; }
    internal required DateTimeOffset NotAfter { get; init; }
    internal required ReadOnlyMemory<byte> SubjectPublicKeyInfo { get; init; }

    internal ImmutableArray<SubjectAlternativeName> AlternativeNames { get; private set; } = [];
    internal bool IsAuthority { get; private set; }
    internal KeyUsages? KeyUsages { get; private set; }
    internal ImmutableArray<string>? ExtendedKeyUsages { get; private set; }
    internal bool NamesRevocationSource { get; private set; }

    /// <summary>Null for anything malformed: an extension that comes twice among them (RFC 5280 §4.2).</summary>
    internal static CertificateFields? Parse(ReadOnlyMemory<byte> der)
    {
        try
        {
            AsnReader outer = new(der, AsnEncodingRules.DER);
            AsnReader certificate = outer.ReadSequence();
            outer.ThrowIfNotEmpty();
            AsnReader fields = certificate.ReadSequence();
            certificate.ReadSequence();
            certificate.ReadBitString(out _);
            certificate.ThrowIfNotEmpty();
            return ReadFields(fields);
        }
        catch (AsnContentException)
        {
            return null;
        }
    }

    static CertificateFields? ReadFields(AsnReader fields)
    {
        BigInteger version = 0;
        Asn1Tag versionTag = new(TagClass.ContextSpecific, 0, isConstructed: true);
        if (fields.PeekTag() == versionTag)
            version = fields.ReadSequence(versionTag).ReadInteger();
        ReadOnlyMemory<byte> serialNumber = fields.ReadIntegerBytes();
        fields.ReadSequence();
        if (version < 0 || version > 2 || serialNumber.Length > LongestSerialNumber
            || !DistinguishedName.TryParse(fields.ReadEncodedValue().Span, out DistinguishedName? issuer))
            return null;
        AsnReader validity = fields.ReadSequence();
        DateTimeOffset notBefore = ReadTime(validity), notAfter = ReadTime(validity);
        validity.ThrowIfNotEmpty();
        if (!DistinguishedName.TryParse(fields.ReadEncodedValue().Span, out DistinguishedName? subject))
            return null;
        CertificateFields result = new()
        {
            SerialNumber = serialNumber.ToArray(),
            Issuer = issuer,
            Subject = subject,
            NotBefore = notBefore,
            NotAfter = notAfter,
            SubjectPublicKeyInfo = fields.ReadEncodedValue(),
        };
        // issuerUniqueID and subjectUniqueID have no use here.
        while (fields.HasData)
        {
            Asn1Tag tag = fields.PeekTag();
            if (tag == new Asn1Tag(TagClass.ContextSpecific, 3, isConstructed: true))
                return result.ReadExtensions(fields.ReadSequence(tag)) && !fields.HasData ? result : null;
            fields.ReadEncodedValue();
        }
        return result;
    }

    internal static DateTimeOffset ReadTime(AsnReader reader) =>
        reader.PeekTag().TagValue == (int)UniversalTagNumber.UtcTime ? reader.ReadUtcTime() : reader.ReadGeneralizedTime();

    bool ReadExtensions(AsnReader explicitExtensions)
    {
        AsnReader extensions = explicitExtensions.ReadSequence();
        explicitExtensions.ThrowIfNotEmpty();
        List<string> seen = [];
        while (extensions.HasData)
        {
            AsnReader extension = extensions.ReadSequence();
            string type = extension.ReadObjectIdentifier();
            if (extension.PeekTag() == Asn1Tag.Boolean)
                extension.ReadBoolean();
            ReadOnlyMemory<byte> value = extension.ReadOctetString();
            extension.ThrowIfNotEmpty();
            if (seen.Contains(type) || seen.Count == MostExtensions)
                return false;
            seen.Add(type);
            if (!ReadExtension(type, value))
                return false;
        }
        return true;
    }

    bool ReadExtension(string type, ReadOnlyMemory<byte> value)
    {
        AsnReader outer = new(value, AsnEncodingRules.DER);
        switch (type)
        {
            case SubjectAlternativeNameExtension:
                if (SubjectAlternativeName.ParseAll(value) is not List<SubjectAlternativeName> names)
                    return false;
                AlternativeNames = [.. names];
                return true;
            case BasicConstraintsExtension:
                AsnReader constraints = outer.ReadSequence();
                IsAuthority = constraints.HasData && constraints.PeekTag() == Asn1Tag.Boolean && constraints.ReadBoolean();
                return !outer.HasData;
            case KeyUsageExtension:
                KeyUsages = outer.ReadNamedBitListValue<KeyUsages>();
                return !outer.HasData;
            case ExtendedKeyUsageExtension:
                AsnReader purposes = outer.ReadSequence();
                ImmutableArray<string>.Builder list = ImmutableArray.CreateBuilder<string>();
                while (purposes.HasData && list.Count < MostPurposes)
                    list.Add(purposes.ReadObjectIdentifier());
                ExtendedKeyUsages = list.ToImmutable();
                return !outer.HasData && !purposes.HasData;
            case CrlDistributionPointsExtension:
                NamesRevocationSource = true;
                return true;
            case AuthorityInformationAccessExtension:
                AsnReader descriptions = outer.ReadSequence();
                while (descriptions.HasData)
                    NamesRevocationSource |= descriptions.ReadSequence().ReadObjectIdentifier() == OnlineStatus;
                return !outer.HasData;
            default:
                return true;
        }
    }
}
