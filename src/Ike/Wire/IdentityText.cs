using System.Text;
using Ipsec.Crypto.Certificates;
using Ipsec.Net;

namespace Ipsec.Ike.Wire;

/// <summary>
/// Identities as people write them, the way strongSwan's users know: an address is ID_IPV4_ADDR or ID_IPV6_ADDR, user@host ID_RFC822_ADDR, text with "="
/// a distinguished name (ID_DER_ASN1_DN), everything else a name (ID_FQDN). "@name" is a name whatever it looks like, "@@name" a mail address,
/// "@#hex" ID_KEY_ID. A prefix names the type outright: ipv4: ipv6: fqdn: dns: email: rfc822: asn1dn: keyid: ; asn1dn and keyid take "#hex" too.
/// </summary>
static class IdentityText
{
    public static Identity? Read(string text)
    {
        if (IpAddress.TryParse(text, out IpAddress address))
            return Identity.From(address);
        if (text.StartsWith("@#", StringComparison.Ordinal))
            return Octets(IdentificationType.KeyId, text[2..]);
        if (text.StartsWith("@@", StringComparison.Ordinal))
            return Text(IdentificationType.Rfc822Address, text[2..]);
        if (text.StartsWith('@'))
            return Text(IdentificationType.Fqdn, text[1..]);
        if (text.Split(':', 2) is [string prefix, string value] && TypeOf(prefix) is IdentificationType type)
            return Typed(type, value);
        if (text.Contains('='))
            return DistinguishedName(text);
        return Text(text.Contains('@') ? IdentificationType.Rfc822Address : IdentificationType.Fqdn, text);
    }

    public static string Print(Identity identity)
    {
        switch (identity.Type)
        {
            case IdentificationType.Ipv4Address or IdentificationType.Ipv6Address when identity.Data.Length is 4 or 16:
                return IpAddress.FromBytes(identity.Data).ToString();
            case IdentificationType.Fqdn or IdentificationType.Rfc822Address or IdentificationType.KeyId
                when !identity.Data.IsEmpty && !identity.Data.ContainsAnyExceptInRange((byte)0x21, (byte)0x7E):
                string text = Encoding.ASCII.GetString(identity.Data);
                return identity.Type == IdentificationType.KeyId ? $"keyid:{text}" : text;
            case IdentificationType.DerAsn1Dn when Crypto.Certificates.DistinguishedName.TryParse(identity.Data, out DistinguishedName? name) && !name.IsEmpty:
                return name.ToString();
            default:
                return $"{identity.Type}:{Convert.ToHexStringLower(identity.Data)}";
        }
    }

    static IdentificationType? TypeOf(string prefix) => prefix.ToLowerInvariant() switch
    {
        "ipv4" => IdentificationType.Ipv4Address,
        "ipv6" => IdentificationType.Ipv6Address,
        "fqdn" or "dns" => IdentificationType.Fqdn,
        "email" or "rfc822" => IdentificationType.Rfc822Address,
        "asn1dn" => IdentificationType.DerAsn1Dn,
        "keyid" => IdentificationType.KeyId,
        _ => null,
    };

    static Identity? Typed(IdentificationType type, string value) => type switch
    {
        IdentificationType.Ipv4Address or IdentificationType.Ipv6Address =>
            IpAddress.TryParse(value, out IpAddress address) && address.IsV6 == (type == IdentificationType.Ipv6Address) ? Identity.From(address) : null,
        IdentificationType.DerAsn1Dn when !value.StartsWith('#') => DistinguishedName(value),
        IdentificationType.DerAsn1Dn => Octets(type, value[1..]) is Identity identity && Crypto.Certificates.DistinguishedName.TryParse(identity.Data, out _)
            ? identity : null,
        IdentificationType.KeyId when value.StartsWith('#') => Octets(type, value[1..]),
        _ => Text(type, value),
    };

    static Identity? DistinguishedName(string text) =>
        Crypto.Certificates.DistinguishedName.TryParse(text, out DistinguishedName? name) ? Identity.From(name) : null;

    static Identity? Text(IdentificationType type, string text) => text.Length == 0 ? null : new Identity(type, Encoding.UTF8.GetBytes(text));

    static Identity? Octets(IdentificationType type, string hex)
    {
        byte[] octets = new byte[hex.Length / 2];
        return hex.Length > 0 && hex.Length % 2 == 0 && Convert.FromHexString(hex, octets, out _, out _) == System.Buffers.OperationStatus.Done
            ? new Identity(type, octets)
            : null;
    }
}
