using System.Buffers.Binary;
using Ipsec.Net;

namespace Ipsec.Lab.Hosts;

/// <summary>ICMP and ICMPv6 echo messages (RFC 792, RFC 4443 §4.1), which share one layout.</summary>
readonly ref struct EchoMessage
{
    //  |     Type      |     Code      |           Checksum            |
    //  |          Identifier           |        Sequence Number        |
    //  |     Data ...
    public const int HeaderLength = 8;
    const int ChecksumOffset = 2;
    const int IdentifierOffset = 4;
    const int SequenceOffset = 6;

    readonly ReadOnlySpan<byte> _message;

    EchoMessage(ReadOnlySpan<byte> message, bool isRequest)
    {
        _message = message;
        IsRequest = isRequest;
    }

    public bool IsRequest { get; }
    public ushort Identifier => BinaryPrimitives.ReadUInt16BigEndian(_message[IdentifierOffset..]);
    public ushort Sequence => BinaryPrimitives.ReadUInt16BigEndian(_message[SequenceOffset..]);
    public ReadOnlySpan<byte> Data => _message[HeaderLength..];

    /// <summary>Reads an echo request or reply whose checksum is right.</summary>
    public static bool TryParse(IpPacket packet, out EchoMessage echo)
    {
        echo = default;
        ReadOnlySpan<byte> message = packet.Payload;
        if (packet.IsFragment || message.Length < HeaderLength || message[1] != 0 || !HasValidChecksum(packet))
            return false;
        (byte request, byte reply) = Types(packet.IsV6);
        if (message[0] != request && message[0] != reply)
            return false;
        echo = new EchoMessage(message, message[0] == request);
        return true;
    }

    /// <summary>True for ICMP of the packet's own family with a valid checksum (RFC 4443 §2.3 adds a pseudo-header).</summary>
    public static bool HasValidChecksum(IpPacket packet) =>
        packet.Protocol == ProtocolOf(packet.IsV6) && InternetChecksum.IsValid(packet.Payload,
            InitialSum(packet.Source, packet.Destination, packet.Payload.Length));

    public static byte[] Write(bool isRequest, IpAddress source, IpAddress destination, ushort identifier, ushort sequence, ReadOnlySpan<byte> data)
    {
        byte[] message = new byte[HeaderLength + data.Length];
        (byte request, byte reply) = Types(source.IsV6);
        message[0] = isRequest ? request : reply;
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(IdentifierOffset), identifier);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(SequenceOffset), sequence);
        data.CopyTo(message.AsSpan(HeaderLength));
        WriteChecksum(message, source, destination);
        return message;
    }

    /// <summary>Fills in the checksum of an ICMP or ICMPv6 message whose checksum field is zero.</summary>
    public static void WriteChecksum(Span<byte> message, IpAddress source, IpAddress destination) =>
        BinaryPrimitives.WriteUInt16BigEndian(message[ChecksumOffset..], InternetChecksum.Compute(message, InitialSum(source, destination, message.Length)));

    public static byte ProtocolOf(bool isV6) => isV6 ? IpProtocol.IcmpV6 : IpProtocol.Icmp;

    public static byte RequestType(bool isV6) => Types(isV6).Request;

    static (byte Request, byte Reply) Types(bool isV6) => isV6 ? ((byte)128, (byte)129) : ((byte)8, (byte)0);

    static uint InitialSum(IpAddress source, IpAddress destination, int length) =>
        source.IsV6 ? InternetChecksum.PseudoHeader(source, destination, IpProtocol.IcmpV6, length) : 0;
}
