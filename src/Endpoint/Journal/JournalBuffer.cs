using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using Ipsec.Net;

namespace Ipsec.Endpoint.Journal;

/// <summary>The fields of which a journal record is made, written one behind the other. The same values give the same octets.</summary>
sealed class JournalBuffer
{
    readonly ArrayBufferWriter<byte> _octets = new();

    public ReadOnlySpan<byte> Written => _octets.WrittenSpan;

    public void Clear() => _octets.ResetWrittenCount();

    public JournalBuffer Octet(byte value)
    {
        _octets.GetSpan(1)[0] = value;
        _octets.Advance(1);
        return this;
    }

    public JournalBuffer Flag(bool value) => Octet(value ? (byte)1 : (byte)0);

    /// <summary>Seven bits per octet, least significant first; the high bit says that more follow.</summary>
    public JournalBuffer Number(ulong value)
    {
        while (value >= 0x80)
        {
            Octet((byte)(value | 0x80));
            value >>= 7;
        }
        return Octet((byte)value);
    }

    public JournalBuffer Octets(ReadOnlySpan<byte> value)
    {
        Number((ulong)value.Length);
        _octets.Write(value);
        return this;
    }

    /// <summary>UTF-8 with its length in front; null is told apart from the empty text.</summary>
    public JournalBuffer Text(string? value)
    {
        if (value is null)
            return Octet(0);
        Octet(1);
        return Octets(Encoding.UTF8.GetBytes(value));
    }

    /// <summary>Monotonic time and UTC in ticks of 100 ns.</summary>
    public JournalBuffer Time(Instant value)
    {
        Span<byte> octets = _octets.GetSpan(16);
        BinaryPrimitives.WriteInt64BigEndian(octets, value.Monotonic.Ticks);
        BinaryPrimitives.WriteInt64BigEndian(octets[8..], value.Utc.UtcTicks);
        _octets.Advance(16);
        return this;
    }

    public JournalBuffer Address(IpAddress value) => Octets(value.ToByteArray());

    public JournalBuffer Path(NetworkPath value)
    {
        Octet((byte)value.Encapsulation);
        Address(value.Local.Address).Number(value.Local.Port);
        return Address(value.Remote.Address).Number(value.Remote.Port);
    }

    public JournalBuffer Prefix(IpPrefix value) => Address(value.Address).Number((ulong)value.Length);

    public JournalBuffer Selectors(ImmutableArray<TrafficSelector> value)
    {
        Number((ulong)value.Length);
        foreach (TrafficSelector selector in value)
        {
            Address(selector.Addresses.First).Address(selector.Addresses.Last).Octet(selector.Protocol);
            Number(selector.FirstPort).Number(selector.LastPort);
        }
        return this;
    }

    public JournalBuffer Texts(ImmutableArray<string> value)
    {
        Number((ulong)value.Length);
        foreach (string text in value)
            Text(text);
        return this;
    }
}
