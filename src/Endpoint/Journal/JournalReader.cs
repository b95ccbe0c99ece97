using System.Buffers.Binary;
using System.Text;
using Ipsec.Net;

namespace Ipsec.Endpoint.Journal;

/// <summary>
/// Reads the fields of one record body in the order in which <see cref="JournalBuffer"/> wrote them. A file may be damaged, so nothing throws.
/// </summary>
ref struct JournalReader(ReadOnlySpan<byte> octets)
{
    ReadOnlySpan<byte> _rest = octets;

    /// <summary>False once a field was cut short or made no sense; every later field is then a default value.</summary>
    public bool IsValid { get; private set; } = true;

    public readonly bool IsAtEnd => _rest.IsEmpty;

    /// <summary>Splits the next record off a journal: its kind, its whole octets and its body.</summary>
    public static bool TryReadRecord(ReadOnlySpan<byte> journal, out JournalRecordKind kind, out int recordLength, out ReadOnlySpan<byte> body)
    {
        JournalReader reader = new(journal);
        kind = (JournalRecordKind)reader.Octet();
        body = reader.Octets();
        recordLength = journal.Length - reader._rest.Length;
        return reader.IsValid;
    }

    public byte Octet()
    {
        ReadOnlySpan<byte> octet = Take(1);
        return octet.IsEmpty ? (byte)0 : octet[0];
    }

    public ulong Number()
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte octet = Octet();
            value |= (ulong)(octet & 0x7F) << shift;
            if (octet < 0x80)
                return value;
        }
        IsValid = false;
        return 0;
    }

    public ReadOnlySpan<byte> Octets()
    {
        ulong length = Number();
        return length > (ulong)_rest.Length ? Fail() : Take((int)length);
    }

    public string? Text() => Octet() == 0 ? null : Encoding.UTF8.GetString(Octets());

    public Instant Time()
    {
        ReadOnlySpan<byte> octets = Take(16);
        if (octets.IsEmpty)
            return default;
        long monotonic = BinaryPrimitives.ReadInt64BigEndian(octets);
        long utc = BinaryPrimitives.ReadInt64BigEndian(octets[8..]);
        // Half of the range, so that adding a lifetime cannot overflow.
        if (monotonic is >= 0 and < long.MaxValue / 2 && utc >= 0 && utc < DateTimeOffset.MaxValue.Ticks / 2)
            return new Instant(new TimeSpan(monotonic), new DateTimeOffset(utc, TimeSpan.Zero));
        Fail();
        return default;
    }

    public IpAddress Address()
    {
        ReadOnlySpan<byte> octets = Octets();
        if (octets.Length is 4 or 16)
            return IpAddress.FromBytes(octets);
        Fail();
        return default;
    }

    public NetworkPath Path()
    {
        byte encapsulation = Octet();
        if (encapsulation > (byte)PathEncapsulation.RawEsp)
            Fail();
        TransportAddress local = new(Address(), (ushort)Number());
        TransportAddress remote = new(Address(), (ushort)Number());
        return new NetworkPath(local, remote, (PathEncapsulation)encapsulation);
    }

    ReadOnlySpan<byte> Take(int count)
    {
        if (count > _rest.Length)
            return Fail();
        ReadOnlySpan<byte> taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    ReadOnlySpan<byte> Fail()
    {
        IsValid = false;
        _rest = default;
        return default;
    }
}
