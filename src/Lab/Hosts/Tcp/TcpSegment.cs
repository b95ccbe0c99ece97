using System.Buffers.Binary;
using Ipsec.Net;

namespace Ipsec.Lab.Hosts.Tcp;

/// <summary>The control bits that this TCP uses (RFC 9293 §3.1).</summary>
[Flags]
enum TcpFlags : byte
{
    None = 0,
    Fin = 1,
    Syn = 2,
    Rst = 4,
    Psh = 8,
    Ack = 16,
}

/// <summary>One segment (RFC 9293 §3.1). Of the options only the maximum segment size is used; others are skipped.</summary>
/// <param name="Window">Octets, not scaled.</param>
/// <param name="MaximumSegmentSize">Null where the option is missing.</param>
sealed record TcpSegment(ushort SourcePort, ushort DestinationPort, SequenceNumber Sequence, SequenceNumber Acknowledgment, TcpFlags Flags, ushort Window,
    ReadOnlyMemory<byte> Data, ushort? MaximumSegmentSize = null)
{
    public const int HeaderLength = 20;
    const int MssOptionLength = 4;
    const byte EndOfOptions = 0;
    const byte NoOperation = 1;
    const byte MssOption = 2;

    public bool Has(TcpFlags flag) => (Flags & flag) != 0;

    /// <summary>What it takes of the sequence space: data, and one for each of SYN and FIN.</summary>
    public int Length => Data.Length + (Has(TcpFlags.Syn) ? 1 : 0) + (Has(TcpFlags.Fin) ? 1 : 0);

    /// <summary>The IP payload, checksum included.</summary>
    public byte[] Write(IpAddress source, IpAddress destination)
    {
        int header = HeaderLength + (MaximumSegmentSize is null ? 0 : MssOptionLength);
        byte[] octets = new byte[header + Data.Length];
        Span<byte> span = octets;
        BinaryPrimitives.WriteUInt16BigEndian(span, SourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(span[2..], DestinationPort);
        BinaryPrimitives.WriteUInt32BigEndian(span[4..], Sequence.Value);
        BinaryPrimitives.WriteUInt32BigEndian(span[8..], Acknowledgment.Value);
        span[12] = (byte)(header / 4 << 4);
        span[13] = (byte)Flags;
        BinaryPrimitives.WriteUInt16BigEndian(span[14..], Window);
        if (MaximumSegmentSize is ushort size)
        {
            span[HeaderLength] = MssOption;
            span[HeaderLength + 1] = MssOptionLength;
            BinaryPrimitives.WriteUInt16BigEndian(span[(HeaderLength + 2)..], size);
        }
        Data.Span.CopyTo(span[header..]);
        uint pseudo = InternetChecksum.PseudoHeader(source, destination, IpProtocol.Tcp, octets.Length);
        BinaryPrimitives.WriteUInt16BigEndian(span[16..], InternetChecksum.Compute(octets, pseudo));
        return octets;
    }

    /// <summary>Null where it is malformed or its checksum is wrong.</summary>
    public static TcpSegment? TryParse(in IpPacket packet)
    {
        ReadOnlySpan<byte> octets = packet.Payload;
        if (octets.Length < HeaderLength)
            return null;
        int header = (octets[12] >> 4) * 4;
        if (header < HeaderLength || header > octets.Length
            || !InternetChecksum.IsValid(octets, InternetChecksum.PseudoHeader(packet.Source, packet.Destination, IpProtocol.Tcp, octets.Length)))
            return null;
        if (!TryReadOptions(octets[HeaderLength..header], out ushort? size))
            return null;
        return new TcpSegment(BinaryPrimitives.ReadUInt16BigEndian(octets), BinaryPrimitives.ReadUInt16BigEndian(octets[2..]),
            new SequenceNumber(BinaryPrimitives.ReadUInt32BigEndian(octets[4..])), new SequenceNumber(BinaryPrimitives.ReadUInt32BigEndian(octets[8..])),
            (TcpFlags)octets[13], BinaryPrimitives.ReadUInt16BigEndian(octets[14..]), octets[header..].ToArray(), size);
    }

    static bool TryReadOptions(ReadOnlySpan<byte> options, out ushort? size)
    {
        size = null;
        while (!options.IsEmpty && options[0] != EndOfOptions)
        {
            if (options[0] == NoOperation)
            {
                options = options[1..];
                continue;
            }
            if (options.Length < 2 || options[1] < 2 || options[1] > options.Length)
                return false;
            if (options[0] == MssOption && options[1] == MssOptionLength)
                size = BinaryPrimitives.ReadUInt16BigEndian(options[2..]);
            options = options[options[1]..];
        }
        return true;
    }
}
