namespace Ipsec.Ike.Wire;

/// <summary>Notify payload, RFC 7296 §3.10. Types that we do not know are kept as numbers.</summary>
public sealed record NotifyPayload(ProtocolId Protocol, ReadOnlyMemory<byte> Spi, NotifyType NotifyType, ReadOnlyMemory<byte> Data)
    : Payload(PayloadType.Notify)
{
    //                      1                   2                   3
    //  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    // | Next Payload  |C|  RESERVED   |         Payload Length        |
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    // |  Protocol ID  |   SPI Size    |      Notify Message Type      |
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    // ~                Security Parameter Index (SPI)                 ~
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    // ~                       Notification Data                       ~
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    const ushort FirstStatusType = 16384;

    public NotifyPayload(NotifyType type) : this(ProtocolId.None, default, type, default) { }
    public NotifyPayload(NotifyType type, ReadOnlyMemory<byte> data) : this(ProtocolId.None, default, type, data) { }

    /// <summary>Types below 16384 report errors, the others are status (RFC 7296 §3.10.1).</summary>
    public bool IsError => (ushort)NotifyType < FirstStatusType;

    /// <summary>Null if the body is malformed, or if a type whose content we read does not have the content it must have.</summary>
    internal static NotifyPayload? Parse(ReadOnlySpan<byte> body)
    {
        var reader = new OctetReader(body);
        var protocol = (ProtocolId)reader.U8();
        int spiLength = reader.U8();
        var type = (NotifyType)reader.U16();
        ReadOnlySpan<byte> spi = reader.Take(spiLength);
        ReadOnlySpan<byte> data = reader.TakeRest();
        return reader.IsComplete && HasContent(type, spiLength, data.Length)
            ? new NotifyPayload(protocol, spi.ToArray(), type, data.ToArray())
            : null;
    }

    internal override void WriteBody(OctetWriter writer)
    {
        writer.U8((byte)Protocol);
        writer.U8((byte)Spi.Length);
        writer.U16((ushort)NotifyType);
        writer.Octets(Spi.Span);
        writer.Octets(Data.Span);
    }

    public bool Equals(NotifyPayload? other) => base.Equals(other) && Protocol == other!.Protocol && NotifyType == other.NotifyType
        && Spi.Span.SequenceEqual(other.Spi.Span) && Data.Span.SequenceEqual(other.Data.Span);

    public override int GetHashCode() => (int)NotifyType << 16 ^ (int)Protocol << 8 ^ Data.Length;

    static bool HasContent(NotifyType type, int spiLength, int dataLength) => type switch
    {
        NotifyType.InvalidKePayload => dataLength == 2,                                              // §1.2: the group wanted
        NotifyType.UnsupportedCriticalPayload => dataLength == 1,                                    // §2.5: the payload type
        NotifyType.Cookie => dataLength is >= 1 and <= 64,                                           // §2.6
        NotifyType.AuthLifetime => dataLength == 4,                                                  // RFC 4478 §3: seconds
        NotifyType.SetWindowSize => dataLength == 4,                                                 // §2.3
        NotifyType.NatDetectionSourceIp or NotifyType.NatDetectionDestinationIp => dataLength == 20, // §2.23: SHA-1
        NotifyType.QuickCrashDetection => dataLength is >= 16 and <= 128,                            // RFC 6290 §5
        NotifyType.AdditionalIp4Address => dataLength == 4,                                          // RFC 4555 §4.2.2
        NotifyType.AdditionalIp6Address => dataLength == 16,
        NotifyType.Cookie2 => dataLength is >= 8 and <= 64,                                          // RFC 4555 §4.2.5
        NotifyType.NoNatsAllowed => dataLength is 12 or 36,                                          // RFC 4555 §4.2.6
        NotifyType.RekeySa => spiLength == 4,                                                        // §1.3.3: a child SA
        _ => true,
    };
}
