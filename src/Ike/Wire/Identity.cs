using System.Text;
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

    /// <summary>As strongSwan users write it: an address, user@host, otherwise a name; "@name" is a name whatever it looks like.</summary>
    public static Identity Parse(string text)
    {
        if (IpAddress.TryParse(text, out IpAddress address))
            return From(address);
        if (text.StartsWith('@'))
            return Fqdn(text[1..]);
        return text.Contains('@') ? new Identity(IdentificationType.Rfc822Address, Encoding.UTF8.GetBytes(text)) : Fqdn(text);
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
    public override string ToString() => Type switch
    {
        IdentificationType.Ipv4Address or IdentificationType.Ipv6Address when _data.Length is 4 or 16 => IpAddress.FromBytes(_data).ToString(),
        IdentificationType.Fqdn or IdentificationType.Rfc822Address when Array.TrueForAll(_data, octet => octet is > 0x20 and < 0x7F)
            => Encoding.ASCII.GetString(_data),
        _ => $"{Type}:{Convert.ToHexStringLower(_data)}",
    };
}
