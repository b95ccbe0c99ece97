using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Ipsec.Net;

/// <summary>A network in CIDR form. Bits behind the prefix length are always zero.</summary>
public readonly record struct IpPrefix
{
    /// <exception cref="ArgumentOutOfRangeException">The length is negative or longer than the address.</exception>
    public IpPrefix(IpAddress address, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, address.BitLength);
        Length = length;
        UInt128 network = address.Bits & ~HostMask(address.BitLength, length);
        Address = address.IsV6 ? IpAddress.V6(network) : IpAddress.V4((uint)network);
    }

    /// <summary>The network address.</summary>
    public IpAddress Address { get; }

    /// <summary>0 to 32 for IPv4, 0 to 128 for IPv6.</summary>
    public int Length { get; }

    public static IpPrefix AnyV4 => new(IpAddress.AnyV4, 0);
    public static IpPrefix AnyV6 => new(IpAddress.AnyV6, 0);

    public IpAddress First => Address;

    /// <summary>The last address of the network (IPv4: the broadcast address).</summary>
    public IpAddress Last => Address.Plus(HostMask(Address.BitLength, Length));

    public IpAddressRange Range => new(First, Last);

    public static IpPrefix Host(IpAddress address) => new(address, address.BitLength);

    public bool Contains(IpAddress address) =>
        address.IsV6 == Address.IsV6 && (address.Bits & ~HostMask(Address.BitLength, Length)) == Address.Bits;

    public bool Contains(IpPrefix other) => other.Length >= Length && Contains(other.Address);

    public bool Overlaps(IpPrefix other) => Contains(other.Address) || other.Contains(Address);

    /// <summary>Parses "10.1.0.0/16". A bare address is a host prefix; bits behind the length must be zero.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out IpPrefix prefix)
    {
        prefix = default;
        if (text is null)
            return false;
        int slash = text.IndexOf('/');
        if (!IpAddress.TryParse(slash < 0 ? text : text[..slash], out IpAddress address))
            return false;
        int length = address.BitLength;
        if (slash >= 0 && (!int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out length)
                           || length > address.BitLength))
            return false;
        prefix = new IpPrefix(address, length);
        return prefix.Address == address;
    }

    /// <exception cref="FormatException">The text is no network in CIDR form.</exception>
    public static IpPrefix Parse(string text) =>
        TryParse(text, out IpPrefix prefix) ? prefix : throw new FormatException($"'{text}' is not a network in CIDR form.");

    public override string ToString() => $"{Address}/{Length}";

    static UInt128 HostMask(int addressBits, int length) =>
        length == addressBits ? 0 : UInt128.MaxValue >> (128 - (addressBits - length));
}
