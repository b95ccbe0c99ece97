using System.Buffers.Binary;

namespace Ipsec.Ike.Wire;

/// <summary>Flags of the IKE header, RFC 7296 §3.1.</summary>
[Flags]
public enum IkeHeaderFlags : byte
{
    None = 0,

    /// <summary>Set in messages of the original initiator of the IKE SA, whoever started the exchange.</summary>
    Initiator = 0x08,

    /// <summary>The sender could speak a higher major version; ignored on receipt.</summary>
    Version = 0x10,

    /// <summary>The message answers the one with the same message ID.</summary>
    Response = 0x20,
}

/// <summary>
/// The IKE header as a value, RFC 7296 §3.1. Its Next Payload and Length fields belong to the octets, not to the value:
/// the writer computes them.
/// </summary>
/// <param name="ResponderSpi">0 in the first request, whose responder has not chosen yet.</param>
public readonly record struct IkeHeader(ulong InitiatorSpi, ulong ResponderSpi, ExchangeType Exchange, IkeHeaderFlags Flags, uint MessageId)
{
    //                      1                   2                   3
    //  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    // |                       IKE SA Initiator's SPI                  |
    // |                                                               |
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    // |                       IKE SA Responder's SPI                  |
    // |                                                               |
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    // |  Next Payload | MjVer | MnVer | Exchange Type |     Flags     |
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    // |                          Message ID                           |
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    // |                            Length                             |
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    internal const int EncodedLength = 28;
    internal const int LengthOffset = 24;
    const int ResponderSpiOffset = 8;
    internal const int NextPayloadOffset = 16;
    const int VersionOffset = 17;
    const int ExchangeTypeOffset = 18;
    const int FlagsOffset = 19;
    const int MessageIdOffset = 20;

    /// <summary>2; the four high bits of the version octet.</summary>
    public byte MajorVersion { get; init; } = 2;

    /// <summary>0; ignored on receipt (RFC 7296 §2.5).</summary>
    public byte MinorVersion { get; init; }

    public bool IsResponse => (Flags & IkeHeaderFlags.Response) != 0;

    public bool IsRequest => !IsResponse;

    /// <summary>The sender is the original initiator of the IKE SA.</summary>
    public bool IsFromInitiator => (Flags & IkeHeaderFlags.Initiator) != 0;

    /// <summary>
    /// Reads the header of a datagram as far as there is one; <see cref="MessageEnvelope"/> judges it. False for fewer than 28 octets.
    /// </summary>
    internal static bool TryParse(ReadOnlySpan<byte> datagram, out IkeHeader header, out PayloadType nextPayload, out uint length)
    {
        header = default;
        nextPayload = PayloadType.None;
        length = 0;
        if (datagram.Length < EncodedLength)
            return false;
        header = new IkeHeader(
            BinaryPrimitives.ReadUInt64BigEndian(datagram),
            BinaryPrimitives.ReadUInt64BigEndian(datagram[ResponderSpiOffset..]),
            (ExchangeType)datagram[ExchangeTypeOffset],
            (IkeHeaderFlags)datagram[FlagsOffset],
            BinaryPrimitives.ReadUInt32BigEndian(datagram[MessageIdOffset..]))
        {
            MajorVersion = (byte)(datagram[VersionOffset] >> 4),
            MinorVersion = (byte)(datagram[VersionOffset] & 0x0F),
        };
        nextPayload = (PayloadType)datagram[NextPayloadOffset];
        length = BinaryPrimitives.ReadUInt32BigEndian(datagram[LengthOffset..]);
        return true;
    }

    /// <summary>Appends 28 octets; the Length field is patched when the message is complete.</summary>
    internal void Write(OctetWriter writer, PayloadType nextPayload)
    {
        writer.U64(InitiatorSpi);
        writer.U64(ResponderSpi);
        writer.U8((byte)nextPayload);
        writer.U8((byte)(MajorVersion << 4 | MinorVersion & 0x0F));
        writer.U8((byte)Exchange);
        writer.U8((byte)Flags);
        writer.U32(MessageId);
        writer.U32(0);
    }
}
