using System.Diagnostics.CodeAnalysis;
using System.Text;
using Ipsec.Crypto.Certificates;
using Ipsec.Net;

namespace Ipsec.Ike.Wire;

/// <summary>An identity as RFC 7296 §3.5 puts it on the wire: type and octets, compared exactly.</summary>
public sealed class Identity : IEquatable<Identity>
{
    readonly byte[] _data;

    public Identity(IdentificationType type, ReadOnlySpan<byte> data)
    {
        Type = type;
        _data = data.ToArray();
    }

    public IdentificationType Type { get; }

    public ReadOnlySpan<byte> Data => _data;

    public static Identity From(IpAddress address) =>
        new(address.IsV6 ? IdentificationType.Ipv6Address : IdentificationType.Ipv4Address, address.ToByteArray());

    public static Identity Fqdn(string name) => new(IdentificationType.Fqdn, Encoding.UTF8.GetBytes(name));

    /// <summary>The subject of a certificate as ID_DER_ASN1_DN, octet for octet (RFC 4945 §3.1.5).</summary>
    public static Identity From(DistinguishedName name) => new(IdentificationType.DerAsn1Dn, name.Encoding);

    /// <summary>As strongSwan users write it; <see cref="IdentityText"/> has the forms.</summary>
    /// <exception cref="FormatException">The text has none of the forms.</exception>
    public static Identity Parse(string text) =>
        TryParse(text, out Identity? identity) ? identity : throw new FormatException($"'{text}' is no identity");

    /// <summary>As strongSwan users write it; <see cref="IdentityText"/> has the forms.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out Identity? identity)
    {
        identity = IdentityText.Read(text);
        return identity is not null;
    }

    public bool Equals(Identity? other) => other is not null && Type == other.Type && _data.AsSpan().SequenceEqual(other._data);

    public override bool Equals(object? obj) => Equals(obj as Identity);

    public override int GetHashCode()
    {
        // FNV-1a: the same in every process, unlike HashCode.
        uint hash = 2166136261 ^ (uint)Type;
        foreach (byte octet in _data)
            hash = (hash ^ octet) * 16777619;
        return (int)hash;
    }

    /// <summary>Readable and harmless in a log: what is no printable text is shown as hexadecimal octets.</summary>
    public override string ToString() => IdentityText.Print(this);
}
