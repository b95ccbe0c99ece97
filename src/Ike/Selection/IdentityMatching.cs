using System.Text;
using Ipsec.Crypto.Certificates;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Selection;

/// <summary>
/// Which identities a certificate proves, and which a configured identity stands for (RFC 4945 §3.1). A certificate is compared without wildcards;
/// wildcards are local policy: "*.example.org", "*@example.org", "C=CH, O=Example, CN=*".
/// </summary>
public static class IdentityMatching
{
    const byte Star = (byte)'*';

    /// <summary>
    /// Whether the certificate names this identity (RFC 7296 §3.5, RFC 4945 §3.1.1 to §3.1.9). A name in the subject's CN is no ID_FQDN. ID_KEY_ID
    /// names the key by the SHA-1 of its SubjectPublicKeyInfo, as strongSwan lets it.
    /// </summary>
    public static bool CertificateHas(Certificate certificate, Identity identity) => identity.Type switch
    {
        IdentificationType.Fqdn => HasText(certificate, AlternativeNameKind.Dns, identity.Data),
        IdentificationType.Rfc822Address => HasText(certificate, AlternativeNameKind.Email, identity.Data),
        IdentificationType.Ipv4Address => HasAddress(certificate, identity.Data, length: 4),
        IdentificationType.Ipv6Address => HasAddress(certificate, identity.Data, length: 16),
        IdentificationType.DerAsn1Dn => DistinguishedName.TryParse(identity.Data, out DistinguishedName? name) && HasName(certificate, name),
        IdentificationType.KeyId => identity.Data.SequenceEqual(certificate.PublicKeyHash.AsSpan()),
        _ => false,
    };

    /// <summary>Whether the peer may call itself this where that is configured.</summary>
    /// <param name="configured">May be a pattern.</param>
    internal static bool Fits(Identity configured, Identity received)
    {
        if (configured.Equals(received))
            return true;
        if (configured.Type != received.Type)
            return false;
        return configured.Type switch
        {
            IdentificationType.Fqdn or IdentificationType.Rfc822Address => configured.Data is [Star, ..]
                ? received.Data.Length >= configured.Data.Length && SameText(configured.Data[1..], received.Data[^(configured.Data.Length - 1)..])
                : SameText(configured.Data, received.Data),
            IdentificationType.DerAsn1Dn => DistinguishedName.TryParse(configured.Data, out DistinguishedName? pattern)
                && DistinguishedName.TryParse(received.Data, out DistinguishedName? name) && name.Matches(pattern),
            _ => false,
        };
    }

    /// <summary>It stands for several identities: it is not sent as IDr, and another connection that names one identity comes before it.</summary>
    internal static bool IsPattern(Identity configured) => configured.Type switch
    {
        IdentificationType.Fqdn or IdentificationType.Rfc822Address => configured.Data is [Star, ..],
        IdentificationType.DerAsn1Dn => DistinguishedName.TryParse(configured.Data, out DistinguishedName? name) && name.IsPattern,
        _ => false,
    };

    static bool HasText(Certificate certificate, AlternativeNameKind kind, ReadOnlySpan<byte> text)
    {
        foreach (SubjectAlternativeName name in certificate.AlternativeNames)
        {
            if (name.Kind == kind && SameText(name.Value.Span, text))
                return true;
        }
        return false;
    }

    static bool HasAddress(Certificate certificate, ReadOnlySpan<byte> address, int length)
    {
        foreach (SubjectAlternativeName name in certificate.AlternativeNames)
        {
            if (name.Kind == AlternativeNameKind.IpAddress && address.Length == length && name.Value.Span.SequenceEqual(address))
                return true;
        }
        return false;
    }

    static bool HasName(Certificate certificate, DistinguishedName name)
    {
        // RFC 4945 §3.1.5: an empty subject is no identity.
        if (name.IsEmpty)
            return false;
        if (certificate.Subject.Equals(name))
            return true;
        foreach (SubjectAlternativeName alternative in certificate.AlternativeNames)
        {
            if (alternative.Kind == AlternativeNameKind.DirectoryName
                && DistinguishedName.TryParse(alternative.Value.Span, out DistinguishedName? directoryName)
                && directoryName.Equals(name))
                return true;
        }
        return false;
    }

    /// <summary>RFC 4945 §3.1.2 and §3.1.3: case is ignored, in ASCII.</summary>
    static bool SameText(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) => Ascii.EqualsIgnoreCase(left, right);
}
