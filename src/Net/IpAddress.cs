using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Ipsec.Net;

/// <summary>
/// An IPv4 or IPv6 address as a plain value: compared, ordered and stored without allocation, on the packet path too.
/// An IPv4-mapped IPv6 address is an IPv6 address. Scope identifiers are not part of the value.
/// </summary>
public readonly struct IpAddress : IEquatable<IpAddress>, IComparable<IpAddress>
{
    // Not one UInt128, which is aligned to 16 octets: addresses stand in everything that is looked at for a packet, and 24 octets are less than 32.
    readonly ulong _high;
    readonly ulong _low;
    readonly bool _isV6;

    IpAddress(UInt128 bits, bool isV6) => (_high, _low, _isV6) = ((ulong)(bits >> 64), (ulong)bits, isV6);

    IpAddress(uint bits) => _low = bits;

    /// <summary>0.0.0.0, which is also the default value.</summary>
    public static IpAddress AnyV4 => default;

    /// <summary>The unspecified IPv6 address ::.</summary>
    public static IpAddress AnyV6 => new(0, true);

    public bool IsV4 => !_isV6;
    public bool IsV6 => _isV6;

    /// <summary>True for 0.0.0.0 and ::.</summary>
    public bool IsUnspecified => (_high | _low) == 0;

    /// <summary>4 or 16 octets.</summary>
    public int ByteLength => _isV6 ? 16 : 4;

    /// <summary>32 or 128.</summary>
    public int BitLength => ByteLength * 8;

    /// <summary>The address as an unsigned number; IPv4 in the low 32 bits.</summary>
    public UInt128 Bits => new(_high, _low);

    public static IpAddress V4(uint bits) => new(bits);

    public static IpAddress V6(UInt128 bits) => new(bits, true);

    /// <summary>Reads 4 or 16 octets in network order; the caller has chosen the length.</summary>
    /// <exception cref="ArgumentException">The length is neither 4 nor 16.</exception>
    public static IpAddress FromBytes(ReadOnlySpan<byte> octets) => octets.Length switch
    {
        4 => V4(BinaryPrimitives.ReadUInt32BigEndian(octets)),
        16 => V6(BinaryPrimitives.ReadUInt128BigEndian(octets)),
        _ => throw new ArgumentException("An IP address has 4 or 16 octets.", nameof(octets)),
    };

    public static IpAddress From(IPAddress address)
    {
        Span<byte> octets = stackalloc byte[16];
        address.TryWriteBytes(octets, out int written);
        return FromBytes(octets[..written]);
    }

    /// <summary>Parses the full dotted form (four parts) or an IPv6 literal without scope.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out IpAddress address)
    {
        address = default;
        if (text is null || text.Contains('%') || !IPAddress.TryParse(text, out IPAddress? parsed))
            return false;
        // IPAddress reads "10.1", "167837697", "0x0a.0.0.1" and the octal "010.0.0.1" too; nobody means those in a configuration.
        if (!text.Contains(':') && !IsDottedDecimal(text))
            return false;
        address = From(parsed);
        return true;
    }

    /// <exception cref="FormatException">The text is no address.</exception>
    public static IpAddress Parse(string text) =>
        TryParse(text, out IpAddress address) ? address : throw new FormatException($"'{text}' is not an IP address.");

    /// <summary>Four parts of decimal digits, none with a leading zero; their values are the parser's concern.</summary>
    static bool IsDottedDecimal(string text)
    {
        int parts = 0;
        foreach (Range part in text.AsSpan().Split('.'))
        {
            ReadOnlySpan<char> digits = text.AsSpan()[part];
            if (digits.IsEmpty || digits.ContainsAnyExceptInRange('0', '9') || (digits.Length > 1 && digits[0] == '0'))
                return false;
            parts++;
        }
        return parts == 4;
    }

    /// <summary>Writes <see cref="ByteLength"/> octets in network order.</summary>
    public int WriteTo(Span<byte> destination)
    {
        if (_isV6)
            BinaryPrimitives.WriteUInt128BigEndian(destination, Bits);
        else
            BinaryPrimitives.WriteUInt32BigEndian(destination, (uint)_low);
        return ByteLength;
    }

    public byte[] ToByteArray()
    {
        byte[] octets = new byte[ByteLength];
        WriteTo(octets);
        return octets;
    }

    public IPAddress ToIPAddress() => new(ToByteArray());

    /// <summary>This address plus <paramref name="offset"/>, wrapping within its own family.</summary>
    public IpAddress Plus(UInt128 offset) => _isV6 ? V6(Bits + offset) : V4((uint)(_low + (ulong)offset));

    public bool Equals(IpAddress other) => _low == other._low && _high == other._high && _isV6 == other._isV6;

    public override bool Equals(object? obj) => obj is IpAddress other && Equals(other);

    // Not HashCode.Combine: that is seeded per process, and nothing in the core may differ between two processes.
    public override int GetHashCode() => unchecked((int)((_high * 0x9E3779B97F4A7C15UL ^ _low * 0xC2B2AE3D27D4EB4FUL) >> 32)) ^ (_isV6 ? 1 : 0);

    /// <summary>IPv4 before IPv6, then by number.</summary>
    public int CompareTo(IpAddress other)
    {
        if (_isV6 != other._isV6)
            return _isV6 ? 1 : -1;
        return _high != other._high ? _high.CompareTo(other._high) : _low.CompareTo(other._low);
    }

    public override string ToString() => ToIPAddress().ToString();

    public static bool operator ==(IpAddress left, IpAddress right) => left.Equals(right);
    public static bool operator !=(IpAddress left, IpAddress right) => !left.Equals(right);
    public static bool operator <(IpAddress left, IpAddress right) => left.CompareTo(right) < 0;
    public static bool operator >(IpAddress left, IpAddress right) => left.CompareTo(right) > 0;
    public static bool operator <=(IpAddress left, IpAddress right) => left.CompareTo(right) <= 0;
    public static bool operator >=(IpAddress left, IpAddress right) => left.CompareTo(right) >= 0;
}
