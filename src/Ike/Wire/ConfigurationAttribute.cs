using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using Ipsec.Net;

namespace Ipsec.Ike.Wire;

/// <summary>Configuration attribute types, RFC 7296 §3.15.1, and of RFC 8598 §4 the last two.</summary>
public enum ConfigurationAttributeType : ushort
{
    InternalIp4Address = 1,
    InternalIp4Netmask = 2,
    InternalIp4Dns = 3,
    InternalIp4Nbns = 4,
    InternalIp4Dhcp = 6,
    ApplicationVersion = 7,
    InternalIp6Address = 8,
    InternalIp6Dns = 10,
    InternalIp6Dhcp = 12,
    InternalIp4Subnet = 13,
    SupportedAttributes = 14,
    InternalIp6Subnet = 15,
    InternalDnsDomain = 25,
    InternalDnssecTa = 26,
}

/// <summary>One attribute of a Configuration payload, RFC 7296 §3.15.1. An empty value asks, or acknowledges.</summary>
public sealed record ConfigurationAttribute(ConfigurationAttributeType Type, ReadOnlyMemory<byte> Value)
{
    //                      1                   2                   3
    //  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    // |R|         Attribute Type      |            Length             |
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    // ~                             Value                             ~
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    const ushort TypeMask = 0x7FFF;

    public ConfigurationAttribute(ConfigurationAttributeType type) : this(type, default) { }

    /// <summary>An IPv4 address alone, an IPv6 address with its prefix length where the type has one.</summary>
    public static ConfigurationAttribute Of(ConfigurationAttributeType type, IpAddress address, byte prefixLength = 128) =>
        new(type, type == ConfigurationAttributeType.InternalIp6Address ? [.. address.ToByteArray(), prefixLength] : address.ToByteArray());

    public static ConfigurationAttribute Subnet(IpPrefix network) => network.Address.IsV6
        ? new(ConfigurationAttributeType.InternalIp6Subnet, (byte[])[.. network.Address.ToByteArray(), (byte)network.Length])
        : new(ConfigurationAttributeType.InternalIp4Subnet, (byte[])[.. network.Address.ToByteArray(), .. Mask(network.Length).ToByteArray()]);

    /// <param name="length">Prefix length, 0 to 32.</param>
    public static ConfigurationAttribute Netmask(int length) => new(ConfigurationAttributeType.InternalIp4Netmask, Mask(length).ToByteArray());

    public static ConfigurationAttribute Text(ConfigurationAttributeType type, string text) => new(type, Encoding.ASCII.GetBytes(text));

    /// <summary>The address that the value begins with; false for an empty value and for types that hold none.</summary>
    public bool TryGetAddress(out IpAddress address)
    {
        address = default;
        int length = Value.Length switch { 4 => 4, 8 => 4, 16 or 17 => 16, _ => 0 };
        if (length == 0 || Type is ConfigurationAttributeType.ApplicationVersion or ConfigurationAttributeType.SupportedAttributes
            or ConfigurationAttributeType.InternalDnsDomain or ConfigurationAttributeType.InternalDnssecTa)
            return false;
        address = IpAddress.FromBytes(Value.Span[..length]);
        return true;
    }

    /// <summary>The network of a subnet attribute; false where its netmask has holes or its prefix is too long.</summary>
    public bool TryGetSubnet(out IpPrefix network)
    {
        network = default;
        if (!TryGetAddress(out IpAddress address))
            return false;
        int length;
        switch (Type)
        {
            case ConfigurationAttributeType.InternalIp4Subnet:
                if (!TryGetLength(Value.Span[4..], out length))
                    return false;
                break;
            case ConfigurationAttributeType.InternalIp6Subnet:
                length = Value.Span[16];
                break;
            default:
                return false;
        }
        if (length > address.BitLength)
            return false;
        network = new IpPrefix(address, length);
        return true;
    }

    /// <summary>The prefix length that INTERNAL_IP4_NETMASK says; false for an empty value and where the mask has holes.</summary>
    public bool TryGetNetmask(out int length)
    {
        length = 0;
        return Type == ConfigurationAttributeType.InternalIp4Netmask && Value.Length == 4 && TryGetLength(Value.Span, out length);
    }

    public bool Equals(ConfigurationAttribute? other) => other is not null && Type == other.Type && Value.Span.SequenceEqual(other.Value.Span);

    public override int GetHashCode() => (int)Type << 16 ^ Value.Length;

    /// <summary>Null if it runs over the end or has a length that its type cannot have. A type that we do not know may have any.</summary>
    internal static ConfigurationAttribute? Parse(ref OctetReader reader)
    {
        // The first bit is reserved and ignored on receipt.
        var type = (ConfigurationAttributeType)(reader.U16() & TypeMask);
        int length = reader.U16();
        ReadOnlySpan<byte> value = reader.Take(length);
        return reader.IsValid && MayHaveLength(type, length) ? new ConfigurationAttribute(type, value.ToArray()) : null;
    }

    internal void Write(OctetWriter writer)
    {
        writer.U16((ushort)Type);
        int start = writer.Length;
        writer.U16(0);
        writer.Octets(Value.Span);
        writer.PatchLength16(start, Value.Length);
    }

    // RFC 7296 §3.15.1. RFC 4306 knew INTERNAL_IP6_ADDRESS without a prefix length, and peers of that age still send it so.
    static bool MayHaveLength(ConfigurationAttributeType type, int length) => type switch
    {
        ConfigurationAttributeType.InternalIp4Address or ConfigurationAttributeType.InternalIp4Netmask or ConfigurationAttributeType.InternalIp4Dns
            or ConfigurationAttributeType.InternalIp4Nbns or ConfigurationAttributeType.InternalIp4Dhcp => length is 0 or 4,
        ConfigurationAttributeType.InternalIp6Address => length is 0 or 16 or 17,
        ConfigurationAttributeType.InternalIp6Dns or ConfigurationAttributeType.InternalIp6Dhcp => length is 0 or 16,
        ConfigurationAttributeType.InternalIp4Subnet => length is 0 or 8,
        ConfigurationAttributeType.InternalIp6Subnet => length is 0 or 17,
        ConfigurationAttributeType.SupportedAttributes => length % 2 == 0,
        _ => true,
    };

    static IpAddress Mask(int length) => IpAddress.V4(length == 0 ? 0 : uint.MaxValue << (32 - length));

    static bool TryGetLength(ReadOnlySpan<byte> mask, out int length)
    {
        uint hosts = ~BinaryPrimitives.ReadUInt32BigEndian(mask);
        length = 32 - BitOperations.PopCount(hosts);
        return (hosts & (hosts + 1)) == 0;
    }
}
